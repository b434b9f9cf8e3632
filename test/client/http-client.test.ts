import { describe, expect, test } from 'bun:test';
import { latin1Text, utf8Bytes } from '../../src/base/bytes.ts';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import type { ExchangeResult } from '../../src/client/exchange.ts';
import { type ClientOptions, createClient } from '../../src/client/http-client.ts';
import type { RequestMessage } from '../../src/http/message.ts';
import { freePort, type Peer, rawServer, type Situation, until } from './raw-server.ts';

const get: RequestMessage = { method: 'GET', target: '/', fields: [['Host', 'a']] };
const head: RequestMessage = { ...get, method: 'HEAD' };

/** What a test compares: everything but the time and the received bytes of the head. */
function summary(result: ExchangeResult): unknown {
  if (result.kind === 'failed') return result;
  const { head, content, interim } = result;
  return {
    status: head.status,
    content: latin1Text(content),
    interim: interim.map((h) => h.status),
  };
}

function ok(content: string, status = 200, interim: number[] = []): unknown {
  return { status, content, interim };
}

function clientOf(endpoint: { port: number }, options: Partial<ClientOptions> = {}) {
  const { port } = endpoint;
  const address = { host: '127.0.0.1', port, authority: `127.0.0.1:${port}` };
  const client = createClient(address, { clock: systemClock, timeoutMs: 3_000, ...options });
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}

const whole = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
const notHttp = "the server's bytes are no HTTP response: ";

interface Row {
  name: string;
  request?: RequestMessage;
  /** What the server writes as a response. */
  raw: string;
  /** What it does then; by default it keeps the connection. */
  ending?: 'end' | 'reset';
  want: unknown;
  /** Connections after a second exchange: 1 when the first could be used again. */
  connections: 1 | 2;
}

function failed(failure: string, message: string): unknown {
  return { kind: 'failed', failure, message, sent: true };
}

const rows: Row[] = [
  { name: 'a length', raw: whole, want: ok('hello'), connections: 1 },
  {
    name: 'an empty content',
    raw: 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
    want: ok(''),
    connections: 1,
  },
  {
    name: 'chunks and trailers',
    raw: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\nT: x\r\n\r\n',
    want: ok('hello'),
    connections: 1,
  },
  {
    name: 'until the close',
    raw: 'HTTP/1.1 200 OK\r\n\r\nhello',
    ending: 'end',
    want: ok('hello'),
    connections: 2,
  },
  {
    name: 'until the close, but reset',
    raw: 'HTTP/1.1 200 OK\r\n\r\nhello',
    ending: 'reset',
    want: failed('reset', 'the server reset the connection in the middle of the response'),
    connections: 2,
  },
  {
    name: 'HEAD with a length',
    request: head,
    raw: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
    want: ok(''),
    connections: 1,
  },
  { name: '204', raw: 'HTTP/1.1 204 No Content\r\n\r\n', want: ok('', 204), connections: 1 },
  {
    name: '304 with a length',
    raw: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
    want: ok('', 304),
    connections: 1,
  },
  {
    name: '100 and 103 before',
    raw: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${whole}`,
    want: ok('hello', 200, [100, 103]),
    connections: 1,
  },
  {
    name: 'Connection: close, yet kept open',
    raw: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: Close\r\n\r\nhello',
    want: ok('hello'),
    connections: 2,
  },
  {
    name: 'HTTP/1.0',
    raw: 'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello',
    want: ok('hello'),
    connections: 2,
  },
  {
    name: 'the request says close',
    request: { ...get, fields: [...get.fields, ['connection', 'x, Close']] },
    raw: whole,
    want: ok('hello'),
    connections: 2,
  },
  { name: 'a close after it', raw: whole, ending: 'end', want: ok('hello'), connections: 2 },
  { name: 'a reset after it', raw: whole, ending: 'reset', want: ok('hello'), connections: 2 },
  { name: 'a second response', raw: `${whole}${whole}`, want: ok('hello'), connections: 2 },
  { name: 'a blank line after it', raw: `${whole}\r\n`, want: ok('hello'), connections: 2 },
  {
    name: 'a close in the middle',
    raw: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell',
    ending: 'end',
    want: failed('closed', 'the server closed the connection in the middle of the response'),
    connections: 2,
  },
  {
    name: 'a reset in the middle',
    raw: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell',
    ending: 'reset',
    want: failed('reset', 'the server reset the connection in the middle of the response'),
    connections: 2,
  },
  {
    name: 'a close before any byte',
    raw: '',
    ending: 'end',
    want: failed('closed', 'the server closed the connection before any response'),
    connections: 2,
  },
  {
    name: 'a reset before any byte',
    raw: '',
    ending: 'reset',
    want: failed('reset', 'the server reset the connection before any response'),
    connections: 2,
  },
  {
    name: 'garbage',
    raw: '220 mail.example ESMTP\r\n',
    want: failed('protocol', `${notHttp}The status line is not "version SP status SP reason".`),
    connections: 2,
  },
  {
    name: 'a bad chunk',
    raw: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    want: failed('protocol', `${notHttp}A chunk size is not a hexadecimal number.`),
    connections: 2,
  },
];

function finish(peer: Peer, ending: Row['ending']): void {
  if (ending === 'end') peer.socket.end();
  if (ending === 'reset') peer.socket.terminate();
}

/** Plays the row to the first request, and a plain response to every later one. */
function playOnce(row: Row, play: (peer: Peer) => void): Situation {
  let first = true;
  return {
    request(peer) {
      if (first) play(peer);
      else peer.socket.write(row.request?.method === 'HEAD' ? row.raw : whole);
      first = false;
    },
  };
}

async function runRow(row: Row, situation: Situation): Promise<void> {
  using server = rawServer(situation);
  using client = clientOf(server);
  const request = row.request ?? get;
  expect(summary(await client.exchange(request))).toEqual(row.want);
  // Immediately after, with no pause: no attempt may be lost to a connection that is over.
  const second = await client.exchange(request);
  expect(second.kind).toBe('completed');
  expect(server.accepted).toBe(row.connections);
  expect(server.requests.length).toBe(2);
}

describe('a response in one write', () => {
  test.each(rows)('$name', (row) =>
    runRow(
      row,
      playOnce(row, (peer) => {
        peer.socket.write(row.raw);
        finish(peer, row.ending);
      }),
    ),
  );
});

describe('a response byte by byte', () => {
  // What follows a whole response may come late: that is the test of the idle connection below.
  const dribbled = rows.filter(({ raw }) => !/hello(\r\n$|HTTP)/.test(raw));
  test.each(dribbled)('$name', (row) =>
    runRow(
      row,
      playOnce(row, (peer) => {
        let at = 0;
        const step = () => {
          if (at === row.raw.length) return finish(peer, row.ending);
          peer.socket.write(row.raw.slice(at, at + 1));
          at += 1;
          setImmediate(step);
        };
        step();
      }),
    ),
  );
});

describe('a connection that is not there', () => {
  test('nothing listens', async () => {
    const port = freePort();
    using client = clientOf({ port });
    expect(await client.exchange(get)).toEqual({
      kind: 'failed',
      failure: 'connect',
      connectCode: 'refused',
      message: `nothing listens at 127.0.0.1:${port}`,
      sent: false,
    });
  });

  test('the name does not resolve', async () => {
    const endpoint = { host: 'name.invalid', port: 80, authority: 'name.invalid' };
    const client = createClient(endpoint, { clock: systemClock });
    expect(await client.exchange(get)).toEqual({
      kind: 'failed',
      failure: 'connect',
      connectCode: 'unresolved',
      message: 'the name name.invalid does not resolve',
      sent: false,
    });
  });

  test('the server went away while the connection was idle', async () => {
    const server = rawServer({ request: (peer) => void peer.socket.write(whole) });
    using client = clientOf(server);
    expect((await client.exchange(get)).kind).toBe('completed');
    server.stop();
    expect(await client.exchange(get)).toMatchObject({ failure: 'connect', sent: false });
  });
});

describe('a connection used again', () => {
  test('many exchanges share one', async () => {
    using server = rawServer({ request: (peer) => void peer.socket.write(whole) });
    using client = clientOf(server);
    for (let i = 0; i < 50; i += 1) expect((await client.exchange(get)).kind).toBe('completed');
    expect(server.accepted).toBe(1);
  });

  test('a server that closes after each response without saying so costs no failure', async () => {
    using server = rawServer({
      request(peer) {
        peer.socket.write(whole);
        peer.socket.end();
      },
    });
    using client = clientOf(server);
    for (let i = 0; i < 20; i += 1) expect((await client.exchange(get)).kind).toBe('completed');
    expect(server.accepted).toBe(20);
  });

  test('one that closes after every third response costs no failure either', async () => {
    using server = rawServer({
      request(peer) {
        peer.socket.write(whole);
        if (peer.requests === 3) peer.socket.end();
      },
    });
    using client = clientOf(server);
    for (let i = 0; i < 30; i += 1) expect((await client.exchange(get)).kind).toBe('completed');
    expect(server.accepted).toBe(10);
  });

  test('a reset between the look and the first byte costs no failure', async () => {
    let peer: Peer | undefined;
    using server = rawServer({
      request(from) {
        peer = from;
        from.socket.write(whole);
      },
    });
    // The client reads the clock just before it sends and when it has received: the third time
    // is right before the second send.
    let readings = 0;
    const clock: Clock = {
      ...systemClock,
      monotonicMs() {
        readings += 1;
        if (readings === 3) peer?.socket.terminate();
        return systemClock.monotonicMs();
      },
    };
    const client = createClient(server.endpoint, { clock });
    expect(summary(await client.exchange(get))).toEqual(ok('hello'));
    expect(summary(await client.exchange(get))).toEqual(ok('hello'));
    expect(server.accepted).toBe(2);
    client.close();
  });

  test('bytes that nobody asked for end it', async () => {
    let peer: Peer | undefined;
    using server = rawServer({
      request(from) {
        peer = from;
        from.socket.write(whole);
      },
    });
    using client = clientOf(server);
    await client.exchange(get);
    peer?.socket.write('HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n');
    expect(summary(await client.exchange(get))).toEqual(ok('hello'));
    expect(server.accepted).toBe(2);
  });
});

/** A request that no kernel takes at once over the loopback interface. */
const large: RequestMessage = {
  method: 'POST',
  target: '/large',
  fields: [['Host', 'a']],
  content: new Uint8Array(8 * 1024 * 1024).fill(97),
};
/** Waits until `value` stays the same for many turns of the event loop. */
async function stable(value: () => number): Promise<void> {
  for (let last = -1, turns = 0; turns < 200; turns += 1) {
    if (value() !== last) turns = 0;
    last = value();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const tooLarge = 'HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno';

describe('a large request', () => {
  test('arrives whole in spite of short writes', async () => {
    const sentHead = 'POST /large HTTP/1.1\r\nHost: a\r\nContent-Length: 8388608\r\n\r\n';
    let received = 0;
    using server = rawServer({
      data(peer) {
        received += peer.text.length;
        peer.text = '';
        if (received === sentHead.length + 8 * 1024 * 1024) peer.socket.write(whole);
      },
    });
    using client = clientOf(server);
    expect(summary(await client.exchange(large))).toEqual(ok('hello'));
  });

  const endings = ['keeps the connection', 'end', 'reset'] as const;
  test.each(endings)('an early refusal is read and the rest not sent: %s', async (ending) => {
    let received = 0;
    using server = rawServer({
      data(peer) {
        received += peer.text.length;
        peer.text = '';
        if (peer.requests > 0) return;
        peer.requests = 1;
        peer.socket.pause();
        peer.socket.write(tooLarge);
        if (ending !== 'keeps the connection') finish(peer, ending);
      },
    });
    using client = clientOf(server);
    expect(summary(await client.exchange(large))).toEqual(ok('no', 413));
    expect(received).toBeLessThan(8 * 1024 * 1024);
    expect(summary(await client.exchange(large))).toEqual(ok('no', 413));
    expect(server.accepted).toBe(2);
  });

  test('after the head of a refusal nothing more is sent', async () => {
    let received = 0;
    using server = rawServer({
      data(peer) {
        if (received === 0) {
          peer.socket.write(tooLarge.slice(0, -2));
          void stable(() => received).then(() => peer.socket.write('no'));
        }
        received += peer.text.length;
        peer.text = '';
      },
    });
    using client = clientOf(server);
    expect(summary(await client.exchange(large))).toEqual(ok('no', 413));
    expect(received).toBeLessThan(8 * 1024 * 1024);
  });

  test('a cut one is told as sent', async () => {
    using server = rawServer({ data: (peer) => void peer.socket.terminate() });
    using client = clientOf(server);
    const result = await client.exchange(large);
    expect(result).toMatchObject({ kind: 'failed', failure: 'reset', sent: true });
    expect(server.accepted).toBe(1);
  });

  test('an early success does not stop the rest', async () => {
    let received = 0;
    using server = rawServer({
      data(peer) {
        if (received === 0) peer.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n');
        received += peer.text.length;
        peer.text = '';
        if (received > 8 * 1024 * 1024) peer.socket.write('done');
      },
    });
    using client = clientOf(server);
    expect(summary(await client.exchange(large))).toEqual(ok('done'));
  });
});

describe('bounds', () => {
  test('content at the bound is kept, a byte past it is a failure', async () => {
    using server = rawServer({ request: (peer) => void peer.socket.write(whole) });
    using fits = clientOf(server, { contentBytesMax: 5 });
    expect(summary(await fits.exchange(get))).toEqual(ok('hello'));
    using tight = clientOf(server, { contentBytesMax: 4 });
    const message = 'the content is longer than the 4 bytes that are kept';
    expect(await tight.exchange(get)).toEqual({
      kind: 'failed',
      failure: 'protocol',
      message,
      sent: true,
    });
  });

  test('100 interim responses are kept, one more is a failure', async () => {
    const interim = 'HTTP/1.1 102 Processing\r\n\r\n';
    let times = 100;
    using server = rawServer({
      request: (peer) => void peer.socket.write(`${interim.repeat(times)}${whole}`),
    });
    using client = clientOf(server);
    expect(summary(await client.exchange(get))).toEqual(ok('hello', 200, Array(100).fill(102)));
    times = 101;
    expect(await client.exchange(get)).toMatchObject({
      failure: 'protocol',
      message: 'the server sent more than 100 interim responses',
    });
  });
});

describe('time and the person', () => {
  test('a server that never answers', async () => {
    using server = rawServer({});
    using client = clientOf(server);
    expect(await client.exchange(get, { timeoutMs: 20 })).toEqual({
      kind: 'failed',
      failure: 'timeout',
      message: 'no whole response within 0.02 s',
      sent: true,
    });
  });

  test('cancel ends the exchange and its connection, and the next one works', async () => {
    let mute = true;
    using server = rawServer({
      request(peer) {
        if (!mute) peer.socket.write(whole);
      },
    });
    using client = clientOf(server);
    client.cancel();
    const running = client.exchange(get);
    await until(() => server.requests.length === 1, 'the request arrived');
    client.cancel();
    expect(await running).toMatchObject({ failure: 'cancelled', sent: true });
    mute = false;
    expect(summary(await client.exchange(get))).toEqual(ok('hello'));
    expect(server.accepted).toBe(2);
  });

  test('cancel while it connects', async () => {
    using server = rawServer({ request: (peer) => void peer.socket.write(whole) });
    using client = clientOf(server);
    const connecting = client.exchange(get);
    client.cancel();
    expect(await connecting).toMatchObject({ failure: 'cancelled', sent: false });
    expect(summary(await client.exchange(get))).toEqual(ok('hello'));
    expect(server.requests.length).toBe(1);
  });

  test('cancel while it looks whether the connection stands', async () => {
    using server = rawServer({ request: (peer) => void peer.socket.write(whole) });
    using client = clientOf(server);
    expect(summary(await client.exchange(get))).toEqual(ok('hello'));
    const probing = client.exchange(get);
    client.cancel();
    expect(await probing).toMatchObject({ failure: 'cancelled', sent: false });
    expect(summary(await client.exchange(get))).toEqual(ok('hello'));
    // Time for the look that was cancelled to come back, had it been forgotten.
    expect(summary(await client.exchange(get))).toEqual(ok('hello'));
    expect(server.requests.length).toBe(3);
    expect(server.accepted).toBe(2);
  });

  test('no time limit outlives its exchange', async () => {
    let limits = 0;
    const clock: Clock = {
      ...systemClock,
      after(delayMs, task) {
        const timer = systemClock.after(delayMs, task);
        if (delayMs !== 3_000) return timer;
        limits += 1;
        return {
          cancel() {
            limits -= 1;
            timer.cancel();
          },
        };
      },
    };
    using server = rawServer({ request: (peer) => void peer.socket.write(whole) });
    using client = clientOf(server, { clock });
    const running = client.exchange(get);
    expect(limits).toBe(1);
    await running;
    expect(limits).toBe(0);
  });

  test('the bytes on the wire, and the time', async () => {
    using server = rawServer({ request: (peer) => void peer.socket.write(whole) });
    using client = clientOf(server);
    const result = await client.exchange({
      method: 'PUT',
      target: '/test.html',
      fields: [['Host', 'a']],
      content: utf8Bytes('This is test'),
    });
    expect(server.requests).toEqual([
      'PUT /test.html HTTP/1.1\r\nHost: a\r\nContent-Length: 12\r\n\r\nThis is test',
    ]);
    if (result.kind !== 'completed') throw new Error(result.message);
    expect(result.elapsedMs).toBeGreaterThan(0);
    expect(result.elapsedMs).toBeLessThan(3_000);
  });
});
