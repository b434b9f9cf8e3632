/** One TCP connection: partial writes, both ends, and failures by name. */

import { describe, expect, test } from 'bun:test';
import { latin1Text, utf8Bytes } from '../../src/base/bytes.ts';
import { Transport, type TransportListener } from '../../src/client/transport.ts';
import { freePort, type Peer, rawServer, until } from './raw-server.ts';

/** Notes every event as a word. */
function notes() {
  const events: string[] = [];
  const listener: TransportListener = {
    opened: () => void events.push('opened'),
    received: (bytes) => void events.push(latin1Text(bytes)),
    ended: () => void events.push('ended'),
    gone: (end) => void events.push(end.kind),
  };
  return { events, listener };
}

/** A connection with both of its ends at hand. */
async function pair() {
  let peer: Peer | undefined;
  const server = rawServer({
    open(from) {
      peer = from;
    },
    data() {},
  });
  const { events, listener } = notes();
  const transport = Transport.connect(server.endpoint, listener);
  await until(() => events.length > 0 && peer !== undefined, 'both ends stand');
  if (peer === undefined) throw new Error('no peer');
  return { server, peer, transport, events };
}

describe('the order of events', () => {
  test('nothing listens', async () => {
    const { events, listener } = notes();
    Transport.connect({ host: '127.0.0.1', port: freePort(), authority: 'a' }, listener);
    expect(events).toEqual([]);
    await until(() => events.length > 0, 'it failed');
    expect(events).toEqual(['unconnected']);
  });

  test('the peer ends its half, and writing goes on', async () => {
    const { server, peer, transport, events } = await pair();
    peer.socket.write('a');
    peer.socket.shutdown();
    await until(() => events.includes('ended'), 'the FIN was seen');
    transport.write(utf8Bytes('late'));
    await until(() => peer.text === 'late', 'the late write arrived');
    expect(transport.bytesTaken).toBe(4);
    peer.socket.end();
    server.stop();
    expect(events.slice(0, 3)).toEqual(['opened', 'a', 'ended']);
  });

  test('a reset', async () => {
    const { server, peer, events } = await pair();
    peer.socket.terminate();
    await until(() => events.length > 1, 'the reset was seen');
    expect(events).toEqual(['opened', 'reset']);
    server.stop();
  });

  test('a write that meets a reset: what had come is told, an orderly end is not', async () => {
    const { server, peer, transport, events } = await pair();
    peer.socket.write('before');
    peer.socket.terminate();
    transport.write(utf8Bytes('too late'));
    expect(transport.bytesTaken).toBe(0);
    expect(transport.bytesWaiting).toBe(0);
    await until(() => events.includes('reset'), 'the reset was seen');
    expect(events).toEqual(['opened', 'before', 'reset']);
    server.stop();
  });

  test.each(['close', 'drop'] as const)('nothing is heard after %s', async (way) => {
    const { server, peer, transport, events } = await pair();
    peer.socket.write('unheard');
    transport[way]();
    await until(() => peer.socket.readyState <= 0, 'the peer saw it');
    expect(events).toEqual(['opened']);
    transport.write(utf8Bytes('ignored'));
    transport[way]();
    server.stop();
  });

  test.each(['close', 'drop'] as const)('%s before the connection stands', async (way) => {
    const { events, listener } = notes();
    let gone = false;
    using server = rawServer({
      open(peer) {
        void until(() => peer.socket.readyState <= 0, 'it ended').then(() => {
          gone = true;
        });
      },
    });
    Transport.connect(server.endpoint, listener)[way]();
    await until(() => gone, 'the late connection was dropped');
    expect(events).toEqual([]);
  });
});

describe('a write that the kernel takes in pieces', () => {
  const large = new Uint8Array(16 * 1024 * 1024).fill(97);

  test('is counted, and given up on request', async () => {
    const { server, peer, transport } = await pair();
    peer.socket.pause();
    transport.write(large);
    expect(transport.bytesTaken).toBeGreaterThan(0);
    expect(transport.bytesTaken + transport.bytesWaiting).toBe(large.length);
    expect(() => transport.write(large)).toThrow('a write while another one waits');
    transport.discardWaiting();
    expect(transport.bytesWaiting).toBe(0);
    transport.drop();
    server.stop();
  });

  test.each([
    ['whole', 'ends in order', false],
    ['half taken', 'is reset, so that the peer cannot take it for whole', true],
  ])('closed when it is %s, it %s', async (_when, _how, cut) => {
    let closedBy: string | undefined;
    using server = rawServer({
      data() {},
      ended() {
        closedBy ??= 'end';
      },
      closed(error) {
        closedBy ??= error === undefined ? 'close' : 'reset';
      },
    });
    const { events, listener } = notes();
    const transport = Transport.connect(server.endpoint, listener);
    await until(() => events.length > 0, 'it stands');
    transport.write(cut ? large : utf8Bytes('whole'));
    transport.close();
    await until(() => closedBy !== undefined, 'the peer saw the close');
    expect(closedBy).toBe(cut ? 'reset' : 'end');
  });
});
