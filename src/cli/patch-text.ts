/** Two texts as a unified patch, and that patch for a terminal. */

import { FILE_HEADERS_ONLY, formatPatch, structuredPatch } from 'diff';
import { takeUtf8 } from '../base/bytes.ts';
import { visibleLine } from '../repl/display.ts';

/** Lines that come and go, beyond which they are not sorted out: up to there it takes a second. */
const changesMax = 2_000;

/** Lines around a change, as diff -u shows them. */
const contextLines = 3;

/** Lines before the first change: the two names. */
const headLines = 2;

const red = '\x1b[31m';
const green = '\x1b[32m';
const cyan = '\x1b[36m';
const plain = '\x1b[39m';

/** What is compared. */
export interface Side {
  /** As it stands in the head of the patch. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export type Patch =
  | { readonly kind: 'patch'; readonly text: string }
  | { readonly kind: 'no-text' }
  /** Hardly a line stays. */
  | { readonly kind: 'too-different' };

export function patchOf(old: Side, changed: Side): Patch {
  const [before, after] = [takeText(old.bytes), takeText(changed.bytes)];
  if (before === undefined || after === undefined) return { kind: 'no-text' };
  const patch = structuredPatch(old.name, changed.name, before, after, undefined, undefined, {
    context: contextLines,
    maxEditLength: changesMax,
  });
  if (patch === undefined) return { kind: 'too-different' };
  return { kind: 'patch', text: formatPatch(patch, FILE_HEADERS_ONLY) };
}

function takeText(bytes: Uint8Array): string | undefined {
  return bytes.includes(0) ? undefined : takeUtf8(bytes);
}

/** For a terminal: what the page holds cannot drive it; tabs and line feeds stay. */
export function shownPatch(text: string, colour: boolean): string {
  return text
    .split('\n')
    .map((line, index) => {
      const shown = line.split('\t').map(visibleLine).join('\t');
      const paint = colour && index >= headLines ? colours.get(line.slice(0, 1)) : undefined;
      return paint === undefined ? shown : `${paint}${shown}${plain}`;
    })
    .join('\n');
}

const colours: ReadonlyMap<string, string> = new Map([
  ['-', red],
  ['+', green],
  ['@', cyan],
]);
