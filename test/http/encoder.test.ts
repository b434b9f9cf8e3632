/** Messages to bytes: exact, parsed again as what was meant, and never two for one. */

import { describe, expect, test } from 'bun:test';
import { AssertionFailed } from '../../src/base/assert.ts';
import { latin1Text, utf8Bytes } from '../../src/base/bytes.ts';
import { continueResponse, encodeRequest, encodeResponseHead } from '../../src/http/encoder.ts';
import type { FieldLine, Framing } from '../../src/http/message.ts';
import { clientEvents, serverEvents } from './feed.ts';

describe('a response', () => {
  const rows: readonly [status: number, fields: FieldLine[], framing: Framing, want: string][] = [
    [
      200,
      [['Date', 'x']],
      { kind: 'length', bytes: 5 },
      'HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 5\r\n\r\n',
    ],
    [200, [], { kind: 'chunked' }, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'],
    [204, [], { kind: 'none' }, 'HTTP/1.1 204 No Content\r\n\r\n'],
    [200, [], { kind: 'until-close' }, 'HTTP/1.1 200 OK\r\n\r\n'],
    [599, [], { kind: 'none' }, 'HTTP/1.1 599 \r\n\r\n'],
    [
      200,
      [
        ['A', ''],
        ['A', '\xe9\t ~'],
      ],
      { kind: 'none' },
      'HTTP/1.1 200 OK\r\nA: \r\nA: \xe9\t ~\r\n\r\n',
    ],
  ];
  for (const [status, fields, framing, want] of rows) {
    test(JSON.stringify(want), () => {
      const bytes = encodeResponseHead(status, fields, framing);
      expect(latin1Text(bytes)).toBe(want);
      expect(clientEvents(['GET'], want)[0]).toStartWith(String(status));
    });
  }

  test('a 100 is a status line and nothing else', () => {
    expect(latin1Text(continueResponse)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  });
});

describe('a request', () => {
  test('without content says no length', () => {
    const bytes = encodeRequest({ method: 'GET', target: '/', fields: [['Host', 'h']] });
    expect(latin1Text(bytes)).toBe('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  });

  test('with content says its length in bytes, also when it is 0', () => {
    const content = utf8Bytes('한');
    const message = { method: 'PUT', target: '/a', fields: [['Host', 'h']] } as const;
    const bytes = encodeRequest({ ...message, content });
    expect(serverEvents(bytes, 'bytes')).toEqual([
      'PUT /a 1.1 length 3 persistent',
      `content: ${latin1Text(content)}`,
      'end',
    ]);
    const empty = encodeRequest({ ...message, content: new Uint8Array(0) });
    expect(latin1Text(empty)).toEndWith('\r\nContent-Length: 0\r\n\r\n');
  });
});

describe('what could end a line early is a bug, and is not sent', () => {
  const fields: readonly FieldLine[] = [
    ['', 'x'],
    ['A B', 'x'],
    ['A:', 'x'],
    ['A\r\nB', 'x'],
    ['é', 'x'],
    ['A', 'x\r\nB: y'],
    ['A', 'x\n'],
    ['A', '\0'],
    ['A', '\x7f'],
    // Above U+00FF a character would lose its upper byte, and U+010A would become a line end.
    ['A', '\u010a'],
    ['A', '한'],
  ];
  for (const field of fields) {
    test(JSON.stringify(field), () => {
      const message = { method: 'GET', target: '/', fields: [field] };
      expect(() => encodeRequest(message)).toThrow(AssertionFailed);
      const framing = { kind: 'none' } as const;
      expect(() => encodeResponseHead(200, [field], framing)).toThrow(AssertionFailed);
    });
  }

  for (const method of ['', 'G T', 'GET\r\n', 'é']) {
    test(`method ${JSON.stringify(method)}`, () => {
      const encode = () => encodeRequest({ method, target: '/', fields: [] });
      expect(encode).toThrow(AssertionFailed);
    });
  }

  for (const target of ['', '/a b', '/\r\n', '/한', '/\x7f', '/\0']) {
    test(`target ${JSON.stringify(target)}`, () => {
      const encode = () => encodeRequest({ method: 'GET', target, fields: [] });
      expect(encode).toThrow(AssertionFailed);
    });
  }

  for (const status of [0, 99, 600, Number.NaN]) {
    test(`status ${status}`, () => {
      const encode = () => encodeResponseHead(status, [], { kind: 'none' });
      expect(encode).toThrow(AssertionFailed);
    });
  }
});
