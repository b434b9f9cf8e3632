/** Requests as a server reads them: each row whole, byte by byte, and with bytes behind it. */

import { describe, expect, test } from 'bun:test';
import { serverEvents } from './feed.ts';

interface Row {
  readonly name: string;
  readonly raw: string;
  readonly want: readonly string[];
}

const HOST = 'Host: h\r\n';

const accepted: Row[] = [
  {
    name: 'the smallest request',
    raw: `GET / HTTP/1.1\r\n${HOST}\r\n`,
    want: ['GET / 1.1 none persistent', 'end'],
  },
  {
    name: 'one blank line before it',
    raw: `\r\nGET / HTTP/1.1\r\n${HOST}\r\n`,
    want: ['GET / 1.1 none persistent', 'end'],
  },
  {
    name: 'HTTP/1.0 without Host closes',
    raw: 'GET /a HTTP/1.0\r\n\r\n',
    want: ['GET /a 1.0 none close', 'end'],
  },
  {
    name: 'HTTP/1.0 keep-alive',
    raw: 'GET /a HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n',
    want: ['GET /a 1.0 none persistent', 'end'],
  },
  {
    name: 'a minor version above 1',
    raw: `GET / HTTP/1.7\r\n${HOST}\r\n`,
    want: ['GET / 1.7 none persistent', 'end'],
  },
  {
    name: 'close in a list, in any case',
    raw: `GET / HTTP/1.1\r\n${HOST}Connection: foo, CLOSE\r\n\r\n`,
    want: ['GET / 1.1 none close', 'end'],
  },
  {
    name: 'content by length',
    raw: `PUT /p HTTP/1.1\r\n${HOST}Content-Length: 5\r\n\r\nhello`,
    want: ['PUT /p 1.1 length 5 persistent', 'content: hello', 'end'],
  },
  {
    name: 'length 0',
    raw: `PUT /p HTTP/1.1\r\n${HOST}Content-Length: 0\r\n\r\n`,
    want: ['PUT /p 1.1 length 0 persistent', 'end'],
  },
  {
    name: 'equal lengths in a list count as one',
    raw: `PUT /p HTTP/1.1\r\n${HOST}Content-Length: 2, 2\r\n\r\nab`,
    want: ['PUT /p 1.1 length 2 persistent', 'content: ab', 'end'],
  },
  {
    name: 'chunks, extensions and trailers',
    raw: `PUT /p HTTP/1.1\r\n${HOST}Transfer-Encoding: Chunked\r\n\r\n3;x="y"\r\nabc\r\n0A ; z\r\n0123456789\r\n000\r\nHost: evil\r\n\r\n`,
    want: ['PUT /p 1.1 chunked persistent', 'content: abc0123456789', 'end'],
  },
  {
    name: 'empty field values and blanks around a value',
    raw: `GET / HTTP/1.1\r\nHost:\t h \r\nA:\r\nB:  \t \r\n\r\n`,
    want: ['GET / 1.1 none persistent', 'end'],
  },
  {
    name: 'an IPv6 host with a port',
    raw: 'GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n',
    want: ['GET / 1.1 none persistent', 'end'],
  },
  {
    name: 'obs-text in a value',
    raw: `GET / HTTP/1.1\r\n${HOST}A: \xe9\r\n\r\n`,
    want: ['GET / 1.1 none persistent', 'end'],
  },
];

const GET = 'GET / HTTP/1.1\r\n';
const put = (fields: string, content = ''): string =>
  `PUT / HTTP/1.1\r\n${HOST}${fields}\r\n${content}`;
const CHUNKED = 'Transfer-Encoding: chunked\r\n';

/** Each of these is refused with the code, and nothing behind it is parsed. */
const refused: readonly (readonly [code: string, raw: string])[] = [
  ['bad-method', '\x16\x03\x01\x02\x00'],
  ['bad-method', '\0'],
  ['bad-method', 'G{T / HTTP/1.1\r\n\r\n'],
  ['bad-request-line', '\r\n\r\nGET / HTTP/1.1\r\n\r\n'],
  ['bad-method', ' GET / HTTP/1.1\r\n\r\n'],
  ['bare-lf', '\nGET / HTTP/1.1\r\n\r\n'],
  ['bare-cr', '\rGET / HTTP/1.1\r\n\r\n'],
  ['bad-request-line', 'GET\r\n\r\n'],
  ['bad-request-line', 'GET /\r\n\r\n'],
  ['bad-request-line', 'GET  / HTTP/1.1\r\n\r\n'],
  ['bare-lf', 'GET /\n'],
  ['bad-target', 'GET /a\tb HTTP/1.1\r\n\r\n'],
  ['bad-target', 'GET /a#b HTTP/1.1\r\n\r\n'],
  ['bad-target', 'GET /\xe9 HTTP/1.1\r\n\r\n'],
  ['bad-version', 'GET /a b HTTP/1.1\r\n\r\n'],
  ['bad-version', 'GET / http/1.1\r\n\r\n'],
  ['bad-version', 'GET / HTTP/1.1 \r\n\r\n'],
  ['bad-version', 'GET / HTTP/1.10\r\n\r\n'],
  ['bad-version', 'GET / HTTP/1,1\r\n\r\n'],
  ['bad-version', 'GET / HTTP/1.x\r\n\r\n'],
  ['unsupported-version', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['unsupported-version', 'GET / HTTP/0.9\r\n\r\n'],
  ['bad-version', 'GET / HTTP/1.1\nHost: h\n\n'],
  ['bare-cr', 'GET / HTTP/1.1\rHost: h\r\r'],
  ['bare-lf', `${GET}Host: h\n\r\n`],
  ['bare-cr', `${GET}Host: h\rX: y\r\n\r\n`],
  ['bare-lf', `${GET}Host: h\r\n\n`],
  ['bare-cr', `${GET}Host: h\r\n\rX`],
  ['bad-field-value', `${GET}Host: h\r\nA: b\0c\r\n\r\n`],
  ['bad-field-value', `${GET}Host: h\r\nA: b\x7fc\r\n\r\n`],
  ['leading-blank', `${GET} Host: h\r\n\r\n`],
  ['obs-fold', `${GET}Host: h\r\n more\r\n\r\n`],
  ['obs-fold', `${GET}Host: h\r\n\tmore\r\n\r\n`],
  ['blank-before-colon', `${GET}Host : h\r\n\r\n`],
  ['blank-before-colon', `${GET}Host\t: h\r\n\r\n`],
  ['bad-field-name', `${GET}: h\r\n\r\n`],
  ['bad-field-name', `${GET}Ho(st: h\r\n\r\n`],
  ['bad-field-name', `${GET}Host\r\n\r\n`],
  ['host-missing', `${GET}A: b\r\n\r\n`],
  ['host-repeated', `${GET}Host: h\r\nhost: h\r\n\r\n`],
  ['bad-host', `${GET}Host: a b\r\n\r\n`],
  ['bad-host', `${GET}Host: u@h\r\n\r\n`],
  ['bad-host', `${GET}Host: h:8x\r\n\r\n`],
  ['bad-host', `${GET}Host: h:65536\r\n\r\n`],
  ['bad-host', `${GET}Host: [::1\r\n\r\n`],
  ['bad-host', `${GET}Host: h, h\r\n\r\n`.replace('h, h', 'h/x')],
  ['bad-host', 'GET / HTTP/1.0\r\nHost: a b\r\n\r\n'],
  ['bad-content-length', put('Content-Length: 5, 6\r\n', 'hello')],
  ['bad-content-length', put('Content-Length: 5\r\nContent-Length: 6\r\n', 'hello')],
  ['bad-content-length', put('Content-Length: +5\r\n', 'hello')],
  ['bad-content-length', put('Content-Length: -5\r\n')],
  ['bad-content-length', put('Content-Length: 5 5\r\n')],
  ['bad-content-length', put('Content-Length: 0x5\r\n')],
  ['bad-content-length', put('Content-Length: \r\n')],
  ['bad-content-length', put('Content-Length: 1,\r\n', 'a')],
  ['bad-content-length', put('Content-Length: 99999999999999999999\r\n')],
  ['length-with-coding', put(`${CHUNKED}Content-Length: 5\r\n`)],
  ['length-with-coding', put(`Content-Length: 5\r\n${CHUNKED}`)],
  ['coding-in-http-1.0', `PUT / HTTP/1.0\r\n${CHUNKED}\r\n`],
  ['coding-not-chunked', put('Transfer-Encoding: gzip\r\n')],
  ['coding-not-chunked', put('Transfer-Encoding: chunked, gzip\r\n')],
  ['coding-not-chunked', put('Transfer-Encoding: chunked, chunked\r\n')],
  ['coding-not-chunked', put('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n')],
  ['coding-not-chunked', put('Transfer-Encoding: \r\n')],
  ['coding-not-chunked', put('Transfer-Encoding: "chunked"\r\n')],
  ['coding-not-chunked', put('Transfer-Encoding: xchunked\r\n')],
  ['coding-not-chunked', put('Transfer-Encoding: chunked;q=1\r\n')],
  ['unknown-coding', put('Transfer-Encoding: gzip, chunked\r\n')],
  ['bad-chunk-size', put(CHUNKED, '\r\n')],
  ['bad-chunk-size', put(CHUNKED, 'x\r\n')],
  ['bad-chunk-size', put(CHUNKED, '-1\r\n')],
  ['bad-chunk-size', put(CHUNKED, '0x1\r\na\r\n')],
  ['bad-chunk-size', put(CHUNKED, '1\na\r\n')],
  ['bad-chunk-size', put(CHUNKED, '1\ra\r\n')],
  ['bad-chunk-size', put(CHUNKED, ' 1\r\na\r\n')],
  ['bad-chunk-extension', put(CHUNKED, '1 \r\na\r\n')],
  ['bad-chunk-extension', put(CHUNKED, '1;a\nb\r\n')],
  ['bad-chunk-extension', put(CHUNKED, '1;a\0\r\n')],
  ['chunk-too-large', put(CHUNKED, 'fffffffffffffff1\r\n')],
  ['chunk-too-large', put(CHUNKED, `${'0'.repeat(33)}1\r\n`)],
  ['obs-fold', put(CHUNKED, '0\r\nA: b\r\n c\r\n\r\n')],
];

/** What came out before the error: a refused content still had its request. */
function codeOf(events: readonly string[]): string | undefined {
  return events.at(-1);
}

describe('a server accepts', () => {
  for (const { name, raw, want } of accepted) {
    test(name, () => {
      const behind = 'GET /next HTTP/1.1\r\nHost: h\r\n\r\n';
      const next = ['GET /next 1.1 none persistent', 'end'];
      expect(serverEvents(raw)).toEqual([...want]);
      expect(serverEvents(raw, 'bytes')).toEqual([...want]);
      expect(serverEvents(raw, 'whole', { end: true })).toEqual([...want, 'closed']);
      expect(serverEvents(raw + behind)).toEqual([...want, ...next]);
      expect(serverEvents(raw + behind, 'bytes')).toEqual([...want, ...next]);
    });
  }
});

describe('a server refuses', () => {
  for (const [code, raw] of refused) {
    test(`${code}: ${JSON.stringify(raw.slice(0, 90))}`, () => {
      const whole = serverEvents(raw);
      expect(codeOf(whole)).toBe(code);
      expect(codeOf(serverEvents(raw, 'bytes'))).toBe(code);
      expect(serverEvents(`${raw}GET /next HTTP/1.1\r\nHost: h\r\n\r\n`)).toEqual(whole);
    });
  }
});

describe('a message cut off by the end of the connection', () => {
  const rows: readonly (readonly [raw: string, want: readonly string[]])[] = [
    ['', ['closed']],
    ['\r\n', ['closed']],
    ['GET', ['ended-early']],
    ['GET / HTTP/1.1\r\nHost: h\r\n\r', ['ended-early']],
    [
      put('Content-Length: 3\r\n', 'ab'),
      ['PUT / 1.1 length 3 persistent', 'content: ab', 'ended-early'],
    ],
    [put(CHUNKED, '1\r\na\r\n'), ['PUT / 1.1 chunked persistent', 'content: a', 'ended-early']],
    [
      put(CHUNKED, '1\r\na\r\n0\r\n'),
      ['PUT / 1.1 chunked persistent', 'content: a', 'ended-early'],
    ],
  ];
  for (const [raw, want] of rows) {
    test(JSON.stringify(raw), () => {
      expect(serverEvents(raw, 'whole', { end: true })).toEqual([...want]);
      expect(serverEvents(raw, 'bytes', { end: true })).toEqual([...want]);
    });
  }
});

describe('each limit, at it and one past it', () => {
  const limits = {
    targetBytesMax: 12,
    methodBytesMax: 6,
    fieldBytesMax: 28,
    sectionBytesMax: 80,
    fieldsMax: 3,
    chunkExtensionBytesMax: 8,
  };
  const head = (fields: string): string => `GET / HTTP/1.1\r\n${fields}\r\n`;
  const ok = ['GET / 1.1 none persistent', 'end'];
  const rows: readonly (readonly [name: string, raw: string, want: readonly string[]])[] = [
    ['method at', `ABCDEF / HTTP/1.1\r\n${HOST}\r\n`, ['ABCDEF / 1.1 none persistent', 'end']],
    ['method past', `ABCDEFG / HTTP/1.1\r\n${HOST}\r\n`, ['method-too-long']],
    [
      'target at',
      `GET /${'a'.repeat(11)} HTTP/1.1\r\n${HOST}\r\n`,
      [`GET /${'a'.repeat(11)} 1.1 none persistent`, 'end'],
    ],
    ['target past', `GET /${'a'.repeat(12)} HTTP/1.1\r\n${HOST}\r\n`, ['target-too-long']],
    ['field at', head(`${HOST}A: ${'b'.repeat(25)}\r\n`), ok],
    ['field past', head(`${HOST}A: ${'b'.repeat(26)}\r\n`), ['field-too-long']],
    ['field past, in its name', head(`${HOST}${'b'.repeat(29)}: c\r\n`), ['field-too-long']],
    ['field past, in its blanks', head(`${HOST}A:${' '.repeat(28)}c\r\n`), ['field-too-long']],
    ['fields at', head(`${HOST}A: b\r\nC: d\r\n`), ok],
    ['fields past', head(`${HOST}A: b\r\nC: d\r\nE: f\r\n`), ['too-many-fields']],
    [
      'section at, in three lines',
      head(`${HOST}A: ${'b'.repeat(25)}\r\nC: ${'d'.repeat(25)}\r\n`),
      ok,
    ],
    [
      'extension at',
      put(CHUNKED, `1;${'x'.repeat(7)}\r\na\r\n0\r\n\r\n`),
      ['PUT / 1.1 chunked persistent', 'content: a', 'end'],
    ],
    [
      'extension past',
      put(CHUNKED, `1;${'x'.repeat(8)}\r\na\r\n0\r\n\r\n`),
      ['PUT / 1.1 chunked persistent', 'chunk-extensions-too-long'],
    ],
    [
      'extensions past in sum',
      put(CHUNKED, '1;xxx\r\na\r\n1;xxxx\r\na\r\n0\r\n\r\n'),
      ['PUT / 1.1 chunked persistent', 'content: a', 'chunk-extensions-too-long'],
    ],
  ];
  for (const [name, raw, want] of rows) {
    test(name, () => {
      expect(serverEvents(raw, 'whole', { limits })).toEqual([...want]);
      expect(serverEvents(raw, 'bytes', { limits })).toEqual([...want]);
    });
  }

  test('the section itself', () => {
    const line = (bytes: number): string => `A: ${'b'.repeat(bytes - 5)}\r\n`;
    // 9 of Host, 2 of the empty line, and the rest in lines.
    const at = head(`${HOST}${line(20)}${line(22)}`);
    expect(serverEvents(at, 'whole', { limits: { ...limits, sectionBytesMax: 53 } })).toEqual(ok);
    for (const split of ['whole', 'bytes'] as const) {
      const small = { limits: { ...limits, sectionBytesMax: 52 } };
      expect(serverEvents(at, split, small)).toEqual(['section-too-long']);
    }
  });
});
