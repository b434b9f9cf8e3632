/**
 * Whatever a crash leaves of a page and its last edits, a start brings all that was acknowledged
 * back, once and whole, and puts an end to no save of another program.
 */

import { describe, expect, test } from 'bun:test';
import {
  type Content,
  type Crash,
  CrashedPage,
  type Since,
  type StepKind,
} from './crashed-page.ts';
import { faultsOf, standing, start, ToldLedger } from './start-after-crash.ts';
import { isDeath, UnsyncedFileSystem } from './unsynced-file-system.ts';

const chains: readonly (readonly StepKind[])[] = [
  ['create'],
  ['insert'],
  ['replace'],
  ['remove'],
  ['create', 'insert'],
  ['insert', 'replace'],
  ['create', 'remove'],
  ['remove', 'create'],
  ['insert', 'outside', 'insert'],
  ['insert', 'remove', 'create', 'replace'],
];

const contents: readonly Content[] = ['whole', 'empty', 'zeros', 'short'];

const changes: readonly Since[] = [
  'nothing',
  'saved by rename',
  'saved in place',
  'emptied in place',
  'emptied, with an older time',
  'saved in place in its tick',
  'saved into what was displaced',
  'removed',
  'folder in its place',
  'link in its place',
  'folder removed',
];

/** Every state in which the files of a chain may be. */
function* crashesOf(steps: readonly StepKind[], rest: Partial<Crash> = {}): Generator<Crash> {
  for (const state of ['pending', 'finished'] as const) {
    for (let names = 0; names <= 2 * steps.length; names += 1) {
      for (const prepared of ['there', 'lost'] as const) {
        for (const since of changes) {
          const some = since === 'nothing' ? contents : contents.slice(0, 2);
          for (const content of some) {
            yield { steps, state, names, prepared, content, since, ...rest };
          }
        }
      }
    }
  }
}

/** Others, each for a rule of its own. */
function* rareCrashes(): Generator<Crash> {
  const whole = {
    state: 'pending',
    prepared: 'there',
    content: 'whole',
    since: 'nothing',
  } as const;
  for (const kind of ['create', 'insert', 'replace', 'remove'] as const) {
    for (const since of changes) {
      // It never came into the journal, and so nothing of it was made public.
      yield { ...whole, steps: [kind], names: 0, state: 'begun', since };
    }
  }
  for (const steps of chains) {
    if (steps.at(-1) === 'remove') continue;
    // The last one's content is in its file alone, which was synced, and so was its name.
    yield* [...crashesOf(steps, { isLarge: true })].filter(isSynced);
  }
  for (const content of contents) {
    for (let names = 0; names <= 6; names += 1) {
      const three = { ...whole, steps: ['insert', 'replace', 'insert'], names, content } as const;
      yield { ...three, pruned: [1, 2] };
      for (const keptMax of [0, 1]) yield { ...three, keptMax };
    }
  }
}

function isSynced({ since, prepared }: Crash): boolean {
  return prepared === 'there' && since !== 'removed' && since !== 'saved in place in its tick';
}

function describeCrash({ steps, ...rest }: Crash): string {
  return `${steps.join(', ')}: ${JSON.stringify(rest)}`;
}

/** What is wrong after a start over that. */
function afterStart(crash: Crash): string[] {
  using world = new CrashedPage(crash);
  const before = standing(world.path);
  const ledger = new ToldLedger(world);
  start(ledger);
  return faultsOf(ledger, before).map((fault) => `${describeCrash(crash)}: ${fault}`);
}

describe('a start finds', () => {
  for (const steps of chains) {
    test(steps.join(', '), () => {
      const crashes = [...crashesOf(steps)];
      expect(crashes.flatMap(afterStart)).toEqual([]);
    });
  }

  test('edits that are not in the journal, or not all of it; versions that are not kept', () => {
    expect([...rareCrashes()].flatMap(afterStart)).toEqual([]);
  });
});

/** More calls that change something than a start makes. */
const callsMax = 60;

/** Lets a start die before each of its calls, and another one begin anew. */
function afterSecondCrash(crash: Crash, content: Content): string[] {
  const faults: string[] = [];
  for (let nth = 0; nth < callsMax; nth += 1) {
    using world = new CrashedPage(crash);
    const before = standing(world.path);
    const ledger = new ToldLedger(world);
    const fileSystem = new UnsyncedFileSystem();
    fileSystem.dieBefore(nth);
    try {
      start(ledger, fileSystem);
    } catch (error) {
      if (!isDeath(error)) throw error;
    }
    const { diedBefore } = fileSystem;
    if (diedBefore === undefined) return faults;
    fileSystem.cut(world.root, content);
    start(ledger);
    const at = `${describeCrash(crash)}; died before ${nth}: ${diedBefore}, ${content}`;
    faults.push(...faultsOf(ledger, before).map((fault) => `${at}: ${fault}`));
  }
  throw new Error(`more than ${callsMax} calls`);
}

/** Crashes that leave a start the most to do. */
function isMuch({ since, state, prepared, content }: Crash): boolean {
  const isOneOfBoth = (state === 'pending') === (prepared === 'there');
  return since === 'nothing' && isOneOfBoth && (content === 'whole' || content === 'empty');
}

describe('a start dies before each of its calls, and the next one finds', () => {
  for (const isPortable of [false, true]) {
    for (const steps of chains) {
      test(`${steps.join(', ')}${isPortable ? ', portable calls' : ''}`, () => {
        const crashes = [...crashesOf(steps, { isPortable })].filter(isMuch);
        const faults = crashes.flatMap((crash) => [
          ...afterSecondCrash(crash, 'whole'),
          ...afterSecondCrash(crash, 'empty'),
        ]);
        expect(faults).toEqual([]);
      });
    }
  }
});
