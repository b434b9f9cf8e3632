/** Requests as a server reads them: each row whole, byte by byte, and with bytes behind it. */

import { describe, expect, test } from 'bun:test';
import { serverEvents } from './feed.ts';
import { CHUNKED, HOST, put, refused } from './refused.ts';

interface Row {
  readonly name: string;
  readonly raw: string;
  readonly want: readonly string[];
}

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
