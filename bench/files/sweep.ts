/** The sweep: the ratio to nginx over sizes of pages and numbers of connections. */

import { median } from '../figures.ts';
import type { MeasuredServer } from '../servers.ts';
import { nginxHot } from './configurations.ts';
import { type Context, measureLoad, warmUp } from './context.ts';
import { loadOf } from './load.ts';
import { probe } from './probe.ts';
import { sweepPath } from './served-pages.ts';

export interface Point {
  /** Of the page. */
  readonly bytes: number;
  readonly connections: number;
  /** To nginx's rate; the median where it was measured more than once. */
  readonly ratio: number;
}

/** A point as it is measured, once or more often. */
export interface Measured extends Omit<Point, 'ratio'> {
  readonly ratios: number[];
}

/** From here on bytes are counted: in a second each connection gets but a few whole responses. */
const largeBytesMin = 256 * 1024;

/** A fall between neighbours that is greater than to this share breaks the rule. */
const fallMin = 0.5;

/** Two neighbours of which the second has less than half of the first one's ratio. */
export interface Fall {
  readonly from: Point;
  readonly to: Point;
}

/** A second decides little: so often is a point measured before it is said to stand in a fall. */
const ratiosOfFall = 3;

/** Points that are measured again at most; a sweep with more of them is no matter of a second. */
export const pointsAgainMax = 14;

/** `undefined` where nginx is not installed. */
export async function measureSweep(context: Context): Promise<readonly Point[] | undefined> {
  const { stage, plan } = context;
  const own = await stage.inkwire();
  const peer = await stage.nginx(nginxHot);
  if (peer === undefined) return undefined;
  let pairs = 0;
  const measure = async (point: Measured): Promise<void> => {
    const ratio = await measurePoint(context, point, own, peer, pairs % 2 === 0);
    pairs += 1;
    point.ratios.push(ratio);
    const { bytes, connections } = point;
    context.say(`sweep · ${sizeName(bytes)} × ${connections}: ${ratio.toFixed(2)}`);
  };
  const points: Measured[] = [];
  for (const bytes of plan.sweepSizes) {
    const first = loadOf(sweepPath(bytes), 16);
    await probe(own, first);
    await probe(peer, first);
    await warmUp(context, own.port, first, Math.min(plan.warmUpSeconds, plan.sweepSeconds));
    await warmUp(context, peer.port, first, Math.min(plan.peerWarmUpSeconds, plan.sweepSeconds));
    for (const connections of plan.sweepConnections) {
      const point: Measured = { bytes, connections, ratios: [] };
      await measure(point);
      points.push(point);
    }
  }
  await measureFallsAgain(points, measure);
  return points.map(pointOf);
}

/**
 * Measures the points of each fall again, until there is none but between points that were measured
 * often enough, or too many were.
 */
export async function measureFallsAgain(
  points: readonly Measured[],
  measure: (point: Measured) => Promise<void>,
): Promise<void> {
  const isFresh = ({ ratios }: Measured): boolean => ratios.length < ratiosOfFall;
  // What is measured again may come to stand in a fall with another neighbour.
  for (let left = pointsAgainMax; left > 0; ) {
    const again = inFalls(points).filter(isFresh).slice(0, left);
    if (again.length === 0) return;
    left -= again.length;
    for (const point of again) {
      while (isFresh(point)) await measure(point);
    }
  }
}

/** The points of which the rule is broken, on either side. */
function inFalls(points: readonly Measured[]): Measured[] {
  const fallen = fallsOf(points.map(pointOf)).flatMap(({ from, to }) => [from, to]);
  return points.filter(({ bytes, connections }) =>
    fallen.some((point) => point.bytes === bytes && point.connections === connections),
  );
}

function pointOf({ bytes, connections, ratios }: Measured): Point {
  return { bytes, connections, ratio: median(ratios) };
}

async function measurePoint(
  context: Context,
  { bytes, connections }: Omit<Point, 'ratio'>,
  own: MeasuredServer,
  peer: MeasuredServer,
  ownFirst: boolean,
): Promise<number> {
  const load = loadOf(sweepPath(bytes), connections);
  const isLarge = bytes >= largeBytesMin;
  const rate = async ({ port }: MeasuredServer): Promise<number> => {
    const sample = await measureLoad(context, port, load, context.plan.sweepSeconds);
    return isLarge ? sample.bytesPerSecond : sample.perSecond;
  };
  const first = await rate(ownFirst ? own : peer);
  const second = await rate(ownFirst ? peer : own);
  return ownFirst ? first / second : second / first;
}

/**
 * The pairs that break the rule: between neighbouring points the ratio never falls by more than
 * half, in whichever direction one goes. Neighbours differ by one step of the size, or one of the
 * connections.
 */
export function fallsOf(points: readonly Point[]): Fall[] {
  const sizes = stepsOf(points.map(({ bytes }) => bytes));
  const crowds = stepsOf(points.map(({ connections }) => connections));
  const steps = (from: Point, to: Point): number =>
    Math.abs(sizes.indexOf(from.bytes) - sizes.indexOf(to.bytes)) +
    Math.abs(crowds.indexOf(from.connections) - crowds.indexOf(to.connections));
  return points.flatMap((from) =>
    points
      .filter((to) => steps(from, to) === 1 && to.ratio < from.ratio * fallMin)
      .map((to) => ({ from, to })),
  );
}

function stepsOf(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}

const units = [
  [1024 ** 3, 'GiB'],
  [1024 ** 2, 'MiB'],
  [1024, 'KiB'],
] as const;

/** As `64 KiB`. */
export function sizeName(bytes: number): string {
  const unit = units.find(([of]) => bytes >= of);
  return unit === undefined ? `${bytes} B` : `${bytes / unit[0]} ${unit[1]}`;
}
