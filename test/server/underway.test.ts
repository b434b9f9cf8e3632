/** One connection's many requests do not stand before everyone else's: the order of starting. */

import { expect, test } from 'bun:test';
import type { Respond, Response } from '../../src/app/response.ts';
import { AHEAD_REQUESTS_MAX } from '../../src/config/limits.ts';
import { Exchange } from '../../src/server/exchange.ts';
import { ExchangeQueue } from '../../src/server/exchange-queue.ts';
import { Underway } from '../../src/server/underway.ts';

const response: Response = { status: 200, fields: [], content: { kind: 'none' }, log: {} };
const line = { method: 'GET', target: '/', minorVersion: 1 };
const REQUESTS = 10;

/** A connection with requests that may all run side by side; their answers come when asked for. */
class Connection {
  readonly queue: ExchangeQueue;
  readonly started: Respond[] = [];

  constructor(underway: Underway) {
    this.queue = new ExchangeQueue(underway);
    for (let n = 0; n < REQUESTS; n += 1) {
      const run = (_content: Uint8Array, respond: Respond) => this.started.push(respond);
      const intake = { kind: 'run', safe: true, takesContent: false, run, fields: [] } as const;
      this.queue.push(new Exchange(line, intake, { persistent: true, awaitsContinue: false }, 0));
    }
  }

  start(): void {
    const answer = (exchange: Exchange): Respond => {
      return (response) => {
        exchange.answer(response, exchange === this.queue.first);
        this.queue.shift();
      };
    };
    this.queue.start(answer, Number.POSITIVE_INFINITY, REQUESTS);
  }
}

test('while there is room all of them are under way, then one of each connection', () => {
  const underway = new Underway();
  const connections = Array.from({ length: 100 }, () => new Connection(underway));
  for (const connection of connections) connection.start();
  const counts = connections.map(({ started }) => started.length);
  const greedy = Math.floor(AHEAD_REQUESTS_MAX / REQUESTS);
  expect(counts.slice(0, greedy)).toEqual(counts.slice(0, greedy).map(() => REQUESTS));
  expect(counts[greedy]).toBe(AHEAD_REQUESTS_MAX % REQUESTS);
  expect(counts.slice(greedy + 1)).toEqual(counts.slice(greedy + 1).map(() => 1));

  // Each goes on when its own is answered, whatever the others do: no connection waits for another.
  const [last] = connections.slice(-1);
  for (let n = 1; n < REQUESTS; n += 1) {
    last?.started[n - 1]?.(response);
    last?.start();
    expect(last?.started.length).toBe(n + 1);
  }
});

test('what was answered makes room again', () => {
  const underway = new Underway();
  for (let turn = 0; turn < 3 * AHEAD_REQUESTS_MAX; turn += 1) {
    const connection = new Connection(underway);
    connection.start();
    expect(connection.started.length).toBe(REQUESTS);
    for (const respond of connection.started) respond(response);
  }
});
