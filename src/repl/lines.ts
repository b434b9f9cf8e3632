/** Takes bytes apart into lines of text, as they arrive. */

import { concatBytes, takeUtf8 } from '../base/bytes.ts';

/** Bytes of one line: its content is held in memory several times; `@file` takes more. */
export const lineBytesMax = 16 * 1024 * 1024;

const lineFeed = 0x0a;

/** A line, or why it is none: lines are UTF-8, for what is sent must be what was written. */
export type ReadLine =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'unreadable'; readonly message: string };

/**
 * The lines of `chunks`, without their LF or CRLF and without a byte order mark at the very start.
 * After a line that is unreadable nothing more comes.
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ReadLine> {
  let parts: Uint8Array[] = [];
  let held = 0;
  let number = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
      number += 1;
      const line = lineOf([...parts, chunk.subarray(start, end)], number);
      yield line;
      if (line.kind === 'unreadable') return;
      parts = [];
      held = 0;
      start = end + 1;
    }
    // A copy, for the reader may use its buffer again.
    if (start < chunk.length) parts.push(chunk.slice(start));
    held += chunk.length - start;
    if (held > lineBytesMax) {
      yield { kind: 'unreadable', message: `holds more than ${lineBytesMax} bytes; use @file` };
      return;
    }
  }
  if (held > 0) yield lineOf(parts, number + 1);
}

function lineOf(parts: readonly Uint8Array[], number: number): ReadLine {
  const bytes = concatBytes(parts);
  if (bytes.length > lineBytesMax) {
    return { kind: 'unreadable', message: `holds more than ${lineBytesMax} bytes; use @file` };
  }
  const text = takeUtf8(bytes);
  if (text === undefined) {
    return { kind: 'unreadable', message: 'is no valid UTF-8; send such content with @file' };
  }
  const whole = number === 1 ? text.replace(/^\ufeff/, '') : text;
  return { kind: 'line', text: whole.replace(/\r$/, '') };
}
