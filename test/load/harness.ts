/** What tests of loads share: a server that answers, a run against it, and what came of it. */

import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { LoadReport } from '../../src/load/load.ts';
import { startLoad } from '../../src/load/start-load.ts';
import { type RawServer, rawServer } from '../client/raw-server.ts';
import { planOf, type Wishes } from './plans.ts';

export const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
export const lastOne = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

export function start(server: Pick<RawServer, 'endpoint'>, wishes: Wishes) {
  return startLoad(planOf(server.endpoint, wishes), systemClock, systemRandom);
}

export function load(server: Pick<RawServer, 'endpoint'>, wishes: Wishes): Promise<LoadReport> {
  return start(server, wishes).report;
}

export function answering(): RawServer {
  return rawServer({ request: (peer) => void peer.socket.write(whole) });
}

export function numbers(server: RawServer): number[] {
  return server.requests
    .map((text) => Number(/^GET \/(\d+) /.exec(text)?.[1]))
    .sort((a, b) => a - b);
}

export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

export function counts(report: LoadReport) {
  return {
    statuses: Object.fromEntries(report.byStatus),
    failures: Object.fromEntries(report.byFailure),
  };
}
