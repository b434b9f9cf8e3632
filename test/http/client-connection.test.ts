/** Responses as a client reads them: each row whole and byte by byte. */

import { describe, expect, test } from 'bun:test';
import { clientEvents } from './feed.ts';

const OK = 'HTTP/1.1 200 OK\r\n';

const rows: readonly {
  readonly name: string;
  readonly methods?: readonly string[];
  readonly raw: string;
  readonly end?: boolean;
  readonly want: readonly string[];
}[] = [
  {
    name: 'content by length',
    raw: `${OK}Content-Length: 3\r\n\r\nabc`,
    want: ['200 OK length', 'content: abc', 'end reusable'],
  },
  {
    name: 'no content to HEAD, whatever the length says',
    methods: ['HEAD'],
    raw: `${OK}Content-Length: 286\r\n\r\n`,
    want: ['200 OK none', 'end reusable'],
  },
  {
    name: 'two pipelined responses, the first to HEAD',
    methods: ['HEAD', 'GET'],
    raw: `${OK}Content-Length: 9\r\n\r\n${OK}Content-Length: 1\r\n\r\nx`,
    want: ['200 OK none', 'end reusable', '200 OK length', 'content: x', 'end reusable'],
  },
  {
    name: 'interim responses first',
    raw: `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n${OK}Content-Length: 0\r\n\r\n`,
    want: ['interim 100', 'interim 103', '200 OK length', 'end reusable'],
  },
  {
    name: '204 and 304 have none',
    methods: ['PUT', 'GET'],
    raw: 'HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
    want: ['204 No Content none', 'end reusable', '304 Not Modified none', 'end reusable'],
  },
  {
    name: 'chunks',
    raw: `${OK}Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n`,
    want: ['200 OK chunked', 'content: ab', 'end reusable'],
  },
  {
    name: 'until close',
    raw: `${OK}\r\nabc`,
    end: true,
    want: ['200 OK until-close', 'content: abc', 'end'],
  },
  {
    name: 'a server that closes',
    raw: `${OK}Content-Length: 0\r\nConnection: close\r\n\r\n`,
    want: ['200 OK length', 'end'],
  },
  {
    name: 'what follows a 101 is no HTTP any more',
    raw: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nContent-Length: 5\r\n\r\n',
    want: ['101 Switching Protocols none', 'end'],
  },
  {
    name: 'a tunnel begins behind the head, whatever that says of content',
    methods: ['CONNECT'],
    raw: 'HTTP/1.1 200 Connection established\r\nTransfer-Encoding: chunked\r\n\r\n',
    want: ['200 Connection established none', 'end'],
  },
  {
    name: 'a tunnel that is refused',
    methods: ['CONNECT'],
    raw: 'HTTP/1.1 501 Not Implemented\r\nContent-Length: 2\r\n\r\nno',
    want: ['501 Not Implemented length', 'content: no', 'end reusable'],
  },
  {
    name: 'HTTP/1.0 closes',
    raw: 'HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n',
    want: ['200 OK length', 'end'],
  },
  {
    name: 'no reason, with and without its space',
    methods: ['GET', 'GET'],
    raw: 'HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\nHTTP/1.1 404\r\nContent-Length: 0\r\n\r\n',
    want: ['200  length', 'end reusable', '404  length', 'end reusable'],
  },
  { name: 'line ends of the original server', raw: 'HTTP/1.1 200 OK\n\n', want: ['bare-lf'] },
  { name: 'not HTTP', raw: 'SSH-2.0-x\r\n', want: ['bad-status-line'] },
  { name: 'a status of two digits', raw: 'HTTP/1.1 20 OK\r\n', want: ['bad-status-line'] },
  { name: 'a status below 100', raw: 'HTTP/1.1 099 X\r\n', want: ['bad-status-line'] },
  {
    name: 'both framings',
    raw: `${OK}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    want: ['length-with-coding'],
  },
  {
    name: 'cut short',
    raw: `${OK}Content-Length: 5\r\n\r\nabc`,
    end: true,
    want: ['200 OK length', 'content: abc', 'ended-early'],
  },
  { name: 'closed before any byte', raw: '', end: true, want: ['ended-early'] },
  {
    name: 'bytes nobody asked for',
    raw: `${OK}Content-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n`,
    want: ['200 OK length', 'end reusable', 'unexpected-bytes'],
  },
];

describe('a client reads', () => {
  for (const { name, methods = ['GET'], raw, end = false, want } of rows) {
    test(name, () => {
      expect(clientEvents(methods, raw, 'whole', { end })).toEqual([...want]);
      expect(clientEvents(methods, raw, 'bytes', { end })).toEqual([...want]);
    });
  }
});
