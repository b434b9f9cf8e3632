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

test('of files that share a place the last one has it, and neighbours keep theirs', () => {
  const known = new KnownTags();
  const files = [5, 6, 5 + 2 ** 14].map((inode) => status({ [INODE_WORD]: inode }));
  for (const [index, file] of files.entries()) known.keep(file, tagOf(`${index}`), labels.unknown);
  expect(files.map((file) => found(known, file)?.[0].charAt(0))).toEqual([undefined, '1', '2']);
});
