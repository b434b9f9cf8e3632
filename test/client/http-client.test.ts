/** The ways of a client: reuse, retries, deadlines and the end. */

import { describe, expect, test } from 'bun:test';
import { utf8Bytes } from '../../src/base/bytes.ts';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { createClient } from '../../src/client/http-client.ts';
import type { RequestMessage } from '../../src/http/message.ts';
import { clientOf, finish, get, ok, summary, whole } from './exchanges.ts';
import { freePort, type Peer, rawServer, until } from './raw-server.ts';

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
