/**
 * Another program saves a page in the moments in which an edit is published: between two calls of
 * the publisher, each moment in turn. Whatever it saved last is the page, unless the edit was built
 * on it.
 */

import { describe, expect, test } from 'bun:test';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FaultyFileSystem } from './faulty-file-system.ts';
import { brief, edit, fileStore, remove, replace } from './support.ts';

/** How other programs save. */
const ways = {
  'in place': (path: string, content: string) => writeFileSync(path, content),
  'by rename': (path: string, content: string) => {
    writeFileSync(`${path}.new`, content);
    renameSync(`${path}.new`, path);
  },
  'by removing': (path: string) => rmSync(path, { force: true }),
} as const;

/** Runs an edit, with a save before the calls of these numbers; returns what came of it. */
function editBetween(
  change: 'replace' | 'remove',
  saves: readonly (readonly [number, keyof typeof ways])[],
) {
  const fileSystem = new FaultyFileSystem();
  using store = fileStore({ fileSystem, portable: false, durability: 'sync' });
  edit(store, 'p', replace('old'));
  const path = join(store.root, 'p');
  let call = 0;
  let last: string | undefined;
  fileSystem.beforeCall = () => {
    for (const [at, way] of saves) {
      if (at !== call) continue;
      last = way === 'by removing' ? undefined : `save ${at}, ${way}`;
      ways[way](path, last ?? '');
    }
    call += 1;
  };
  const saved = (): boolean => saves.some(([at]) => at < call);
  const result = brief(edit(store, 'p', change === 'replace' ? replace('new') : remove()));
  fileSystem.beforeCall = () => {};
  const page = existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  return { result, page, last, calls: call, saved: saved(), left: store.temporaries() };
}

/** Calls of an edit that nobody disturbs, more or less. */
const { calls } = editBetween('replace', []);

describe.each(['replace', 'remove'] as const)('%s', (change) => {
  const done = change === 'replace' ? 'replaced' : 'removed';
  const edited = change === 'replace' ? 'new' : undefined;

  test.each(Object.keys(ways) as (keyof typeof ways)[])('one save %s at each call', (way) => {
    const seen = new Set<string>();
    for (let at = 0; at < calls; at += 1) {
      const { result, page, last, left } = editBetween(change, [[at, way]]);
      seen.add(result);
      const about = `save before call ${at}: ${result}`;
      if (result === done || result === 'created') {
        // It came before the edit looked at the page, or after the edit was public.
        expect([about, [edited, last].includes(page)]).toEqual([about, true]);
      } else {
        expect([about, page]).toEqual([about, last]);
      }
      expect([about, left]).toEqual([about, []]);
    }
    expect(seen.size).toBeGreaterThan(1);
  });

  test('two saves by rename, at each two calls: the newer one is the page', () => {
    let withdrawn = 0;
    for (let first = 0; first < calls + 4; first += 1) {
      for (let second = first + 1; second < calls + 8; second += 1) {
        const { result, page, last, left } = editBetween(change, [
          [first, 'by rename'],
          [second, 'by rename'],
        ]);
        const about = `saves before calls ${first} and ${second}: ${result}`;
        if (result === 'unstable') {
          withdrawn += 1;
          expect([about, page]).toEqual([about, last]);
        } else {
          expect([about, [edited, last].includes(page)]).toEqual([about, true]);
        }
        expect([about, left]).toEqual([about, []]);
      }
    }
    expect(withdrawn).toBeGreaterThan(5);
  });
});
