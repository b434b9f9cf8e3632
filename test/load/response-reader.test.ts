/**
 * The fast way of reading responses beside the codec: both must tell the same, however bytes come.
 */

import { describe, expect, test } from 'bun:test';
import { latin1Bytes } from '../../src/base/bytes.ts';
import { ClientConnection } from '../../src/http/client-connection.ts';
import { ProtocolError } from '../../src/http/protocol-error.ts';
import { type Awaited, HeadMemo, ResponseReader } from '../../src/load/response-reader.ts';

/** What a reader told: `200`, `200 last`, and how it ended. */
type Told = string[];

function tell(status: number, reusable: boolean): string {
  return reusable ? String(status) : `${status} last`;
}

function readFast(methods: readonly string[], chunks: readonly string[], ends: boolean): Told {
  const told: Told = [];
  const memos = new Map<string, HeadMemo>();
  const waiting: Awaited[] = methods.map((method) => {
    const memo = memos.get(method) ?? new HeadMemo();
    memos.set(method, memo);
    return { method, memo };
  });
  let open = true;
  const reader = new ResponseReader({
    awaited: () => waiting[0],
    response(status, reusable) {
      waiting.shift();
      told.push(tell(status, reusable));
      open = reusable;
      return reusable;
    },
  });
  try {
    for (const chunk of chunks) if (open) reader.receive(latin1Bytes(chunk));
    if (ends && open) reader.receiveEnd();
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    told.push(error.code);
  }
  return told;
}

function readSlow(methods: readonly string[], text: string, ends: boolean): Told {
  const told: Told = [];
  const codec = new ClientConnection();
  for (const method of methods) codec.expect(method);
  codec.receive(latin1Bytes(text));
  if (ends) codec.receiveEnd();
  let status = 0;
  try {
    for (let event = codec.poll(); event !== undefined; event = codec.poll()) {
      if (event.kind === 'head') status = event.head.status;
      if (event.kind !== 'end') continue;
      told.push(tell(status, event.reusable));
      if (!event.reusable) break;
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    told.push(error.code);
  }
  return told;
}

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
const same = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nworld';
const empty = 'HTTP/1.1 204 No Content\r\n\r\n';
const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n';
const last = 'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx';
const untilClose = 'HTTP/1.1 200 OK\r\n\r\nall the rest';
const head = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n';
const proceed = 'HTTP/1.1 100 Continue\r\n\r\n';

const rows: { name: string; methods: string; text: string; ends?: boolean; want: Told }[] = [
  { name: 'one', methods: 'GET', text: ok, want: ['200'] },
  {
    name: 'the same head again',
    methods: 'GET GET GET',
    text: ok + same + ok,
    want: ['200', '200', '200'],
  },
  {
    name: 'another head between',
    methods: 'GET GET GET',
    text: ok + empty + ok,
    want: ['200', '204', '200'],
  },
  {
    name: 'chunked between',
    methods: 'GET GET GET',
    text: ok + chunked + same,
    want: ['200', '200', '200'],
  },
  { name: 'chunked twice', methods: 'GET GET', text: chunked + chunked, want: ['200', '200'] },
  {
    name: 'a 100 before each',
    methods: 'GET GET',
    text: proceed + ok + proceed + ok,
    want: ['200', '200'],
  },
  {
    name: 'HEAD has no content',
    methods: 'HEAD HEAD GET',
    text: head + head + ok,
    want: ['200', '200', '200'],
  },
  {
    name: 'GET and HEAD are not mixed up',
    methods: 'GET HEAD GET',
    text: ok + head + ok,
    want: ['200', '200', '200'],
  },
  { name: 'the last one', methods: 'GET GET', text: ok + last, want: ['200', '200 last'] },
  { name: 'the last one twice', methods: 'GET GET', text: last + last, want: ['200 last'] },
  { name: 'ended by the close', methods: 'GET', text: untilClose, ends: true, want: ['200 last'] },
  {
    name: 'cut in a recognised content',
    methods: 'GET GET',
    text: `${ok}${head}he`,
    ends: true,
    want: ['200', 'ended-early'],
  },
  {
    name: 'cut in a head',
    methods: 'GET GET',
    text: `${ok}HTTP/1.1 2`,
    ends: true,
    want: ['200', 'ended-early'],
  },
  {
    name: 'closed before the second',
    methods: 'GET GET',
    text: ok,
    ends: true,
    want: ['200', 'ended-early'],
  },
  { name: 'closed when all was answered', methods: 'GET', text: ok, ends: true, want: ['200'] },
  {
    name: 'more than was asked for',
    methods: 'GET',
    text: ok + ok,
    want: ['200', 'unexpected-bytes'],
  },
  {
    name: 'no HTTP',
    methods: 'GET GET',
    text: `${ok}nonsense\r\n\r\n`,
    want: ['200', 'bad-status-line'],
  },
];

/** Responses whose heads differ in what they say of their length, and in nothing else. */
function lengths(said: readonly string[], content: readonly string[]): string {
  const line = (value: string): string => `HTTP/1.1 200 OK\r\n${value}\r\nServer: x\r\n\r\n`;
  return said.map((value, index) => line(value) + (content[index] ?? '')).join('');
}

const lengthRows: typeof rows = [
  {
    name: 'other lengths',
    methods: 'GET GET GET GET',
    text: lengths(
      ['Content-Length: 3', 'Content-Length: 12', 'Content-Length: 0', 'Content-Length: 007'],
      ['abc', 'HTTP/1.1 200', '', 'abcdefg'],
    ),
    want: ['200', '200', '200', '200'],
  },
  {
    name: 'a length of 15 digits',
    methods: 'GET GET',
    text: lengths(['Content-Length: 1', 'Content-Length: 000000000000002'], ['a', 'ab']),
    want: ['200', '200'],
  },
  {
    name: 'a length with blanks behind it',
    methods: 'GET GET',
    text: lengths(['CONTENT-LENGTH:1 \t', 'CONTENT-LENGTH:2 \t'], ['a', 'ab']),
    want: ['200', '200'],
  },
  {
    name: 'a length above what can be counted',
    methods: 'GET GET',
    text: lengths(['Content-Length: 1', 'Content-Length: 1000000000000000'], ['a']),
    want: ['200', 'bad-content-length'],
  },
  ...['', 'a', '1a', '-1', '+1', '1.0', '0x1', '1, 2', '1\r\nContent-Length: 2'].map((value) => ({
    name: `a length ${JSON.stringify(value)}`,
    methods: 'GET GET',
    text: lengths(['Content-Length: 1', `Content-Length: ${value}`], ['a', 'a']),
    want: ['200', 'bad-content-length'],
  })),
  {
    name: 'a list of lengths that differ',
    methods: 'GET GET GET',
    text: lengths(
      ['Content-Length: 1, 1', 'Content-Length: 2, 2', 'Content-Length: 1, 2'],
      ['a', 'ab', 'a'],
    ),
    want: ['200', '200', 'bad-content-length'],
  },
  {
    name: 'a length and a list of it',
    methods: 'GET GET',
    text: lengths(
      ['Content-Length: 1\r\nContent-Length: 1, 1', 'Content-Length: 2\r\nContent-Length: 1, 1'],
      ['a', 'ab'],
    ),
    want: ['200', 'bad-content-length'],
  },
  {
    name: 'HEAD, whatever length',
    methods: 'HEAD HEAD',
    text: lengths(['Content-Length: 1', 'Content-Length: 22'], []),
    want: ['200', '200'],
  },
];

describe('told as the codec tells it, whole and byte by byte and in any two pieces', () => {
  test.each([...rows, ...lengthRows])('$name', ({ methods, text, ends = false, want }) => {
    const asked = methods.split(' ');
    expect(readSlow(asked, text, ends)).toEqual(want);
    expect(readFast(asked, [text], ends)).toEqual(want);
    expect(readFast(asked, [...text], ends)).toEqual(want);
    for (let at = 1; at < text.length; at += 1) {
      expect(readFast(asked, [text.slice(0, at), text.slice(at)], ends)).toEqual(want);
    }
  });
});

test('a head that differs in one byte is not recognised', () => {
  const other = ok.replace('200', '201');
  expect(readFast(['GET', 'GET', 'GET'], [ok, other, ok], false)).toEqual(['200', '201', '200']);
});
