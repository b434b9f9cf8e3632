/** What two segments hold after a crash: which records count, and where a journal goes on. */

import {
  decodeHeader,
  decodeRecord,
  headerBytes,
  recordBytes,
  type SegmentHeader,
} from './format.ts';

export interface LeftOver {
  /** Of the records that are not known to be settled, oldest first; they lie in the segments. */
  readonly payloads: readonly Uint8Array[];
  /** The highest number that a record of these had. */
  readonly last: number;
  /** The highest sequence number of a segment. */
  readonly sequence: number;
  /** The segment that is to be used next: never the newest one. */
  readonly next: 0 | 1;
}

interface Found extends SegmentHeader {
  readonly payloads: readonly Uint8Array[];
  /** Number of the record behind the last one. */
  readonly end: number;
}

/** `journal.ts` says why it is these that count. Throws `FileError` for a later release's. */
export function findLeftOver(zeroth: Uint8Array, first: Uint8Array): LeftOver {
  const [a, b] = [readSegment(zeroth), readSegment(first)];
  const isZerothNewest = a !== undefined && (b === undefined || a.sequence > b.sequence);
  const [newer, older] = isZerothNewest ? [a, b] : [b, a];
  if (newer === undefined) return { payloads: [], last: 0, sequence: 0, next: 0 };
  const goesOn = older !== undefined && older.end === newer.first;
  const counted = goesOn ? [...older.payloads, ...newer.payloads] : newer.payloads;
  const start = goesOn ? older.first : newer.first;
  return {
    payloads: counted.slice(Math.max(0, newer.settled + 1 - start)),
    last: newer.end - 1,
    sequence: newer.sequence,
    next: isZerothNewest ? 1 : 0,
  };
}

function readSegment(bytes: Uint8Array): Found | undefined {
  const header = decodeHeader(bytes);
  if (header === undefined) return undefined;
  const payloads: Uint8Array[] = [];
  let { first: end, settled } = header;
  let position = headerBytes;
  for (;;) {
    const record = decodeRecord(bytes.subarray(position), header.mark, end);
    if (record === undefined) return { ...header, settled, payloads, end };
    payloads.push(record.payload);
    settled = record.settled;
    end += 1;
    position += recordBytes(record.payload.length);
  }
}
