/**
 * Latencies in a dozen buckets with round edges, chosen so that both the body and the tail can be
 * seen: the body in even or in gently growing steps, the tail in steps that grow faster.
 */

import type { Latency } from '../load.ts';

/** Latencies above the bucket before, if any, and up to `toMs`. */
export interface Bucket {
  readonly toMs: number;
  readonly count: number;
}

/** Between these percentiles lies the body. */
const bodyFrom = 1;
const bodyTo = 95;
/** Together they fit on half a screen. */
const bucketsMax = 14;
const bodyBucketsMax = 10;
/** Growing steps reach further, so that they need less of a tail. */
const growingBodyBucketsMax = 12;
/** Even steps show a body as it is, unless one of them holds more than this share of all. */
const evenShareMax = 0.5;
/** In a body that ends so many times later than it begins, growing steps show no more. */
const evenRatioMax = 4;
/** Finer steps than this share of the value would only show how the histogram rounds. */
const stepShareMin = 1 / 200;

/** A latency may be told so much greater than it was: one that is equal to an edge still counts. */
const toldTooGreat = 1.001;

/** Round numbers of one decade, the finest series first; each growing series ends in the next. */
const finestDigits: readonly number[] = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8];
const coarsestDigits: readonly number[] = [1];
const decades: readonly (readonly number[])[] = [
  finestDigits,
  [1, 1.5, 2, 3, 5, 7],
  [1, 2, 5],
  [1, 3],
  coarsestDigits,
];

/** The buckets of `latency`, from the first that is not empty to the last. */
export function bucketsOf(latency: Latency): Bucket[] {
  const buckets: Bucket[] = [];
  let before = 0;
  for (const toMs of edgesOf(latency)) {
    const upTo = countAround(latency, toMs);
    // Buckets before the least latency are left out; empty ones after it are the gaps.
    if (upTo > 0) buckets.push({ toMs, count: upTo - before });
    before = upTo;
    if (upTo === latency.count) break;
  }
  return buckets;
}

/** The upper ends of the buckets; the last is at least the greatest latency. */
function edgesOf(latency: Latency): number[] {
  const fromMs = Math.max(latency.percentileMs(bodyFrom), 1e-6);
  const toMs = Math.max(latency.percentileMs(bodyTo) / toldTooGreat, fromMs);
  const step = evenStep(fromMs, toMs);
  const even = multiples(step, fromMs, toMs);
  const isEven = toMs <= fromMs * evenRatioMax || greatestShare(even, latency) <= evenShareMax;
  const body = isEven ? even : finest(fromMs, toMs, growingBodyBucketsMax + 1);
  const reachedMs = body.at(-1) ?? toMs;
  const { maxMs } = latency;
  if (maxMs <= reachedMs) return isEven ? body : endedAt(body, maxMs);
  // The first edge of the body and the first of the tail, where they meet, add one each.
  const tailMax = bucketsMax - body.length + 1;
  // A short tail goes on in the steps of the body.
  const goesOn = isEven && maxMs - reachedMs <= step * (tailMax - 1);
  const tail = goesOn ? multiples(step, reachedMs, maxMs) : tailEdges(reachedMs, maxMs, tailMax);
  return [...body, ...tail.filter((edge) => edge > reachedMs)];
}

function countAround(latency: Latency, edgeMs: number): number {
  return latency.countUpTo(edgeMs * toldTooGreat);
}

function greatestShare(edges: readonly number[], latency: Latency): number {
  let greatest = 0;
  let before = 0;
  for (const edge of edges) {
    const upTo = countAround(latency, edge);
    greatest = Math.max(greatest, upTo - before);
    before = upTo;
  }
  return greatest / latency.count;
}

/** The smallest round step that makes few enough buckets. */
function evenStep(fromMs: number, toMs: number): number {
  const least = Math.max((toMs - fromMs) / bodyBucketsMax, toMs * stepShareMin);
  for (let exponent = Math.floor(Math.log10(least)); ; exponent += 1) {
    for (const digit of [1, 2, 2.5, 5]) {
      const step = digit * 10 ** exponent;
      // The first edge is the end of what lies before the body.
      const buckets = Math.ceil(toMs / step) - Math.floor(fromMs / step);
      if (step >= least && buckets <= bodyBucketsMax) return step;
    }
  }
}

/** The multiples of `step` from the last up to `fromMs` to the first from `toMs` on. */
function multiples(step: number, fromMs: number, toMs: number): number[] {
  const edges: number[] = [];
  const last = Math.ceil(rounded(toMs / step));
  for (let at = Math.floor(rounded(fromMs / step)); at <= last; at += 1) {
    if (at > 0) edges.push(rounded(at * step));
  }
  return edges;
}

/** Steps that grow from the end of the body to the greatest latency. */
function tailEdges(fromMs: number, toMs: number, edgesMax: number): number[] {
  return endedAt(finest(fromMs, toMs, edgesMax), toMs);
}

/** With the next round number above `maxMs` as the last edge: a lone stall is not blurred. */
function endedAt(edges: readonly number[], maxMs: number): number[] {
  const before = edges.slice(0, -1);
  const last = growing(finestDigits, maxMs, maxMs).at(-1) ?? maxMs;
  return [...before, last];
}

/** The finest series of growing steps that goes from `fromMs` to `toMs` with so many edges. */
function finest(fromMs: number, toMs: number, edgesMax: number): number[] {
  for (const digits of decades) {
    const edges = growing(digits, fromMs, toMs);
    if (edges.length <= edgesMax) return edges;
  }
  return growing(coarsestDigits, fromMs, toMs);
}

/** The numbers of a series from the last up to `fromMs` to the first from `toMs` on. */
function growing(digits: readonly number[], fromMs: number, toMs: number): number[] {
  const edges: number[] = [];
  for (let exponent = Math.floor(Math.log10(fromMs)); ; exponent += 1) {
    for (const digit of digits) {
      const edge = rounded(digit * 10 ** exponent);
      if (edge <= fromMs) edges.length = 0;
      edges.push(edge);
      if (edge >= toMs) return edges;
    }
  }
}

/** Without the dust of binary fractions: 0.30000000000000004 is 0.3. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
