/**
 * Whatever a crash leaves of a page and its last edits, a start brings all that was acknowledged
 * back, once and whole, and puts an end to no save of another program.
 */

import { describe, expect, test } from 'bun:test';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { hasErrno } from '../../src/store/errno.ts';
import {
  type Content,
  type Crash,
  CrashedPage,
  pageMode,
  type Since,
  type StepKind,
  saveByRename,
  savedText,
} from './crashed-page.ts';
import { type Fault, FaultyFileSystem } from './faulty-file-system.ts';
import { faultsOf, historyOf, standing, start, ToldLedger } from './start-after-crash.ts';
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
  'saved as it was before',
  'saved in place',
  'emptied in place',
  'emptied, with an older time',
  'saved in place in its tick',
  'grown in place in its tick',
  'saved by rename in its tick',
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
      for (const isPruningLost of [false, true]) yield { ...three, pruned: [1, 2], isPruningLost };
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

/** A server need not be the superuser: then a page may be one that it cannot read. */
describe('a page that may not be read', () => {
  const rows: readonly (readonly [since: Since, page: string])[] = [
    ['nothing', '<p>version version 1</p>'],
    ['saved by rename', savedText],
  ];
  test.each(rows)('is told by its file: %s', (since, page) => {
    const rest = { names: 0, state: 'pending', prepared: 'there', content: 'whole' } as const;
    using world = new CrashedPage({ ...rest, steps: ['insert'], since });
    const fileSystem = new FaultyFileSystem();
    fileSystem.arm('EACCES', 0, 'openat');
    start(new ToldLedger(world), fileSystem);
    expect(fileSystem.failed).toBe('openat');
    expect(standing(world.path)).toBe(page);
  });
});

/** More calls than a start makes. */
const callsMax = 120;

/** Lets a start die before each of its calls, and another one begin anew. */
function afterSecondCrash(crash: Crash): string[] {
  const { content } = crash;
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
    const at = `${describeCrash(crash)}; died before ${nth}: ${diedBefore}`;
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
        // A removal has no content that could be large.
        const isLarge = steps.length === 1 && steps[0] !== 'remove';
        if (isLarge)
          crashes.push(...[...crashesOf(steps, { isPortable, isLarge })].filter(isSynced));
        expect(crashes.filter(isMuch).flatMap(afterSecondCrash)).toEqual([]);
      });
    }
  }
});

/** What another program does between two calls of a start, and what is to be kept then. */
const meanwhile: readonly {
  readonly what: string;
  readonly run: (path: string) => void;
  readonly kept: 'the save' | 'the last version' | 'either';
}[] = [
  { what: 'saves by rename', run: (path) => saveByRename(path, savedText), kept: 'the save' },
  { what: 'saves in place', run: (path) => writeFileSync(path, savedText), kept: 'the save' },
  { what: 'removes it', run: (path) => rmSync(path, { force: true }), kept: 'either' },
  {
    what: 'changes its mode',
    run: (path) => existsSync(path) && chmodSync(path, pageMode),
    kept: 'the last version',
  },
];

/** Lets it be done before each call of a start. */
function afterMeanwhile(crash: Crash, { what, run, kept }: (typeof meanwhile)[number]): string[] {
  const faults: string[] = [];
  for (let nth = 0; nth < callsMax; nth += 1) {
    using world = new CrashedPage(crash);
    const fileSystem = new FaultyFileSystem();
    let left = nth;
    let before: string | undefined;
    fileSystem.beforeCall = (call): void => {
      left -= 1;
      if (left !== -1) return;
      before = call;
      run(world.path);
    };
    start(new ToldLedger(world), fileSystem);
    if (before === undefined) return faults;
    if (kept === 'either') continue;
    const all = [standing(world.path), ...historyOf(world).values()];
    const want = kept === 'the save' ? savedText : world.versions.at(-1)?.text;
    const at = `${describeCrash(crash)}; ${what} before ${nth}: ${before}`;
    if (!all.includes(want)) faults.push(`${at}: there is ${JSON.stringify(all)}`);
  }
  throw new Error(`more than ${callsMax} calls`);
}

describe('before each call of a start another program', () => {
  for (const one of meanwhile) {
    test(one.what, () => {
      const few = chains.filter((steps) => steps.length === 1);
      const crashes = few.flatMap((steps) => [...crashesOf(steps)].filter(isMuch));
      expect(crashes.flatMap((crash) => afterMeanwhile(crash, one))).toEqual([]);
    });
  }
});

test('of two saves before two exchanges of a start the last is the page, the other is kept', () => {
  const rest = { names: 0, state: 'pending', prepared: 'there', content: 'whole' } as const;
  using world = new CrashedPage({ ...rest, steps: ['insert'], since: 'nothing' });
  const fileSystem = new FaultyFileSystem();
  const saves = [savedText, '<p>saved again</p>'];
  fileSystem.beforeCall = (call): void => {
    const text = call === 'exchangeat' ? saves.shift() : undefined;
    if (text !== undefined) saveByRename(world.path, text);
  };
  const ledger = new ToldLedger(world);
  start(ledger, fileSystem);
  expect(standing(world.path)).toBe('<p>saved again</p>');
  expect(ledger.outside.map((revision) => historyOf(world).get(revision))).toEqual([savedText]);
});

describe('what a start has done is synced before the ledger is told, which then forgets', () => {
  const rest = { names: 2, state: 'pending', prepared: 'there', content: 'whole' } as const;
  const rows: readonly (readonly [fault: Fault | undefined, want: readonly string[]])[] = [
    [undefined, ['syncfs', 'settle', 'forgetLeftOver']],
    // The page, its folder, the version, its folder and the one above.
    ['ENOSYS', ['syncfs', ...Array(5).fill('fsync'), 'settle', 'forgetLeftOver']],
    ['EIO', ['syncfs', 'EIO']],
  ];
  test.each(rows)('syncfs: %s', (fault, want) => {
    using world = new CrashedPage({ ...rest, steps: ['insert'], since: 'nothing' });
    const events: string[] = [];
    const ledger = new ToldLedger(world, (event) => events.push(event));
    const fileSystem = new FaultyFileSystem();
    if (fault !== undefined) fileSystem.arm(fault, 0, 'syncfs');
    fileSystem.beforeCall = (call): void => {
      if (call === 'syncfs' || call === 'fsync') events.push(call);
    };
    try {
      start(ledger, fileSystem);
    } catch (error) {
      events.push(hasErrno(error, 'EIO') ? 'EIO' : String(error));
    }
    expect(events).toEqual([...want]);
  });
});
