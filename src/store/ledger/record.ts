/**
 * A record of the journal: what one transaction writes into the database, and the content of the
 * pages beside it, as bytes. The journal tells a whole record from a torn one; in here a record
 * that cannot be read is a bug.
 */

import { assert } from '../../base/assert.ts';
import { concatBytes, utf8Bytes } from '../../base/bytes.ts';
import type { PlannedKey, PlannedRevision } from './group-plan.ts';
import type { PageIdentity, PageVersion, RevisionKind } from './ledger.ts';
import type { KnownContents, Splice } from './splice.ts';

/** What is written down at once. */
export interface LedgerRecord {
  readonly group: number;
  /** Edits up to this one are finished. */
  readonly finished: number;
  /** Edits before this record that did not happen. */
  readonly undone: readonly number[];
  readonly revisions: readonly PlannedRevision[];
  readonly keys: readonly PlannedKey[];
}

/** Where bytes stand in the record's last part. */
type Place = readonly [offset: number, length: number];

/** The middle of a page whose beginning and end are those of an earlier edit's page. */
interface PlacedSplice {
  readonly base: number;
  readonly head: number;
  readonly tail: number;
  readonly middle: Place;
}

interface PlacedVersion extends Omit<PageVersion, 'identity'> {
  readonly identity: number;
}

interface PlacedRevision extends Omit<PlannedRevision, 'version' | 'content' | 'read'> {
  readonly kind: RevisionKind;
  readonly version?: PlacedVersion;
  readonly read?: number;
  readonly content?: Place | PlacedSplice;
}

interface PlacedRecord extends Omit<LedgerRecord, 'revisions' | 'keys'> {
  readonly revisions: readonly PlacedRevision[];
  readonly keys: readonly (Omit<PlannedKey, 'fingerprint'> & { readonly fingerprint: Place })[];
}

/** Bytes of the text, words of identities: two numbers of 32 bits before all else. */
const headBytes = 8;
/** Device, inode, size, time of modification. */
const wordsPerIdentity = 4;
const wordBytes = 8;

/** @param contents what the journal holds of pages already; learns what this record adds */
export function encodeRecord(record: LedgerRecord, contents: KnownContents): Uint8Array {
  const words: bigint[] = [];
  const slab: Uint8Array[] = [];
  let slabBytes = 0;
  const place = (bytes: Uint8Array): Place => {
    slab.push(bytes);
    slabBytes += bytes.length;
    return [slabBytes - bytes.length, bytes.length];
  };
  const revisions = record.revisions.map((revision): PlacedRevision => {
    const { version, content, read, ...rest } = revision;
    const identity = version === undefined ? undefined : placeIdentity(words, version.identity);
    const spliced = content === undefined ? undefined : contents.splice(revision, content);
    return {
      ...rest,
      ...(identity !== undefined && { version: { ...version, identity } }),
      ...(read !== undefined && { read: placeIdentity(words, read) }),
      ...(spliced !== undefined && { content: placeContent(spliced, place) }),
    };
  });
  const keys = record.keys.map((key) => ({ ...key, fingerprint: place(key.fingerprint) }));
  const placed: PlacedRecord = { ...record, revisions, keys };
  const text = utf8Bytes(JSON.stringify(placed));
  const head = new Uint8Array(headBytes + words.length * wordBytes);
  const view = new DataView(head.buffer);
  view.setUint32(0, text.length, true);
  view.setUint32(4, words.length, true);
  for (const [at, word] of words.entries()) {
    view.setBigInt64(headBytes + at * wordBytes, BigInt.asIntN(64, word), true);
  }
  return concatBytes([head, text, ...slab]);
}

function placeIdentity(words: bigint[], identity: PageIdentity): number {
  const { device, inode, size, modifiedNs } = identity;
  return words.push(device, inode, size, modifiedNs) / wordsPerIdentity - 1;
}

function placeContent(
  spliced: Uint8Array | Splice,
  place: (bytes: Uint8Array) => Place,
): Place | PlacedSplice {
  if (spliced instanceof Uint8Array) return place(spliced);
  return { ...spliced, middle: place(spliced.middle) };
}

/** @param contentOf what an earlier edit's page holds */
export function decodeRecord(
  payload: Uint8Array,
  contentOf: (edit: number) => Uint8Array | undefined,
): LedgerRecord {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const textBytes = view.getUint32(0, true);
  const textStart = headBytes + view.getUint32(4, true) * wordBytes;
  const slab = payload.subarray(textStart + textBytes);
  const text = Buffer.from(payload.subarray(textStart, textStart + textBytes)).toString('utf8');
  const placed: PlacedRecord = JSON.parse(text);
  const made = new Map<number, Uint8Array>();
  const revisions = placed.revisions.map((revision): PlannedRevision => {
    const { version, content, read, ...rest } = revision;
    const base = (edit: number): Uint8Array | undefined => made.get(edit) ?? contentOf(edit);
    const bytes = content === undefined ? undefined : contentAt(slab, content, base);
    if (bytes !== undefined) made.set(revision.id, bytes);
    return {
      ...rest,
      ...(version !== undefined && {
        version: { ...version, identity: identityAt(view, version.identity) },
      }),
      ...(read !== undefined && { read: identityAt(view, read) }),
      ...(bytes !== undefined && { content: bytes }),
    };
  });
  const keys = placed.keys.map((key) => ({ ...key, fingerprint: bytesAt(slab, key.fingerprint) }));
  return { ...placed, revisions, keys };
}

function identityAt(view: DataView, place: number): PageIdentity {
  const at = headBytes + place * wordsPerIdentity * wordBytes;
  return {
    device: view.getBigUint64(at, true),
    inode: view.getBigUint64(at + wordBytes, true),
    size: view.getBigUint64(at + 2 * wordBytes, true),
    modifiedNs: view.getBigInt64(at + 3 * wordBytes, true),
  };
}

function contentAt(
  slab: Uint8Array,
  content: Place | PlacedSplice,
  contentOf: (edit: number) => Uint8Array | undefined,
): Uint8Array {
  if (!('base' in content)) return bytesAt(slab, content);
  const { base, head, tail, middle } = content;
  const whole = contentOf(base);
  assert(whole !== undefined, `the journal has no content of edit ${base}`);
  const end = whole.subarray(whole.length - tail);
  return concatBytes([whole.subarray(0, head), bytesAt(slab, middle), end]);
}

function bytesAt(slab: Uint8Array, [offset, length]: Place): Uint8Array {
  return slab.slice(offset, offset + length);
}
