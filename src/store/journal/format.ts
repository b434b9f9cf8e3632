/**
 * The bytes of a journal's segment: its header, and the records behind it.
 *
 * Both end with their checksum, so that what was written only in part cannot look whole because
 * the bytes that were there before happen to be those that are missing.
 */

import { FileError } from '../errno.ts';

/** What stands at the front of a segment. */
export interface SegmentHeader {
  /** Which use of a segment this is, counted over both; the higher one is the newer one. */
  readonly sequence: number;
  /**
   * Says in each record which use of the segment it belongs to. It is random: bytes of an earlier
   * use, and content that somebody made to look like a record, never have it.
   */
  readonly mark: bigint;
  /** Number of the first record. */
  readonly first: number;
  /** Records up to this number were settled when the segment's turn came. */
  readonly settled: number;
}

export interface JournalRecord {
  readonly number: number;
  /** Records up to this number were settled when this one was written. */
  readonly settled: number;
  readonly payload: Uint8Array;
}

const headerAt = { magic: 0, version: 8, sequence: 16, mark: 24, first: 32, settled: 40 } as const;
const recordAt = { mark: 0, number: 8, settled: 16, length: 24, payload: 32 } as const;
const checksumBytes = 8;

/** Of a segment's header. */
export const headerBytes = 56;
const headerChecksumAt = headerBytes - checksumBytes;

/** A file that begins so is a journal's: `inkwire` and `J`. */
const magic = 0x4a_65_72_69_77_6b_6e_69n;
/** Of this format: one that is higher was written by a later release. */
const version = 1;

/** The length has 32 bits; an array is never longer than that. */
export const payloadBytesMax = 2 ** 32 - 1;

const alignmentBytes = 8;

/** Where the checksum of a record with that payload stands. */
function checksumAt(payloadBytes: number): number {
  const end = recordAt.payload + payloadBytes;
  return Math.ceil(end / alignmentBytes) * alignmentBytes;
}

/** What a record with a payload of that length takes in a segment. */
export function recordBytes(payloadBytes: number): number {
  return checksumAt(payloadBytes) + checksumBytes;
}

/** Writes the header to the front of `bytes`. */
export function encodeHeader(bytes: Uint8Array, header: SegmentHeader): void {
  const view = viewOf(bytes);
  view.setBigUint64(headerAt.magic, magic, true);
  view.setBigUint64(headerAt.version, BigInt(version), true);
  view.setBigUint64(headerAt.sequence, BigInt(header.sequence), true);
  view.setBigUint64(headerAt.mark, header.mark, true);
  view.setBigUint64(headerAt.first, BigInt(header.first), true);
  view.setBigUint64(headerAt.settled, BigInt(header.settled), true);
  view.setBigUint64(headerChecksumAt, checksum(bytes, headerChecksumAt), true);
}

/**
 * The header of a segment; `undefined` when there is none that is whole. Throws `FileError`
 * (`EOPNOTSUPP`) for one of a later release: what it has left over cannot be told.
 */
export function decodeHeader(bytes: Uint8Array): SegmentHeader | undefined {
  if (bytes.length < headerBytes) return undefined;
  const view = viewOf(bytes);
  const number = (at: number): number => Number(view.getBigUint64(at, true));
  if (view.getBigUint64(headerAt.magic, true) !== magic) return undefined;
  if (view.getBigUint64(headerChecksumAt, true) !== checksum(bytes, headerChecksumAt)) {
    return undefined;
  }
  if (number(headerAt.version) !== version) throw new FileError('EOPNOTSUPP', 'pread');
  return {
    sequence: number(headerAt.sequence),
    mark: view.getBigUint64(headerAt.mark, true),
    first: number(headerAt.first),
    settled: number(headerAt.settled),
  };
}

/**
 * Writes a record to the front of `bytes`, which has room for {@link recordBytes}. Up to seven
 * bytes before the checksum stay what they are; they are part of what it is of.
 */
export function encodeRecord(bytes: Uint8Array, mark: bigint, record: JournalRecord): void {
  const { number, settled, payload } = record;
  const end = checksumAt(payload.length);
  const view = viewOf(bytes);
  view.setBigUint64(recordAt.mark, mark, true);
  view.setBigUint64(recordAt.number, BigInt(number), true);
  view.setBigUint64(recordAt.settled, BigInt(settled), true);
  view.setBigUint64(recordAt.length, BigInt(payload.length), true);
  bytes.set(payload, recordAt.payload);
  view.setBigUint64(end, checksum(bytes, end), true);
}

/** The record at the front of `bytes`, its payload in them; `undefined` when it is not that one. */
export function decodeRecord(
  bytes: Uint8Array,
  mark: bigint,
  number: number,
): JournalRecord | undefined {
  if (bytes.length < recordBytes(0)) return undefined;
  const view = viewOf(bytes);
  if (view.getBigUint64(recordAt.mark, true) !== mark) return undefined;
  if (view.getBigUint64(recordAt.number, true) !== BigInt(number)) return undefined;
  const length = Number(view.getBigUint64(recordAt.length, true));
  if (length > payloadBytesMax || recordBytes(length) > bytes.length) return undefined;
  const end = checksumAt(length);
  if (view.getBigUint64(end, true) !== checksum(bytes, end)) return undefined;
  return {
    number,
    settled: Number(view.getBigUint64(recordAt.settled, true)),
    payload: bytes.subarray(recordAt.payload, recordAt.payload + length),
  };
}

/** Of the bytes before `end`. It tells what was torn; it need not withstand anybody. */
function checksum(bytes: Uint8Array, end: number): bigint {
  return Bun.hash.xxHash3(bytes.subarray(0, end));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
