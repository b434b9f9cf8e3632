/** Requests of a load whose answers get lost: sent again as they were, counted, and no others. */

import { describe, expect, test } from 'bun:test';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { keyField } from '../../src/client/repetition.ts';
import type { LoadReport, RequestTemplate } from '../../src/load/load.ts';
import { startLoad } from '../../src/load/start-load.ts';
import { freePort, type Peer, type RawServer, rawServer, until } from '../client/raw-server.ts';
import { counts, load as loadAtPace, upTo, whole } from './harness.ts';
import { numbered, planOf, type Wishes } from './plans.ts';

const replay = 'HTTP/1.1 200 OK\r\nIdempotency-Replayed: true\r\nContent-Length: 0\r\n\r\n';
const busy = 'HTTP/1.1 503 x\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n';

const read: RequestTemplate = { ...numbered, retry: 5 };
const bare: RequestTemplate = {
  ...read,
  method: 'PUT',
  content: { kind: 'text', text: '{{uuid}} {{now}}' },
};
const keyed: RequestTemplate = { ...bare, fields: [...bare.fields, keyField('run-{{n}}')] };

/** Time goes ten times as fast, for waits of tenths of seconds and more. */
const hurried: Clock = {
  ...systemClock,
  monotonicMs: () => systemClock.monotonicMs() * 10,
  after: (delayMs, task) => systemClock.after(delayMs / 10, task),
  every: (periodMs, task) => systemClock.every(periodMs / 10, task),
};

function answering(port: number): RawServer {
  return rawServer({ request: (peer) => void peer.socket.write(whole) }, port);
}

function load(
  server: Pick<RawServer, 'endpoint'>,
  wishes: Wishes,
  clock = hurried,
): Promise<LoadReport> {
  return startLoad(planOf(server.endpoint, wishes), clock, systemRandom).report;
}

/** Loses the answer to every third request that comes for the first time. */
function losing(lose: (peer: Peer) => void, again = whole): RawServer {
  const seen = new Set<string>();
  let first = 0;
  return rawServer({
    request(peer, text) {
      const isNew = !seen.has(text);
      seen.add(text);
      if (isNew) first += 1;
      if (isNew && first % 3 === 0) lose(peer);
      else peer.socket.write(isNew ? whole : again);
    },
  });
}

/** How often each target came, and with how many texts. */
function arrivals({ requests }: RawServer): Map<number, readonly string[]> {
  const found = new Map<number, string[]>();
  for (const text of requests) {
    const n = Number(/^\w+ \/(\d+) /.exec(text)?.[1]);
    found.set(n, [...(found.get(n) ?? []), text]);
  }
  return found;
}

const losses = [
  { name: 'closed', lose: (peer: Peer) => void peer.socket.end() },
  { name: 'reset', lose: (peer: Peer) => void peer.socket.terminate() },
  { name: 'cut off', lose: (peer: Peer) => void peer.socket.end(whole.slice(0, -1)) },
  { name: '503', lose: (peer: Peer) => void peer.socket.write(busy) },
];

describe.each(losses)('$name', ({ lose }) => {
  test.each([read, keyed])('$method: every number is answered', async (template) => {
    using server = losing(lose, replay);
    const report = await load(server, { requests: [template], count: 30, connections: 3 });
    expect(counts(report)).toEqual({ statuses: { 200: 30 }, failures: {} });
    expect([report.retried, report.replayed]).toEqual([10, 10]);
    const found = arrivals(server);
    expect([...found.keys()].sort((a, b) => a - b)).toEqual(upTo(30));
    // Placeholders have the values of the first time.
    for (const texts of found.values()) expect(new Set(texts).size).toBe(1);
  });

  test('a write without a key is sent once', async () => {
    using server = losing(lose);
    const report = await load(server, { requests: [bare], count: 30, connections: 3 });
    expect(report.completed + [...report.byFailure.values()].reduce((a, b) => a + b, 0)).toBe(30);
    expect([report.retried, server.requests.length]).toEqual([0, 30]);
  });
});

test('without --retry nothing is', async () => {
  using server = losing((peer) => void peer.socket.end());
  const { retry: _, ...once } = keyed;
  const report = await load(server, { requests: [once], count: 30, connections: 3 });
  expect(counts(report)).toEqual({ statuses: { 200: 20 }, failures: { closed: 10 } });
  expect([report.retried, server.requests.length]).toEqual([0, 30]);
});

test('it ends at its bound', async () => {
  using server = rawServer({ request: (peer) => void peer.socket.end() });
  const requests = [{ ...keyed, retry: 2 }];
  const report = await load(server, { requests, count: 2, connections: 2 });
  expect(counts(report)).toEqual({ statuses: {}, failures: { closed: 2 } });
  expect([report.retried, server.requests.length]).toEqual([4, 6]);
});

test('a pipeline that is lost is sent again, each once', async () => {
  using server = losing((peer) => void peer.socket.terminate());
  const report = await load(server, {
    requests: [keyed],
    count: 40,
    connections: 2,
    pipeline: 4,
  });
  expect(counts(report)).toEqual({ statuses: { 200: 40 }, failures: {} });
  for (const texts of arrivals(server).values()) expect(new Set(texts).size).toBe(1);
});

test('nothing else goes out on a connection that waits to try again', async () => {
  const moments: { n: number; ms: number }[] = [];
  using server = rawServer({
    request(peer, text) {
      moments.push({ n: Number(/^GET \/(\d+) /.exec(text)?.[1]), ms: performance.now() });
      peer.socket.write(moments.length === 1 ? busy : whole);
    },
  });
  await load(server, { requests: [read], count: 3, connections: 1 });
  expect(moments.map(({ n }) => n)).toEqual([1, 1, 2, 3]);
  // A tenth of the 100 ms.
  expect((moments[1]?.ms ?? 0) - (moments[0]?.ms ?? 0)).toBeGreaterThan(9);
});

test('the latency of a request begins when it was first sent', async () => {
  using server = losing((peer) => void peer.socket.end());
  const report = await load(server, { requests: [keyed], count: 3, connections: 1 });
  expect(report.fromSend?.maxMs ?? 0).toBeGreaterThan(95);
  expect(report.fromSend?.minMs ?? 1_000).toBeLessThan(95);
});

test('a server that is away for a while is waited for', async () => {
  const answer = { request: (peer: Peer) => void peer.socket.write(whole) };
  using first = rawServer(answer);
  let second: RawServer | undefined;
  const clock: Clock = {
    ...hurried,
    after(delayMs, task) {
      // The wait for the third try: the server was away for two.
      if (delayMs === 200) second ??= rawServer(answer, first.port);
      return hurried.after(delayMs, task);
    },
  };
  const wishes = { requests: [keyed], count: 400, connections: 4, keepAlive: false };
  const running = load(first, wishes, clock);
  await until(() => first.requests.length > 50, 'it runs');
  first.stop();
  const report = await running;
  expect(counts(report)).toEqual({ statuses: { 200: 400 }, failures: {} });
  expect(second?.requests.length ?? 0).toBeGreaterThan(0);
  second?.stop();
});

test('when the server stays away, what was never sent has found no connection', async () => {
  using first = rawServer({});
  first.stop();
  const report = await load(first, { requests: [{ ...keyed, retry: 100 }], count: 5 });
  expect(report.gaveUp).toBe(true);
  expect([report.byFailure.get('connect'), report.dropped]).toEqual([5, 0]);
  expect(report.reasons.get('connect')).toContain('nothing listens');
});

test('and of what was sent before, nobody knows', async () => {
  using server = rawServer({
    request(peer) {
      server.stop();
      peer.socket.end();
    },
  });
  const report = await load(server, { requests: [{ ...keyed, retry: 100 }], count: 1 });
  expect(report).toMatchObject({ gaveUp: true, dropped: 1 });
  expect(report.byFailure.size).toBe(0);
});

test('a lane waits as long as it should for a server that is not there', async () => {
  const port = freePort();
  let server: RawServer | undefined;
  const clock: Clock = {
    ...hurried,
    after(delayMs, task) {
      // Half of the wait later.
      if (delayMs === 100) hurried.after(50, () => (server ??= answering(port)));
      return hurried.after(delayMs, task);
    },
  };
  const endpoint = { host: '127.0.0.1', port, authority: `127.0.0.1:${port}` };
  const report = await load({ endpoint }, { requests: [{ ...keyed, retry: 1 }], count: 1 }, clock);
  expect([report.completed, report.retried]).toEqual([1, 1]);
  server?.stop();
});

test('a run for a time tries nothing again when it is over', async () => {
  using server = rawServer({ request: (peer) => void peer.socket.end() });
  const requests = [{ ...keyed, retry: 100 }];
  const report = await load(server, { requests, durationMs: 100, connections: 2 });
  expect(report.dropped).toBe(0);
  expect(report.byFailure.get('closed')).toBe(2);
});

test('several threads add up what they sent again', async () => {
  using server = losing((peer) => void peer.socket.end(), replay);
  const wishes = { requests: [keyed], count: 30, connections: 4, threads: 2 };
  const report = await loadAtPace(server, wishes);
  expect(counts(report)).toEqual({ statuses: { 200: 30 }, failures: {} });
  expect([report.retried, report.replayed]).toEqual([10, 10]);
});
