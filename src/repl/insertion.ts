/**
 * Whether a page is another one and nothing but what a write put in: so that going back takes away
 * what that write did, and nothing that somebody else did before it. Pure.
 */

import { latin1Text, takeUtf8 } from '../base/bytes.ts';

/**
 * Places at which the same insertion is looked for: lines that begin alike let it seem to begin
 * later than it does, by an indent and the start of a tag.
 */
const placesMax = 256;

/** Whether `after` is `before` and, in one place, what `sent` makes when it is put into a page. */
export function isInsertion(before: Uint8Array, after: Uint8Array, sent: Uint8Array): boolean {
  const added = after.length - before.length;
  if (added <= 0) return false;
  let start = 0;
  while (start < before.length && before[start] === after[start]) start += 1;
  let tail = 0;
  while (tail < before.length && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  const first = before.length - tail;
  const wanted = meaning(textOf(sent));
  for (let at = start; at >= first && at > start - placesMax; at -= 1) {
    const text = textOf(after.subarray(at, at + added)).trim();
    const heading = /^<h2>(.*)<\/h2>$/is.exec(text)?.[1];
    if (meaning(text) === wanted) return true;
    if (heading !== undefined && meaning(heading) === wanted) return true;
  }
  return false;
}

/** Pages in other charsets have everything beyond ASCII of an insert as references. */
function textOf(bytes: Uint8Array): string {
  return (takeUtf8(bytes) ?? latin1Text(bytes)).replace(/^\ufeff/, '');
}

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
};

/** The text with its character references resolved, and without the blanks around it. */
function meaning(text: string): string {
  return text
    .trim()
    .replaceAll('\r\n', '\n')
    .replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]{2,4}));/gi, (whole, hex, digits, name) => {
      if (name !== undefined) return Object.hasOwn(named, name) ? (named[name] ?? whole) : whole;
      const point = hex === undefined ? Number(digits) : Number.parseInt(hex, 16);
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
    });
}
