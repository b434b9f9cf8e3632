/** Responses from a raw server, however they are cut, as exchanges. */

import { describe, expect, test } from 'bun:test';
import type { RequestMessage } from '../../src/http/message.ts';
import { clientOf, finish, get, ok, summary, whole } from './exchanges.ts';
import { type Peer, rawServer, type Situation } from './raw-server.ts';

const head: RequestMessage = { ...get, method: 'HEAD' };
const chunkedHead = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
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
    raw: `${chunkedHead}3\r\nhel\r\n2;a=b\r\nlo\r\n0\r\nT: x\r\n\r\n`,
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
    raw: `${chunkedHead}zz\r\n`,
    want: failed('protocol', `${notHttp}A chunk size is not a hexadecimal number.`),
    connections: 2,
  },
];

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
