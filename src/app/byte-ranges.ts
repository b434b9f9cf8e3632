/** Partial content (RFC 9110 section 14): one range as it is, several as `multipart/byteranges`. */

import { assert } from '../base/assert.ts';
import { concatBytes, latin1Bytes } from '../base/bytes.ts';
import type { FieldLine } from '../http/message.ts';
import type { ByteRange } from '../model/byte-range.ts';
import type { ContentPiece, ResponseContent } from './response.ts';

/**
 * The fields and the content of a 206, made of the content of `ranges` one after the other.
 *
 * @param boundary a token that no page can foresee, so that none can hold it on purpose
 */
export function partialContent(
  ranges: readonly ByteRange[],
  size: number,
  type: string,
  content: ResponseContent,
  boundary: string,
): { readonly fields: readonly FieldLine[]; readonly content: ResponseContent } {
  const [only] = ranges;
  if (ranges.length === 1 && only !== undefined) {
    const range: FieldLine = ['Content-Range', contentRange(only, size)];
    return { fields: [['Content-Type', type], range], content };
  }
  const heads = ranges.map((range) => partHead(range, size, type, boundary));
  const tail = latin1Bytes(`\r\n--${boundary}--\r\n`);
  return {
    fields: [['Content-Type', `multipart/byteranges; boundary=${boundary}`]],
    content: weave(ranges, heads, tail, content),
  };
}

/** `bytes 0-9/286` */
export function contentRange({ start, end }: ByteRange, size: number): string {
  return `bytes ${start}-${end - 1}/${size}`;
}

function partHead(range: ByteRange, size: number, type: string, boundary: string): Uint8Array {
  const fields = `Content-Type: ${type}\r\nContent-Range: ${contentRange(range, size)}`;
  return latin1Bytes(`\r\n--${boundary}\r\n${fields}\r\n\r\n`);
}

/** Puts a head before the content of each range, and the tail behind the last one. */
function weave(
  ranges: readonly ByteRange[],
  heads: readonly Uint8Array[],
  tail: Uint8Array,
  content: ResponseContent,
): ResponseContent {
  switch (content.kind) {
    case 'bytes': {
      const parts: Uint8Array[] = [];
      let passed = 0;
      for (const [index, { start, end }] of ranges.entries()) {
        const length = end - start;
        parts.push(headOf(heads, index), content.bytes.subarray(passed, passed + length));
        passed += length;
      }
      return { kind: 'bytes', bytes: concatBytes([...parts, tail]) };
    }
    case 'stream': {
      const pieces = content.pieces.flatMap((piece, index): ContentPiece[] => [
        { kind: 'bytes', bytes: headOf(heads, index) },
        piece,
      ]);
      pieces.push({ kind: 'bytes', bytes: tail });
      let { bytes } = content;
      for (const part of [...heads, tail]) bytes += part.length;
      return { ...content, bytes, pieces };
    }
    default:
      return content;
  }
}

function headOf(heads: readonly Uint8Array[], index: number): Uint8Array {
  const head = heads[index];
  assert(head !== undefined, 'content behind the last range');
  return head;
}
