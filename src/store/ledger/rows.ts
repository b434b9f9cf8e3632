/** Rows of the ledger's tables to values and back. */

import { assert } from '../../base/assert.ts';
import type { EditDone } from '../../model/operation.ts';
import type { ResourceKey } from '../../model/resource-key.ts';
import type { Binding, Row } from './database.ts';
import type {
  EditKind,
  KnownPage,
  PageIdentity,
  PageVersion,
  PastRevision,
  Revision,
  RevisionKind,
} from './ledger.ts';

const kinds: readonly RevisionKind[] = ['create', 'insert', 'replace', 'remove', 'outside'];
const results: readonly EditDone[] = ['inserted', 'created', 'replaced', 'removed'];
const states: readonly PastRevision['state'][] = ['pending', 'done', 'undone'];

/** Device and inode are unsigned, and SQLite's integers are signed. */
const integerBits = 64;

export function numberIn(row: Row, column: string): number {
  return Number(bigintIn(row, column));
}

export function bigintIn(row: Row, column: string): bigint {
  const value = row[column];
  assert(typeof value === 'bigint', `the ledger's column ${column} holds no integer`);
  return value;
}

export function textIn(row: Row, column: string): string {
  const value = row[column];
  assert(typeof value === 'string', `the ledger's column ${column} holds no text`);
  return value;
}

export function bytesIn(row: Row, column: string): Uint8Array {
  const value = row[column];
  assert(value instanceof Uint8Array, `the ledger's column ${column} holds no bytes`);
  return value;
}

/** One of a closed set of words. */
function wordIn<T extends string>(row: Row, column: string, words: readonly T[]): T {
  const text = textIn(row, column);
  const word = words.find((one) => one === text);
  assert(word !== undefined, `the ledger's column ${column} holds the word ${text}`);
  return word;
}

export function editKindIn(row: Row): EditKind {
  const kind = wordIn(row, 'kind', kinds);
  assert(kind !== 'outside', 'a revision from outside is no edit');
  return kind;
}

export function resultIn(row: Row): EditDone {
  return wordIn(row, 'result', results);
}

/** From columns `page` and `key`: what stands there was a key when it went in. */
export function pageIn(row: Row): KnownPage {
  return { page: numberIn(row, 'page'), key: textIn(row, 'key') as ResourceKey };
}

/** The columns `device`, `inode`, `size`, `modified_ns`; absent where there is no file. */
export function identityIn(row: Row): PageIdentity | undefined {
  if (row['inode'] === null || row['inode'] === undefined) return undefined;
  return {
    device: BigInt.asUintN(integerBits, bigintIn(row, 'device')),
    inode: BigInt.asUintN(integerBits, bigintIn(row, 'inode')),
    size: bigintIn(row, 'size'),
    modifiedNs: bigintIn(row, 'modified_ns'),
  };
}

/** For the columns `tag`, `device`, `inode`, `size`, `modified_ns`, in this order. */
export function versionBindings(version: PageVersion | undefined): readonly Binding[] {
  if (version === undefined) return [null, null, null, null, null];
  const { identity, tag } = version;
  assert(tag?.weak !== true, 'a weak tag names no version');
  return [
    tag?.opaque ?? null,
    BigInt.asIntN(integerBits, identity.device),
    BigInt.asIntN(integerBits, identity.inode),
    identity.size,
    identity.modifiedNs,
  ];
}

export function revisionIn(row: Row): Revision {
  const identity = identityIn(row);
  const revision = {
    page: numberIn(row, 'page'),
    revision: numberIn(row, 'revision'),
    kind: wordIn(row, 'kind', kinds),
    timeMs: numberIn(row, 'time_ms'),
  };
  if (identity === undefined) return revision;
  if (row['tag'] === null) return { ...revision, version: { identity } };
  return { ...revision, version: { identity, tag: { weak: false, opaque: textIn(row, 'tag') } } };
}

export function pastRevisionIn(row: Row): PastRevision {
  const past = { ...revisionIn(row), state: wordIn(row, 'state', states) };
  return row['operation'] === null ? past : { ...past, operation: textIn(row, 'operation') };
}
