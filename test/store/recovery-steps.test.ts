/**
 * The publisher is killed before each of its calls, and so is the recovery that follows: each edit
 * is done or not done, the ledger says which, and what it displaced is kept.
 */

import { describe, expect, test } from 'bun:test';
import { existsSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ledgerRows } from '../support/agreement.ts';
import {
  type DoomedEdit,
  doomed,
  faultsAfter,
  faultsAfterSaves,
  Lives,
  type Plan,
  SavesBetween,
} from './deaths.ts';
import { openLate } from './open-parts.ts';

/** More calls than a group makes. */
const callsMax = 200;

interface Death {
  /** The calls that the publisher, and then the recovery, died before. */
  readonly before: string;
  readonly faults: readonly string[];
}

/** Lets the publisher die before each of its calls, and right after its answers. */
function deaths(plan: Plan): Death[] {
  const found: Death[] = [];
  for (let nth = 0; nth < callsMax; nth += 1) {
    using lives = new Lives(plan);
    const before = lives.edit(nth);
    plan.afterDeath?.(lives.root);
    found.push({ before: `${nth}: ${before}`, faults: faultsAfter(lives) });
    if (before === undefined) return found;
  }
  throw new Error(`more than ${callsMax} calls`);
}

/** The same, and then lets the recovery die before each of its calls. */
function secondDeaths(plan: Plan): Death[] {
  const found: Death[] = [];
  const firstStates = new Set<string>();
  const states = new Set<string>();
  let isOver = false;
  for (let nth = 0; !isOver && nth < callsMax; nth += 1) {
    for (let second = 0; second < callsMax; second += 1) {
      using lives = new Lives(plan);
      const before = lives.edit(nth);
      isOver = before === undefined;
      // Nothing has changed since the call before, so neither will what follows.
      if (second === 0 && isOld(firstStates, lives.state())) break;
      const secondBefore = lives.recover(second);
      if (secondBefore === undefined) break;
      if (isOld(states, lives.state())) continue;
      const at = `${nth}: ${before}, ${second}: ${secondBefore}`;
      found.push({ before: at, faults: faultsAfter(lives) });
    }
  }
  return found;
}

function isOld(states: Set<string>, state: string): boolean {
  const isKnown = states.has(state);
  states.add(state);
  return isKnown;
}

const wrong = ({ faults }: Death): boolean => faults.length > 0;

const all = Object.values(doomed);
const groups: readonly (readonly [name: string, edits: readonly DoomedEdit[]])[] = [
  ...Object.entries(doomed).map(([name, edit]) => [name, [edit]] as const),
  ['all of them in one group', all],
];

/** Loses the new pages that a power cut may take: nothing was done with them yet. */
function removeUnsynced(root: string): void {
  for (const { pending, inode, page, displaces } of ledgerRows(root)) {
    if (pending === 0n) continue;
    if (existsSync(join(root, `.inkwire/history/${page}/${displaces}`))) continue;
    for (const name of readdirSync(join(root, '.inkwire/tmp'))) {
      const path = join(root, '.inkwire/tmp', name);
      const { ino, nlink } = lstatSync(path, { bigint: true });
      if (ino === inode && nlink === 1n) rmSync(path);
    }
  }
}

function emptyTemporary(root: string): void {
  for (const name of readdirSync(join(root, '.inkwire/tmp'))) {
    rmSync(join(root, '.inkwire/tmp', name));
  }
}

for (const portable of [false, true]) {
  describe(portable ? 'killed, portable calls' : 'killed', () => {
    test.each(groups)('before each call: %s', (_, edits) => {
      const found = deaths({ edits, portable });
      expect(found.filter(wrong)).toEqual([]);
      expect(found.length).toBeGreaterThan(10);
    });

    test('and again before each call of the recovery', () => {
      const found = secondDeaths({ edits: all, portable });
      expect(found.filter(wrong)).toEqual([]);
      expect(found.length).toBeGreaterThan(10);
    }, 20_000);

    test('a record that came to the disk without its page is of an edit that did not happen', () => {
      const found = deaths({ edits: all, portable, afterDeath: removeUnsynced });
      expect(found.filter(wrong)).toEqual([]);
    });

    test('who removes the history then removes nothing else', () => {
      const afterDeath = (root: string): void => {
        rmSync(join(root, '.inkwire/history'), { recursive: true });
      };
      // Whether a page was removed is told by the history alone.
      const edits = [doomed.create, doomed.replace, doomed.insert];
      const ofHistory = /not in the history$|and kept as undefined$|the replay is/;
      const found = deaths({ edits, portable, afterDeath }).flatMap(({ before, faults }) =>
        faults.filter((fault) => !ofHistory.test(fault)).map((fault) => `${before}: ${fault}`),
      );
      expect(found).toEqual([]);
    });
  });
}

// Without an exchange there is no call between the new name and the record that comes too late.
test('killed: too much for a ledger that is written when all is public', () => {
  const open: Plan['open'] = (options, fileSystem) => openLate(options, fileSystem);
  const found = deaths({ edits: [doomed.insert], portable: false, open });
  const faults = found.flatMap((death) => death.faults).join('\n');
  expect(faults).toMatch(/sent again, the page is ".*<h2> 1 .*<h2> 1 /);
});

describe('killed while another program saves', () => {
  const rows: readonly (readonly [edit: DoomedEdit, calls: readonly string[]])[] = [
    [doomed.insert, ['exchangeat']],
    // The second one comes while the first is made the page again.
    [doomed.insert, ['exchangeat', 'exchangeat']],
    [doomed.remove, ['renameat']],
    [doomed.remove, ['renameat', 'renameUnlessTakenat']],
  ];

  /** Lets the publisher die before each of its calls. */
  function deathsUnderSaves(
    edit: DoomedEdit,
    calls: readonly string[],
    afterDeath: (root: string) => void = () => {},
  ): Death[] {
    const found: Death[] = [];
    let before: string | undefined = '';
    for (let nth = 0; before !== undefined && nth < callsMax; nth += 1) {
      const saves = new SavesBetween(calls, edit.path);
      const { meanwhile } = saves;
      using lives = new Lives({ edits: [edit], portable: false, meanwhile });
      before = lives.edit(nth);
      afterDeath(lives.root);
      lives.open();
      const faults = faultsAfterSaves(lives, saves);
      found.push({ before: `${nth}: ${before}, then ${saves.last}`, faults });
    }
    return found;
  }

  test.each(rows)('no save is lost: %#', (edit, calls) => {
    const found = deathsUnderSaves(edit, calls);
    expect(found.filter(wrong)).toEqual([]);
    expect(found.length).toBeGreaterThan(10);
  });

  test('too much for a start that empties the folder of new pages before it looks', () => {
    const found = deathsUnderSaves(doomed.insert, ['exchangeat'], emptyTemporary);
    expect(found.flatMap(({ faults }) => faults).join('\n')).toContain(' is lost');
  });
});
