/**
 * The picture of coordinated omission in docs/LOAD.md, drawn from two real runs against a server
 * that stands still for a second: one whose connection waits for its answer before it sends again,
 * and one that keeps to a schedule.
 */

import type { Socket } from 'bun';
import { systemClock } from '../src/base/clock.ts';
import { systemRandom } from '../src/base/random.ts';
import type { LoadPlan } from '../src/load/load.ts';
import { Runner } from '../src/load/runner.ts';

/** One request: when it was to be sent, and how long its answer took as the run tells it. */
interface Seen {
  readonly atMs: number;
  readonly tookMs: number;
}

interface Panel {
  readonly title: string;
  readonly seen: readonly Seen[];
}

export interface Story {
  readonly durationMs: number;
  readonly stallFromMs: number;
  readonly stallToMs: number;
  /** Requests per second of the schedule. */
  readonly rate: number;
}

/** What the server takes when it does not stand still. */
const serviceMs = 20;
const connections = 10;
const response = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

/** Runs both loads one after the other, for the story's duration each, and draws them. */
export async function drawOmission(story: Story): Promise<string> {
  const waiting = await observe(story, 'one after the other');
  const scheduled = await observe(story, 'on a schedule');
  return picture(story, [
    {
      title: 'Each connection waits for its answer: hardly anybody meets the stall',
      seen: waiting,
    },
    { title: 'On a schedule: all who came in that second waited', seen: scheduled },
  ]);
}

async function observe(story: Story, how: 'one after the other' | 'on a schedule') {
  let firstMs: number | undefined;
  // What a client has sent while the server stands still is answered at the end of the stall.
  const answer = (socket: Socket): void => {
    firstMs ??= performance.now();
    const doneMs = performance.now() - firstMs + serviceMs;
    const stalls = doneMs >= story.stallFromMs && doneMs < story.stallToMs;
    const delayMs = stalls ? story.stallToMs - doneMs + serviceMs : serviceMs;
    setTimeout(() => socket.write(response), delayMs);
  };
  const listener = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: { data: (socket) => answer(socket) },
  });
  const authority = `127.0.0.1:${listener.port}`;
  const scheduled = how === 'on a schedule';
  const plan: LoadPlan = {
    endpoint: { host: '127.0.0.1', port: listener.port, authority },
    requests: [{ method: 'GET', target: '/', fields: [['Host', authority]], weight: 1 }],
    extent: { kind: 'duration', durationMs: story.durationMs },
    connections: scheduled ? connections : 1,
    ...(scheduled && { rate: story.rate }),
    ...{ rampMs: 0, warmupMs: 0, pipeline: 1, keepAlive: true, timeoutMs: 10_000, threads: 1 },
  };
  const seen: Seen[] = [];
  const startMs = systemClock.monotonicMs();
  const sink = {
    completed(_status: number, _verdict: string, fromSendMs: number, fromDueMs: number): void {
      const tookMs = scheduled ? fromDueMs : fromSendMs;
      seen.push({ atMs: systemClock.monotonicMs() - startMs - tookMs, tookMs });
    },
    failed(failure: string): void {
      throw new Error(`the load met ${failure}`);
    },
  };
  const share = { index: 0, of: 1 };
  await new Runner(plan, share, sink, systemClock, systemRandom).ended;
  listener.stop(true);
  return seen;
}

const width = 840;
const panelHeight = 170;
const margin = { left: 74, right: 24, top: 44, bottom: 34 };
const ink = '#1f2937';
const faint = '#9ca3af';

function picture(story: Story, panels: readonly Panel[]): string {
  const height = panels.length * (panelHeight + margin.top + margin.bottom);
  const drawn = panels.map((panel, index) => {
    const top = index * (panelHeight + margin.top + margin.bottom) + margin.top;
    return `<g transform="translate(${margin.left} ${top})">\n${drawPanel(story, panel)}\n</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="13">`,
    '<title>The same stall as two ways of measuring see it</title>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...drawn,
    '</svg>\n',
  ].join('\n');
}

/** One run: a stroke for each request, where it was to be sent and as high as its answer took. */
function drawPanel(story: Story, { title, seen }: Panel): string {
  const { durationMs, stallFromMs, stallToMs } = story;
  const plotWidth = width - margin.left - margin.right;
  const greatestMs = (stallToMs - stallFromMs) * 1.1;
  const x = (ms: number): string => ((ms / durationMs) * plotWidth).toFixed(1);
  const y = (ms: number): string => (panelHeight * (1 - ms / greatestMs)).toFixed(1);
  const strokes = seen.map(({ atMs, tookMs }) => `M${x(atMs)} ${y(0)}V${y(tookMs)}`).join('');
  const sorted = seen.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const at = (share: number): string =>
    `${Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? 0)} ms`;
  const figures = `${sorted.length} requests, p50 ${at(0.5)}, p90 ${at(0.9)}, p99 ${at(0.99)}`;
  const seconds = Array.from({ length: durationMs / 1_000 + 1 }, (_, second) => second);
  const halves = [0, 500, 1_000].filter((ms) => ms <= greatestMs);
  return [
    `<rect x="${x(stallFromMs)}" y="0" width="${x(stallToMs - stallFromMs)}" height="${panelHeight}" fill="#fee2e2"/>`,
    `<text x="${x((stallFromMs + stallToMs) / 2)}" y="14" text-anchor="middle" fill="#b91c1c">stall</text>`,
    `<path d="${strokes}" stroke="#2563eb" stroke-width="1.1" fill="none"/>`,
    `<path d="M0 ${panelHeight}H${plotWidth}" stroke="${ink}"/>`,
    ...seconds.map(
      (second) =>
        `<text x="${x(second * 1_000)}" y="${panelHeight + 18}" text-anchor="middle" fill="${ink}">${second} s</text>`,
    ),
    ...halves.map(
      (ms) =>
        `<text x="-8" y="${y(ms)}" dy="4" text-anchor="end" fill="${ink}">${ms} ms</text><path d="M0 ${y(ms)}H${plotWidth}" stroke="${faint}" stroke-width="0.4"/>`,
    ),
    `<text x="0" y="-24" font-weight="600" fill="${ink}">${title}</text>`,
    `<text x="0" y="-8" fill="${ink}">${figures}</text>`,
  ].join('\n');
}
