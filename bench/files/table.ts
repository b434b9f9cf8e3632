/** What was found, as Markdown. */

import type { Spread } from '../figures.ts';
import { type Finding, type Goal, isReached } from './finding.ts';
import { type Fall, fallsOf, type Point, sizeName } from './sweep.ts';

export function findingsTable(findings: readonly Finding[]): string {
  return [
    '| work | goal | measured | quartiles | reached | Inkwire | nginx |',
    '|---|---|---|---|---|---|---|',
    ...findings.map(findingRow),
  ].join('\n');
}

function findingRow({ work, goal, measured, inkwire, nginx, note }: Finding): string {
  const said = note === undefined ? work : `${work} (${note})`;
  const cells =
    typeof measured === 'string'
      ? [`not measured: ${measured}`, '', '']
      : [
          figure(measured.median, goal),
          quartiles(measured, goal),
          isReached(goal, measured.median) ? 'yes' : '**no**',
        ];
  return `| ${[said, goalText(goal), ...cells, inkwire, nginx].join(' | ')} |`;
}

export function goalText(goal: Goal): string {
  return `${goal.kind} ${goal.value} ${goal.unit}`;
}

function figure(value: number, { unit }: Goal): string {
  const digits = unit === 'ms' ? 0 : unit === 'MiB' ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`;
}

/** Empty for what was taken once. */
function quartiles({ lower, upper }: Spread, { unit }: Goal): string {
  if (lower === upper) return '';
  const digits = unit === 'ms' ? 0 : 2;
  return `${lower.toFixed(digits)} to ${upper.toFixed(digits)}`;
}

/** The ratios as a table of sizes and connections, and what its neighbours say. */
export function sweepTable(points: readonly Point[]): string {
  const crowds = [...new Set(points.map(({ connections }) => connections))];
  const sizes = [...new Set(points.map(({ bytes }) => bytes))];
  const ratioAt = (bytes: number, connections: number): string =>
    points
      .find((point) => point.bytes === bytes && point.connections === connections)
      ?.ratio.toFixed(2) ?? '';
  return [
    `| connections | ${crowds.map((crowd) => crowd.toLocaleString('en-US')).join(' | ')} |`,
    `|---|${'---|'.repeat(crowds.length)}`,
    ...sizes.map((bytes) => {
      const cells = crowds.map((connections) => ratioAt(bytes, connections));
      return `| ${sizeName(bytes)} | ${cells.join(' | ')} |`;
    }),
    '',
    fallsText(fallsOf(points)),
  ].join('\n');
}

export function fallsText(falls: readonly Fall[]): string {
  const rule = 'Between neighbouring points the ratio to nginx never falls by more than half';
  if (falls.length === 0) return `${rule}: **reached**.`;
  const name = ({ bytes, connections, ratio }: Point): string =>
    `${sizeName(bytes)} × ${connections} (${ratio.toFixed(2)})`;
  const list = falls.map(({ from, to }) => `${name(from)} to ${name(to)}`).join('; ');
  return `${rule}: **not reached**, from ${list}.`;
}

/** What the changes of files have shown. */
export function freshnessText(
  own: { readonly asked: number; readonly stale: number },
  nginx: { readonly asked: number; readonly stale: number },
): string {
  const count = (value: number): string => value.toLocaleString('en-US');
  const verdict = own.stale === 0 ? 'none was' : `**${count(own.stale)} were**`;
  const first =
    `Freshness: while loads ran another program changed pages, in place and by rename, and asked` +
    ` for them at once, ${count(own.asked)} times; ${verdict} answered with what had been.`;
  if (nginx.asked === 0) return first;
  return `${first} Of nginx, as it stands here, ${count(nginx.stale)} of ${count(nginx.asked)} were.`;
}
