/** The report of a load as it is written: lines for a person, coloured or not, or JSON. */

import type { LoadReport } from '../load/load.ts';
import { formatReport } from '../load/report/report.ts';
import { reportJson } from '../load/report/report-json.ts';
import { type Line, plainText, type Tone } from '../load/report/spans.ts';
import { brokenThresholds } from '../load/report/thresholds.ts';
import type { Output } from './output.ts';
import type { RepeatLine } from './repeat.ts';

/** The codes that begin and end a colour; absent for text that has none. */
const colours: Readonly<Partial<Record<Tone, readonly [on: string, off: string]>>> = {
  label: ['\x1b[1m', '\x1b[22m'],
  faint: ['\x1b[2m', '\x1b[22m'],
  good: ['\x1b[32m', '\x1b[39m'],
  bad: ['\x1b[31m', '\x1b[39m'],
  bar: ['\x1b[36m', '\x1b[39m'],
};

/** What is written for the report of a run that `line` asked for; it ends with a line end. */
export function reportText(
  report: LoadReport,
  line: Pick<RepeatLine, 'thresholds' | 'json' | 'ascii'>,
  output: Pick<Output, 'colour' | 'columns'>,
): string {
  const broken = brokenThresholds(line.thresholds, report);
  if (line.json) return `${JSON.stringify(reportJson(report, broken))}\n`;
  const lines = formatReport(report, broken, { columns: output.columns(), ascii: line.ascii });
  const write = output.colour ? painted : plainText;
  return lines.map((each) => `${write(each).trimEnd()}\n`).join('');
}

/** The line in colours. */
export function painted(line: Line): string {
  let text = '';
  for (const span of line) {
    const colour = span.text.trim() === '' ? undefined : colours[span.tone];
    text += colour === undefined ? span.text : `${colour[0]}${span.text}${colour[1]}`;
  }
  return text;
}
