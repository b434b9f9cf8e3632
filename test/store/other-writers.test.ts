/**
 * Another program saves a page in the moments in which an edit is published: between two calls,
 * each moment in turn. The edit is to be done only on the page as it was at first, so that one
 * which was done and yet follows a save has destroyed it.
 */

import { describe, expect, test } from 'bun:test';
import {
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  type DoomedEdit,
  doomed,
  faultsAfterSaves,
  Lives,
  SavesBetween,
  untruths,
} from './deaths.ts';
import { FaultyFileSystem } from './faulty-file-system.ts';
import {
  brief,
  edit,
  type FileTestStore,
  fileStore,
  readPage,
  remove,
  replace,
} from './support.ts';

/** How other programs save. */
const ways = {
  'in place': (path: string, content: string) => writeFileSync(path, content),
  'by rename': (path: string, content: string) => {
    writeFileSync(`${path}.new`, content);
    renameSync(`${path}.new`, path);
  },
  'by removing': (path: string) => rmSync(path, { force: true }),
} as const;

/** A save of the same size that puts the time back: only the time of change tells of it. */
function saveUnseen(path: string, content: string): void {
  const times = existsSync(path) ? statSync(path) : undefined;
  writeFileSync(path, content.slice(0, old.length));
  if (times !== undefined) utimesSync(path, times.atimeMs / 1_000, times.mtimeMs / 1_000);
}

type Way = keyof typeof ways | 'unseen';
type Change = 'replace' | 'remove';

const old = 'old page';

/** An edit that is done only on the page as it is now. */
function guarded(store: FileTestStore, change: Change) {
  const { result } = readPage(store, 'p');
  const tag = result.kind === 'found' ? result.state.tag : undefined;
  if (tag === undefined) throw new Error('the page has no tag');
  const conditions = { ifMatch: { tags: [tag] } };
  return change === 'replace' ? replace('new', conditions) : remove(conditions);
}

/** Runs an edit, with a save before the calls of these numbers; returns what came of it. */
function editBetween(change: Change, saves: readonly (readonly [at: number, way: Way])[]) {
  const fileSystem = new FaultyFileSystem();
  using store = fileStore({ fileSystem, portable: false, durability: 'sync' });
  edit(store, 'p', replace(old));
  const path = join(store.root, 'p');
  // A whole second can be put back exactly.
  utimesSync(path, 1_000, 1_000);
  const only = guarded(store, change);
  let call = 0;
  let saved = 0;
  fileSystem.beforeCall = () => {
    for (const [at, way] of saves) {
      if (at !== call) continue;
      saved += 1;
      const save = way === 'unseen' ? saveUnseen : ways[way];
      save(path, `save no. ${saved}`);
    }
    call += 1;
  };
  const result = brief(edit(store, 'p', only));
  fileSystem.beforeCall = () => {};
  const page = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  const [, lastWay] = saves[saved - 1] ?? [];
  const text = `save no. ${saved}`;
  const whole = lastWay === 'unseen' ? text.slice(0, old.length) : text;
  const kept = lastWay === 'by removing' ? undefined : whole;
  return { result, page, saved, kept, calls: call, left: store.temporaries() };
}

/** More than the calls of an edit that nobody disturbs. */
const callsMax = Math.max(editBetween('replace', []).calls, editBetween('remove', []).calls);

describe.each(['replace', 'remove'] as const)('%s', (change) => {
  const edited = change === 'replace' ? 'new' : undefined;

  test.each(Object.keys(ways) as (keyof typeof ways)[])('one save %s before each call', (way) => {
    const seen = new Set<string>();
    for (let at = 0; at <= callsMax; at += 1) {
      const { result, page, saved, kept, left } = editBetween(change, [[at, way]]);
      seen.add(result);
      const about = `save before call ${at}: ${result}`;
      // Whatever was saved is the page, for the edit was not to be done on it.
      expect([about, page]).toEqual([about, saved > 0 ? kept : edited]);
      expect([about, left]).toEqual([about, []]);
    }
    expect(seen.size).toBeGreaterThan(1);
  });

  test('a save that only its time of change tells of is seen up to the last look', () => {
    const destroyed: number[] = [];
    const seen: number[] = [];
    for (let at = 0; at <= callsMax; at += 1) {
      const { result, page, saved, kept } = editBetween(change, [[at, 'unseen']]);
      if (page !== (saved > 0 ? kept : edited)) destroyed.push(at);
      else if (result === 'unstable') seen.push(at);
    }
    // Renames move that time too, so a save between the look and the rename cannot be told.
    expect(destroyed.length).toBeLessThanOrEqual(2);
    expect(seen.length).toBeGreaterThan(3);
  });

  test('two saves by rename, before each two calls: the newer one is the page', () => {
    let withdrawn = 0;
    for (let first = 0; first < callsMax + 4; first += 1) {
      for (let second = first + 1; second < callsMax + 8; second += 1) {
        const saves = [
          [first, 'by rename'],
          [second, 'by rename'],
        ] as const;
        const { result, page, saved, kept, left } = editBetween(change, saves);
        const about = `saves before calls ${first} and ${second}: ${result}`;
        if (result === 'unstable') withdrawn += 1;
        expect([about, page]).toEqual([about, saved > 0 ? kept : edited]);
        expect([about, left]).toEqual([about, []]);
      }
    }
    expect(withdrawn).toBeGreaterThan(5);
  });
});

describe('a save, and then a call that goes wrong', () => {
  /** Before the look, and in the moment in which the page is taken from its name. */
  const rows: readonly (readonly [edit: DoomedEdit, calls: readonly string[]])[] = [
    [doomed.insert, ['exchangeat']],
    [doomed.insert, ['exchangeat', 'exchangeat']],
    [doomed.remove, ['renameat']],
    [doomed.remove, ['renameat', 'renameUnlessTakenat']],
  ];
  const faults = ['EIO', 'ENOSPC', 'EACCES'] as const;
  const table = rows.flatMap(([only, calls]) => faults.map((fault) => ({ only, calls, fault })));

  test.each(table)('$only.done, $fault at each call: %#', ({ only, calls, fault }) => {
    const wrong: unknown[] = [];
    let failed: string | undefined = '';
    for (let nth = 0; failed !== undefined; nth += 1) {
      const saves = new SavesBetween(calls, only.path);
      using lives = new Lives({
        edits: [only],
        portable: false,
        meanwhile: saves.meanwhile,
        beforeGroup: (fileSystem) => fileSystem.arm(fault, nth),
        afterGroup: (_, fileSystem) => {
          failed = fileSystem.failed;
        },
      });
      lives.edit(Number.POSITIVE_INFINITY);
      lives.open();
      const [answers = []] = lives.answers;
      const found = [...faultsAfterSaves(lives, saves), ...untruths(lives, only, answers)];
      if (found.length > 0) wrong.push([`${nth}: ${failed}`, answers, found]);
    }
    expect(wrong).toEqual([]);
  });
});
