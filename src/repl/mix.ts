/**
 * Mix files of `:repeat --mix`: several requests of one run, a line each, with how often it comes.
 * Pure.
 *
 *     line   = blanks ( *( weight / "--expect" list ) request / "#" comment / nothing )
 */

import type { StatusExpectation } from '../load/load.ts';
import { visibleLine } from './display.ts';
import { type Problem, parseRequest, problem, type RequestLine } from './language.ts';
import { type OptionRow, option, positional, takeOptions, wholeNumber } from './options.ts';
import { statusList } from './status-list.ts';

/** Requests of a mix: each costs the runner a template, and a person reads them all. */
export const mixRequestsMax = 1_000;
/** Bytes of a mix file: so many lines of a kilobyte; larger content belongs in `@file`. */
export const mixFileBytesMax = 1_048_576;
/** How much more often than another a request can come. */
export const mixWeightMax = 1_000;

export interface MixLine {
  /** How often it comes, beside the weights of the others. */
  readonly weight: number;
  /** The line's own; absent when what the run expects goes for it. */
  readonly expects?: StatusExpectation;
  readonly request: RequestLine;
}

interface MixOptions {
  readonly weight: number;
  readonly expects: StatusExpectation;
}

const rows: readonly OptionRow<MixOptions>[] = [
  option(
    { names: ['--expect'], placeholder: 'LIST', summary: 'any other status is a failure' },
    statusList,
    (expects) => ({ expects }),
  ),
];

/** Methods begin with a letter, so whatever begins with a digit or a sign is meant as a weight. */
const weight = positional<MixOptions, number>(
  'the weight',
  /^[-+]?\d/,
  wholeNumber(1, mixWeightMax),
  (value) => ({ weight: value }),
);

/**
 * The requests of a mix file, in its order.
 *
 * @param text the whole file, its lines ended by LF or CR LF
 * @param path as the person named it, for messages
 * @returns at least one request, or what is wrong and in which line
 */
export function parseMix(
  text: string,
  path: string,
  commandNames: readonly string[],
): readonly MixLine[] | Problem {
  const lines: MixLine[] = [];
  let number = 0;
  // Editors of some systems put a byte order mark before the first line.
  for (const ended of text.replace(/^\ufeff/, '').split('\n')) {
    number += 1;
    const line = ended.replace(/\r$/, '').replace(/^[ \t]+/, '');
    if (line.trim() === '' || line.startsWith('#')) continue;
    const read = parseMixLine(line, commandNames);
    if ('kind' in read) return problem(`${visibleLine(path)}:${number}: ${read.message}`);
    lines.push(read);
    if (lines.length > mixRequestsMax) {
      return problem(
        `${visibleLine(path)}:${number}: a mix has at most ${mixRequestsMax} requests`,
      );
    }
  }
  return lines.length > 0 ? lines : problem(`${visibleLine(path)} has no request`);
}

function parseMixLine(line: string, commandNames: readonly string[]): MixLine | Problem {
  const taken = takeOptions(line, rows, [weight]);
  if (taken.kind === 'problem') return taken;
  if (taken.rest === '') return problem('no request; expected [WEIGHT] [--expect LIST] REQUEST');
  if (taken.rest.startsWith(':')) return problem('commands cannot be in a mix, only requests');
  const request = parseRequest(taken.rest, commandNames);
  return request.kind === 'problem' ? request : { weight: 1, ...taken.values, request };
}
