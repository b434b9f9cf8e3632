/**
 * Chunks, byte for byte: every place where one can be malformed, and every limit from both sides.
 */

import { describe, expect, test } from 'bun:test';
import { defaultHeadLimits } from '../../src/http/limits.ts';
import { serverEvents } from './feed.ts';

const HEAD = 'PUT /p HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n';
const zeros = (count: number): string => '0'.repeat(count);
const extension = (bytes: number): string => `;${'x'.repeat(bytes - 1)}`;
const extensionsMax = defaultHeadLimits.chunkExtensionBytesMax;

/** What comes after the request's line; the last is an error's code, or `end`. */
const rows: readonly [name: string, chunks: string, want: readonly string[]][] = [
  ['no chunk but the last', '0\r\n\r\n', ['end']],
  ['two chunks', '2\r\nab\r\n1\r\nc\r\n0\r\n\r\n', ['content: abc', 'end']],
  [
    'hexadecimal, both cases',
    'a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n',
    ['content: 01234567890123456789a', 'end'],
  ],
  ['a size of 32 digits', `${zeros(31)}1\r\na\r\n0\r\n\r\n`, ['content: a', 'end']],
  ['a size of 33 digits', `${zeros(32)}1\r\na\r\n0\r\n\r\n`, ['chunk-too-large']],
  ['a size past the exact numbers', '20000000000000\r\n', ['chunk-too-large']],
  ['a size that wraps 64 bits', '10000000000000001\r\na', ['chunk-too-large']],
  ['no size', '\r\n', ['bad-chunk-size']],
  ['a blank before the size', ' 1\r\n', ['bad-chunk-size']],
  ['a sign', '+1\r\n', ['bad-chunk-size']],
  ['0x', '0x1\r\n', ['bad-chunk-size']],
  ['a decimal point', '1.0\r\n', ['bad-chunk-size']],
  ['a bare LF behind the size', '1\na\r\n', ['bad-chunk-size']],
  ['a bare CR behind the size', '1\ra', ['bad-chunk-size']],
  ['more data than the size', '1\r\nab\r\n', ['content: a', 'bad-chunk-end']],
  ['less data than the size', '3\r\nab\r\n0\r\n\r\n', ['content: ab\r', 'bad-chunk-end']],
  ['a bare LF behind the data', '1\r\na\n0\r\n\r\n', ['content: a', 'bad-chunk-end']],
  ['a bare CR behind the data', '1\r\na\r0\r\n\r\n', ['content: a', 'bad-chunk-end']],
  ['a blank, and no extension', '1 \r\na\r\n', ['bad-chunk-extension']],
  ['blanks before an extension', '1 \t;x\r\na\r\n0\r\n\r\n', ['content: a', 'end']],
  ['a bare LF in an extension', '1;x\na\r\n', ['bad-chunk-extension']],
  ['NUL in an extension', '1;\0\r\n', ['bad-chunk-extension']],
  ['extensions at the limit', `0${extension(extensionsMax)}\r\n\r\n`, ['end']],
  ['extensions past it', `0${extension(extensionsMax + 1)}\r\n\r\n`, ['chunk-extensions-too-long']],
  [
    'extensions past it, over two chunks',
    `1${extension(extensionsMax)}\r\na\r\n0${extension(1)}\r\n\r\n`,
    ['content: a', 'chunk-extensions-too-long'],
  ],
  ['trailers', '0\r\nA: b\r\nContent-Length: 9\r\n\r\n', ['end']],
  ['a malformed trailer', '0\r\n(A): b\r\n\r\n', ['bad-field-name']],
  ['a bare LF in the trailers', '0\r\nA: b\n\r\n', ['bare-lf']],
];

describe('chunked content', () => {
  for (const [name, chunks, want] of rows) {
    test(name, () => {
      const whole = serverEvents(HEAD + chunks);
      expect(whole).toEqual(['PUT /p 1.1 chunked persistent', ...want]);
      expect(serverEvents(HEAD + chunks, 'bytes')).toEqual(whole);
    });
  }

  test('cut short anywhere it is not whole, and at the end that is said', () => {
    const whole = `${HEAD}2;x\r\nab\r\n0\r\nT: v\r\n\r\n`;
    for (let length = HEAD.length; length < whole.length; length += 1) {
      expect(serverEvents(whole.slice(0, length))).not.toContain('end');
      expect(serverEvents(whole.slice(0, length), 'whole', { end: true }).at(-1)).toBe(
        'ended-early',
      );
    }
  });

  test('the next request begins right behind it', () => {
    const next = 'GET /next HTTP/1.1\r\nHost: h\r\n\r\n';
    expect(serverEvents(`${HEAD}1\r\na\r\n0\r\n\r\n${next}`).slice(-2)).toEqual([
      'GET /next 1.1 none persistent',
      'end',
    ]);
  });
});
