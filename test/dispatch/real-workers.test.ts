/** The dispatcher over the workers that the server runs. */

import { describe, expect, test } from 'bun:test';
import { noConditions } from '../../src/model/conditions.ts';
import type { Edit } from '../../src/model/operation.ts';
import { insert, openBelow, word, words } from './harness.ts';
import { openReal } from './real-bench.ts';

const page = '<!DOCTYPE html>\n<html><body>\n</body></html>';

function replace(text: string): Edit {
  const content = Buffer.from(text);
  return { kind: 'replace', content, conditions: noConditions, answer: 'page', create: true };
}

describe('the real workers', () => {
  test('create, insert, read and remove a page', async () => {
    await using bench = await openReal();
    expect(words(await bench.edit('a.html', replace(page)))).toBe('created');
    expect(words(await bench.edit('a.html', insert('<p>one</p>')))).toBe('inserted');
    expect(bench.content('a.html')).toContain('<p>one</p>');
    expect(word(await bench.read('a.html'))).toBe(bench.content('a.html'));
    expect(words(await bench.edit('a.html', { kind: 'remove', conditions: noConditions }))).toBe(
      'removed',
    );
    expect(word(await bench.read('a.html'))).toBe('not-found');
    expect(bench.events).toEqual([]);
  });

  test('a stop right behind the last answer leaves no file open', async () => {
    // The commit worker's answer may come before the store worker's word that its batch is over.
    for (let round = 0; round < 24; round += 1) {
      await using bench = await openReal();
      const edits = ['a', 'b', 'c'].map((name) => bench.edit(`${name}.html`, replace(page)));
      await Promise.race(edits);
      await Promise.all([...edits, bench.dispatcher.stop()]);
      expect(openBelow(bench.root) ?? []).toEqual([]);
    }
  });

  test('two hundred edits of one page at once are all in it', async () => {
    await using bench = await openReal();
    bench.write('a.html', page);
    await Promise.all(
      Array.from({ length: 200 }, (_, index) => bench.edit('a.html', insert(`<p>${index};</p>`))),
    );
    const found = [...bench.content('a.html').matchAll(/<p>(\d+);<\/p>/g)].map(([, n]) =>
      Number(n),
    );
    expect(found.sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, index) => index));
  });

  test('a stop leaves no file of the root open', async () => {
    const bench = await openReal();
    bench.write('large.bin', new Uint8Array(200_000));
    expect(word(await bench.read('large.bin'))).toBe('found');
    await bench.dispatcher.stop();
    expect(openBelow(bench.root) ?? []).toEqual([]);
    await bench[Symbol.asyncDispose]();
  });
});
