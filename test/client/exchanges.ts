/**
 * What the tests of the client share: requests, a client of a test's server, results to compare.
 */

import { latin1Text } from '../../src/base/bytes.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { ExchangeResult } from '../../src/client/exchange.ts';
import { type ClientOptions, createClient } from '../../src/client/http-client.ts';
import type { RequestMessage } from '../../src/http/message.ts';
import type { Peer } from './raw-server.ts';

export const get: RequestMessage = { method: 'GET', target: '/', fields: [['Host', 'a']] };

/** What a test compares: everything but the time and the received bytes of the head. */
export function summary(result: ExchangeResult): unknown {
  if (result.kind === 'failed') return result;
  const { head, content, interim } = result;
  return {
    status: head.status,
    content: latin1Text(content),
    interim: interim.map((h) => h.status),
  };
}

export function ok(content: string, status = 200, interim: number[] = []): unknown {
  return { status, content, interim };
}

export function clientOf(endpoint: { port: number }, options: Partial<ClientOptions> = {}) {
  const { port } = endpoint;
  const address = { host: '127.0.0.1', port, authority: `127.0.0.1:${port}` };
  const client = createClient(address, { clock: systemClock, timeoutMs: 3_000, ...options });
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}

export const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';

/** What a server does after its bytes. */
export function finish(peer: Peer, ending: 'end' | 'reset' | undefined): void {
  if (ending === 'end') peer.socket.end();
  if (ending === 'reset') peer.socket.terminate();
}
