/** The figures as pictures (SVG): ratios over sizes and connections, and rows with their floors. */

import { type Finding, isReached } from './finding.ts';
import { type Point, sizeName } from './sweep.ts';

const ink = '#1f2937';
const faint = '#d1d5db';
const good = '#2563eb';
const bad = '#b91c1c';
/** From one connection to the most: light to dark. */
const shades = ['#93c5fd', '#60a5fa', '#3b82f6', '#2563eb', '#1e40af', '#1e2f6b'];

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function document(title: string, { width, height }: Frame, drawn: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="16" y="24" font-weight="600" fill="${ink}">${escaped(title)}</text>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
}

/** A scale of ratios on which twice and half are as far from 1 as each other. */
class RatioScale {
  readonly #low: number;
  readonly #high: number;

  constructor(
    ratios: readonly number[],
    readonly from: number,
    readonly to: number,
  ) {
    const usable = ratios.filter((ratio) => Number.isFinite(ratio) && ratio > 0);
    this.#low = Math.floor(Math.log2(Math.min(0.5, ...usable)));
    this.#high = Math.ceil(Math.log2(Math.max(2, ...usable)));
  }

  /** Where a ratio lies. One that is no number lies at the low end. */
  at(ratio: number): number {
    const level = ratio > 0 ? Math.log2(ratio) : this.#low;
    const share = (level - this.#low) / (this.#high - this.#low);
    return this.from + (this.to - this.from) * share;
  }

  /** The powers of two that lie on it. */
  get marks(): number[] {
    return Array.from({ length: this.#high - this.#low + 1 }, (_, n) => 2 ** (this.#low + n));
  }
}

const sweepFrame: Frame = { width: 840, height: 420, left: 64, top: 48, right: 150, bottom: 48 };

/** A line for each number of connections, over the sizes of pages. */
export function sweepPlot(points: readonly Point[]): string {
  const { width, height, left, top, right, bottom } = sweepFrame;
  const sizes = [...new Set(points.map(({ bytes }) => bytes))].sort((a, b) => a - b);
  const crowds = [...new Set(points.map((point) => point.connections))].sort((a, b) => a - b);
  const ratios = points.map(({ ratio }) => ratio);
  const scale = new RatioScale(ratios, height - bottom, top);
  const step = (width - left - right) / Math.max(1, sizes.length - 1);
  const x = (bytes: number): string => (left + sizes.indexOf(bytes) * step).toFixed(1);
  const y = (ratio: number): string => scale.at(ratio).toFixed(1);
  const marks = scale.marks.map((mark) => {
    const isEven = mark === 1;
    return [
      `<path d="M${left} ${y(mark)}H${width - right}" stroke="${isEven ? ink : faint}"/>`,
      `<text x="${left - 8}" y="${y(mark)}" dy="4" text-anchor="end" fill="${ink}">${mark} ×</text>`,
    ].join('\n');
  });
  const names = sizes.map(
    (bytes) =>
      `<text x="${x(bytes)}" y="${height - bottom + 20}" text-anchor="middle" fill="${ink}">${sizeName(bytes)}</text>`,
  );
  const lines = crowds.map((connections, at) => {
    const colour = shades[Math.round((at * (shades.length - 1)) / Math.max(1, crowds.length - 1))];
    const own = points
      .filter((point) => point.connections === connections)
      .sort((a, b) => a.bytes - b.bytes);
    const path = own.map(({ bytes, ratio }) => `${x(bytes)} ${y(ratio)}`).join('L');
    const dots = own.map(
      ({ bytes, ratio }) => `<circle cx="${x(bytes)}" cy="${y(ratio)}" r="3" fill="${colour}"/>`,
    );
    const label = `${connections.toLocaleString('en-US')} connection${connections === 1 ? '' : 's'}`;
    const legendY = top + 16 + at * 20;
    return [
      `<path d="M${path}" fill="none" stroke="${colour}" stroke-width="2"/>`,
      ...dots,
      `<path d="M${width - right + 12} ${legendY - 4}h16" stroke="${colour}" stroke-width="3"/>`,
      `<text x="${width - right + 34}" y="${legendY}" fill="${ink}">${label}</text>`,
    ].join('\n');
  });
  const title = 'Inkwire’s rate beside nginx’s, by size of page and connections';
  return document(title, sweepFrame, [...marks, ...names, ...lines]);
}

const rowHeight = 30;

/** A bar for each row that is a ratio: its median, its quartiles, and its goal. */
export function rowsPlot(findings: readonly Finding[]): string {
  const shown = findings.flatMap((finding) =>
    finding.goal.unit === '×' && typeof finding.measured !== 'string'
      ? [{ ...finding, measured: finding.measured }]
      : [],
  );
  const frame: Frame = {
    ...{ width: 840, left: 350, top: 56, right: 40, bottom: 40 },
    height: 96 + shown.length * rowHeight,
  };
  const { width, height, left, top, right, bottom } = frame;
  const all = shown.flatMap(({ goal, measured }) => [goal.value, measured.lower, measured.upper]);
  const scale = new RatioScale(all, left, width - right);
  const x = (ratio: number): string => scale.at(ratio).toFixed(1);
  const marks = scale.marks.map((mark) =>
    [
      `<path d="M${x(mark)} ${top - 8}V${height - bottom}" stroke="${mark === 1 ? ink : faint}"/>`,
      `<text x="${x(mark)}" y="${height - bottom + 20}" text-anchor="middle" fill="${ink}">${mark} ×</text>`,
    ].join('\n'),
  );
  const bars = shown.map(({ work, goal, measured }, at) => {
    const middle = top + at * rowHeight + rowHeight / 2;
    const colour = isReached(goal, measured.median) ? good : bad;
    return [
      `<text x="${left - 12}" y="${middle + 4}" text-anchor="end" fill="${ink}">${escaped(shortened(work))}</text>`,
      `<path d="M${x(measured.lower)} ${middle}H${x(measured.upper)}" stroke="${colour}" stroke-width="5" stroke-opacity="0.4"/>`,
      `<circle cx="${x(measured.median)}" cy="${middle}" r="5" fill="${colour}"/>`,
      `<path d="M${x(goal.value)} ${middle - 11}v22" stroke="${ink}" stroke-width="2"/>`,
    ].join('\n');
  });
  const title = 'Inkwire beside nginx: median and quartiles of the pairs; a stroke is the goal';
  return document(title, frame, [...marks, ...bars]);
}

const labelCharactersMax = 48;

/** Without what stands in brackets, and without the marks of code. */
function shortened(work: string): string {
  const plain = work.replace(/ \([^)]*\)/g, '').replace(/`/g, '');
  return plain.length <= labelCharactersMax ? plain : `${plain.slice(0, labelCharactersMax - 1)}…`;
}
