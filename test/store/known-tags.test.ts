/** Entity tags that are remembered: for this very file as it is, or not at all. */

import { expect, test } from 'bun:test';
import { latin1Bytes, latin1Text } from '../../src/base/bytes.ts';
import { KnownTags, labels, tagLength } from '../../src/store/known-tags.ts';
import { identityWords, statxBytes } from '../../src/store/statx-status.ts';

const INODE_WORD = 8;
const tagOf = (letter: string): Uint8Array => latin1Bytes(letter.repeat(tagLength));

/** A status in which each word of the identity is another number. */
function status(change: Readonly<Record<number, number>> = {}): Uint32Array {
  const words = new Uint32Array(statxBytes / 4);
  for (const at of identityWords) words[at] = 1_000 + at;
  for (const [at, value] of Object.entries(change)) words[Number(at)] = value;
  return words;
}

function found(known: KnownTags, of: Uint32Array): [tag: string, label: number] | undefined {
  const tag = new Uint8Array(tagLength);
  const label = known.find(of, tag);
  return label === undefined ? undefined : [latin1Text(tag), label];
}

test('a tag is found for the same file, with its label', () => {
  const known = new KnownTags();
  expect(found(known, status())).toBeUndefined();
  known.keep(status(), tagOf('a'), labels.utf8);
  expect(found(known, status())).toEqual(['a'.repeat(tagLength), labels.utf8]);
  known.keep(status(), tagOf('b'), labels.none);
  expect(found(known, status())).toEqual(['b'.repeat(tagLength), labels.none]);
});

test.each(identityWords.map((at) => [at]))('none is found when word %i is another', (at) => {
  const known = new KnownTags();
  known.keep(status(), tagOf('a'), labels.none);
  expect(found(known, status({ [at]: 1 }))).toBeUndefined();
  expect(found(known, status())).toBeDefined();
});

const fileOf = (inode: number): Uint32Array => status({ [INODE_WORD]: inode });

test('of files that share a place the last one has it', () => {
  const known = new KnownTags();
  known.keep(fileOf(1), tagOf('a'), labels.unknown);
  let last = 1;
  while (found(known, fileOf(1)) !== undefined && last < 1_000_000) {
    last += 1;
    known.keep(fileOf(last), tagOf('b'), labels.unknown);
  }
  expect(found(known, fileOf(1))).toBeUndefined();
  expect(found(known, fileOf(last))?.[0]).toBe('b'.repeat(tagLength));
});

/** As file systems give them out: in a row, or in rows that begin with each group of inodes. */
const inodesOf: readonly (readonly [name: string, inodeOf: (n: number) => number])[] = [
  ['in a row', (n) => 15_384_652 + n],
  ['in a hundred rows', (n) => 8_192 * Math.floor(n / 100) + 11 + (n % 100)],
  ['in ten rows', (n) => 32_768 * Math.floor(n / 1_000) + 11 + (n % 1_000)],
  ['two apart', (n) => 131_072 + 2 * n],
];

test.each(inodesOf)('of ten thousand files most are known, with inodes %s', (_, inodeOf) => {
  const known = new KnownTags();
  const files = Array.from({ length: 10_000 }, (_each, n) => fileOf(inodeOf(n)));
  for (const file of files) known.keep(file, tagOf('a'), labels.unknown);
  expect(files.filter((file) => found(known, file) !== undefined).length).toBeGreaterThan(8_000);
});
