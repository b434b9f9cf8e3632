/** `:repeat`: reads its arguments, and runs the load with a progress bar. */

import type { Clock } from '../base/clock.ts';
import type { LoadReport, LoadRun } from '../load/load.ts';
import { quoted } from './display.ts';
import { type Problem, parseRequest, problem, type RequestLine } from './language.ts';
import type { Output } from './output.ts';
import { drawBar, eraseBar } from './progress.ts';

export const repeatUsage = ':repeat COUNT [-c CONNECTIONS] REQUEST';

/** Requests of one run: hours at full speed. */
export const repeatCountMax = 1_000_000_000;
/** Connections of one run: what the server takes by default is not much more than twice that. */
export const repeatConnectionsMax = 4_096;
/** Redraws of the progress bar are this far apart: ten a second are smooth and cost nothing. */
const redrawPeriodMs = 100;

export interface RepeatLine {
  readonly kind: 'repeat';
  readonly count: number;
  readonly connections: number;
  readonly request: RequestLine;
}

/** Reads what follows `:repeat`. */
export function parseRepeat(rest: string, commandNames: readonly string[]): RepeatLine | Problem {
  const [countWord, afterCount] = takeFirst(rest);
  const count = wholeNumber(countWord, repeatCountMax);
  if (count === undefined) {
    return problem(
      `${quoted(countWord)} is no count from 1 to ${repeatCountMax}; expected ${repeatUsage}`,
    );
  }
  let connections: number | undefined = 1;
  let requestText = afterCount;
  if (requestText.startsWith('-')) {
    const [option, afterOption] = takeFirst(requestText);
    // `-c 50` and `-c50` both: the second is what fingers do.
    const glued = /^-c(\d+)$/.exec(option)?.[1];
    if (option !== '-c' && glued === undefined) {
      return problem(`unknown option ${quoted(option)}; expected ${repeatUsage}`);
    }
    const [value, afterValue] = glued === undefined ? takeFirst(afterOption) : [glued, afterOption];
    connections = wholeNumber(value, repeatConnectionsMax);
    if (connections === undefined) {
      const expected = `expected a number of connections from 1 to ${repeatConnectionsMax}`;
      return problem(`-c ${quoted(value)}: ${expected}`);
    }
    requestText = afterValue;
  }
  if (requestText === '') return problem(`no request to repeat; expected ${repeatUsage}`);
  if (requestText.startsWith(':')) return problem('commands cannot be repeated, only requests');
  const request = parseRequest(requestText, commandNames);
  return request.kind === 'problem' ? request : { kind: 'repeat', count, connections, request };
}

function takeFirst(text: string): [word: string, rest: string] {
  const end = text.search(/[ \t]/);
  if (end < 0) return [text, ''];
  return [text.slice(0, end), text.slice(end).replace(/^[ \t]+/, '')];
}

function wholeNumber(text: string, most: number): number | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= 1 && value <= most ? value : undefined;
}

/** Waits for the run's report and meanwhile shows how far it is, when a person looks on. */
export async function watchLoad(run: LoadRun, output: Output, clock: Clock): Promise<LoadReport> {
  if (!output.interactive) return run.report;
  const redraw = () => void output.write(drawBar(run.progress(), output.columns()));
  redraw();
  const timer = clock.every(redrawPeriodMs, redraw);
  try {
    return await run.report;
  } finally {
    timer.cancel();
    await output.write(eraseBar);
  }
}
