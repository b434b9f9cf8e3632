/** Requests whose answers get lost, sent again over real sockets, and those that never are. */

import { describe, expect, test } from 'bun:test';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { type Repeated, Repeater, type Repetition } from '../../src/client/repeater.ts';
import { keyField } from '../../src/client/repetition.ts';
import type { FieldLine, RequestMessage } from '../../src/http/message.ts';
import { clientOf, finish, ok, summary, whole } from './exchanges.ts';
import { freePort, type Peer, rawServer, until } from './raw-server.ts';

const host: FieldLine = ['Host', 'a'];
const get: RequestMessage = { method: 'GET', target: '/', fields: [host] };
const bare: RequestMessage = { ...get, method: 'PUT', content: new Uint8Array([0x78]) };
const keyed: RequestMessage = { ...bare, fields: [host, keyField('k-1')] };

/** Waits between tries take no time. */
const hurried: Clock = {
  ...systemClock,
  after: (delayMs, task) => systemClock.after(delayMs < 3_000 ? 0 : delayMs, task),
};

/** Waits between tries never end. */
const patient: Clock = { ...systemClock, after: (_delayMs, task) => systemClock.after(1e6, task) };

interface Sent extends Repeated {
  readonly told: readonly Repetition[];
}

async function send(port: number, request: RequestMessage, repetitionsMax = 3): Promise<Sent> {
  using client = clientOf({ port });
  const told: Repetition[] = [];
  const repeated = await new Repeater(client, hurried).exchange(request, {
    repetitionsMax,
    told: async (repetition) => void told.push(repetition),
  });
  return { ...repeated, told };
}

interface Loss {
  readonly name: string;
  readonly lose: (peer: Peer) => void;
}

const losses: readonly Loss[] = [
  { name: 'closed before the answer', lose: (peer) => finish(peer, 'end') },
  { name: 'reset before the answer', lose: (peer) => finish(peer, 'reset') },
  {
    name: 'closed in the middle of the head',
    lose(peer) {
      peer.socket.write(whole.slice(0, 20));
      finish(peer, 'end');
    },
  },
  {
    name: 'closed in the middle of the content',
    lose(peer) {
      peer.socket.write(whole.slice(0, -2));
      finish(peer, 'end');
    },
  },
  {
    name: '503',
    lose: (peer) => void peer.socket.write('HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n'),
  },
];

describe.each([...losses])('$name', ({ lose }) => {
  /** Loses the first `count` answers. */
  const losing = (count: number) => {
    let lost = 0;
    return rawServer({
      request(peer) {
        lost += 1;
        if (lost <= count) lose(peer);
        else peer.socket.write(whole);
      },
    });
  };

  test.each([get, keyed])('$method is sent again, as it was', async (request) => {
    using server = losing(2);
    const { result, repetitions, told } = await send(server.port, request);
    expect(summary(result)).toEqual(ok('hello'));
    expect(repetitions).toBe(2);
    expect(told.map(({ number, pauseMs }) => [number, pauseMs])).toEqual([
      [1, 100],
      [2, 200],
    ]);
    expect(server.requests).toHaveLength(3);
    expect(new Set(server.requests).size).toBe(1);
  });

  test('a write without a key is not', async () => {
    using server = losing(1);
    const { repetitions, told } = await send(server.port, bare);
    expect([server.requests.length, repetitions, told]).toEqual([1, 0, []]);
  });

  test('nor is anything when it was not asked for', async () => {
    using server = losing(1);
    await send(server.port, keyed, 0);
    expect(server.requests).toHaveLength(1);
  });

  test('it ends at its bound', async () => {
    using server = losing(9);
    const { repetitions } = await send(server.port, keyed, 3);
    expect([server.requests.length, repetitions]).toEqual([4, 3]);
  });
});

test('a server that is not there yet is asked again, for a write without a key too', async () => {
  const port = freePort();
  using client = clientOf({ port });
  let server: ReturnType<typeof rawServer> | undefined;
  const repeater = new Repeater(client, hurried);
  const { result, repetitions } = await repeater.exchange(bare, {
    repetitionsMax: 5,
    told: async ({ number }) => {
      if (number === 3) server = rawServer({ request: (p) => void p.socket.write(whole) }, port);
    },
  });
  expect(summary(result)).toEqual(ok('hello'));
  expect([repetitions, server?.requests.length]).toEqual([3, 1]);
  server?.stop();
});

test('what was sent once stays so, though no server is found any more', async () => {
  using server = rawServer({
    request(peer) {
      server.stop();
      finish(peer, 'end');
    },
  });
  const { result } = await send(server.port, keyed);
  expect(result).toMatchObject({ kind: 'failed', failure: 'connect', sent: true });
});

test('what was never sent stays so', async () => {
  const { result, repetitions } = await send(freePort(), keyed);
  expect(result).toMatchObject({ kind: 'failed', failure: 'connect', sent: false });
  expect(repetitions).toBe(3);
});

describe('stopped', () => {
  test('while it waits to be sent again', async () => {
    using server = rawServer({ request: (peer) => finish(peer, 'end') });
    using client = clientOf(server);
    const repeater = new Repeater(client, patient);
    const { result } = await repeater.exchange(keyed, {
      repetitionsMax: 9,
      told: async () => void setImmediate(() => repeater.cancel()),
    });
    expect(result).toMatchObject({ failure: 'cancelled', sent: true });
    expect(server.requests).toHaveLength(1);
  });

  test('while it is told of', async () => {
    using server = rawServer({ request: (peer) => finish(peer, 'end') });
    using client = clientOf(server);
    const repeater = new Repeater(client, patient);
    const { result } = await repeater.exchange(keyed, {
      repetitionsMax: 9,
      told: async () => repeater.cancel(),
    });
    expect(result).toMatchObject({ failure: 'cancelled', sent: true });
    expect(server.requests).toHaveLength(1);
  });

  test('while it is under way; the next one goes its way', async () => {
    using server = rawServer({
      request(peer) {
        if (peer.number === 2) peer.socket.end();
        if (peer.number === 3) peer.socket.write(whole);
      },
    });
    using client = clientOf(server);
    const repeater = new Repeater(client, hurried);
    const running = repeater.exchange(keyed, { repetitionsMax: 9 });
    await until(() => server.requests.length === 1, 'it was sent');
    repeater.cancel();
    expect((await running).result).toMatchObject({ failure: 'cancelled', sent: true });
    const next = await repeater.exchange(get, { repetitionsMax: 1 });
    expect(summary(next.result)).toEqual(ok('hello'));
  });
});
