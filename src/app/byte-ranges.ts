/** Partial content (RFC 9110 section 14): one range as it is, several as `multipart/byteranges`. */

import { assert } from '../base/assert.ts';
import { concatBytes, latin1Bytes } from '../base/bytes.ts';
import type { StreamHandle, StreamReceiver } from '../dispatch/dispatcher.ts';
import type { FieldLine } from '../http/message.ts';
import type { ByteRange } from '../model/byte-range.ts';
import type { ResponseContent } from './response.ts';

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

function weave(
  ranges: readonly ByteRange[],
  heads: readonly Uint8Array[],
  tail: Uint8Array,
  content: ResponseContent,
): ResponseContent {
  const lengths = ranges.map(({ start, end }) => end - start);
  switch (content.kind) {
    case 'bytes': {
      const weaver = new Weaver(lengths, heads, tail);
      return { kind: 'bytes', bytes: weaver.take(content.bytes) };
    }
    case 'stream': {
      let bytes = content.bytes + tail.length;
      for (const head of heads) bytes += head.length;
      const open = (receiver: StreamReceiver): StreamHandle => {
        const weaver = new Weaver(lengths, heads, tail);
        return content.open({
          chunk: (chunk, last) => receiver.chunk(weaver.take(chunk), last),
          failed: () => receiver.failed(),
        });
      };
      return { kind: 'stream', bytes, open };
    }
    default:
      return content;
  }
}

/** Puts a head before each part as its first bytes pass, and the tail behind the last part. */
class Weaver {
  #part = 0;
  /** Bytes of the present part that have passed. */
  #passed = 0;

  constructor(
    readonly lengths: readonly number[],
    readonly heads: readonly Uint8Array[],
    readonly tail: Uint8Array,
  ) {}

  take(bytes: Uint8Array): Uint8Array {
    const pieces: Uint8Array[] = [];
    let offset = 0;
    while (offset < bytes.length) {
      assert(this.#part < this.lengths.length, 'content behind the last range');
      const length = this.lengths[this.#part] ?? 0;
      const head = this.heads[this.#part];
      if (this.#passed === 0 && head !== undefined) pieces.push(head);
      const count = Math.min(length - this.#passed, bytes.length - offset);
      pieces.push(bytes.subarray(offset, offset + count));
      offset += count;
      this.#passed += count;
      if (this.#passed < length) continue;
      this.#part += 1;
      this.#passed = 0;
      if (this.#part === this.lengths.length) pieces.push(this.tail);
    }
    return concatBytes(pieces);
  }
}
