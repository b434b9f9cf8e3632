/** How a response is shown, on a terminal and elsewhere. */

import { expect, test } from 'bun:test';
import { latin1Bytes, utf8Bytes } from '../../src/base/bytes.ts';
import type { Completed } from '../../src/client/exchange.ts';
import { renderResponse, shownBytesMax } from '../../src/repl/render.ts';
import { parseHead } from './support/head.ts';

const piped = { terminal: false, colour: false, interactive: false };
const plain = { terminal: true, colour: false, interactive: false };
const prompt = { terminal: true, colour: false, interactive: true };
const coloured = { terminal: true, colour: true, interactive: true };

function response(head: string, content: Uint8Array | string = ''): Completed {
  return {
    kind: 'completed',
    interim: [],
    head: parseHead(head),
    content: typeof content === 'string' ? utf8Bytes(content) : content,
    elapsedMs: 1,
    surplus: false,
  };
}

const ok = 'HTTP/1.1 200 OK\r\nServer:  x \r\n\r\n';

function shown(result: Completed, style = plain): string {
  return Buffer.from(renderResponse(result, style)).toString('utf8');
}

test('to a pipe everything goes as it came, and the content ends its line', () => {
  const bytes = new Uint8Array([0, 27, 255, 10, 13]);
  const whole = [...latin1Bytes(ok), ...bytes, 10];
  expect([...renderResponse(response(ok, bytes), piped)]).toEqual(whole);
  expect(shown(response(ok, 'a\n'), piped)).toBe(`${ok}a\n`);
  expect(shown(response(ok), piped)).toBe(ok);
});

test('interim responses come first', () => {
  const result = { ...response(ok), interim: [parseHead('HTTP/1.1 103 Early Hints\r\n\r\n')] };
  expect(shown(result, piped)).toBe(`HTTP/1.1 103 Early Hints\r\n\r\n${ok}`);
});

const contents: readonly (readonly [content: Uint8Array | string, want: string])[] = [
  ['', ''],
  ['a', 'a\n'],
  ['a\n', 'a\n'],
  ['a\r\nb\r\n', 'a\nb\n'],
  ['\ttab', '\ttab\n'],
  ['a\rb', 'a\\rb\n'],
  ['\x1b[31mred\x07', '\\x1b[31mred\\x07\n'],
  ['\u009b31m', '\\x9b31m\n'],
  ['\u202egnp.exe', '\\u{202e}gnp.exe\n'],
  ['한국어 😀', '한국어 😀\n'],
  [new Uint8Array([0x61, 0, 0x62]), '(binary, 3 bytes)\n'],
  [new Uint8Array([0xff, 0xfe]), '(binary, 2 bytes)\n'],
];

test.each(contents)('on a terminal the content %j', (content, want) => {
  expect(shown(response(ok, content))).toBe(`HTTP/1.1 200 OK\nServer:  x \n\n${want}`);
});

test('the charset that the response names is used, a coding is said', () => {
  const korean = new Uint8Array([0xc7, 0xd1]);
  const charset = (name: string) =>
    `HTTP/1.1 200 OK\r\nContent-Type: text/html;charset=${name}\r\n\r\n`;
  expect(shown(response(charset('"EUC-KR"'), korean))).toEndWith('\n\n한\n');
  expect(shown(response(charset('none-such'), korean))).toEndWith('\n\n(binary, 2 bytes)\n');
  const coded = 'HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\n';
  expect(shown(response(coded, 'abc'))).toEndWith('\n\n(3 bytes, Content-Encoding "br")\n');
});

test('a head cannot drive the terminal either', () => {
  const head = 'HTTP/1.1 200 O\u009bK\r\nA: \u009b31m\r\n\r\n';
  const text = shown(response(head), coloured);
  expect(text).toContain('O\\x9bK');
  expect(text).not.toContain('\u009b');
});

const classes: readonly (readonly [status: number, code: string])[] = [
  [200, '32'],
  [304, '36'],
  [404, '33'],
  [500, '31'],
];

test.each(classes)('the status %d has its colour', (status, code) => {
  const text = shown(response(`HTTP/1.1 ${status} X\r\nA: b\r\n\r\n`), coloured);
  expect(text).toBe(`\x1b[1;${code}mHTTP/1.1 ${status} X\x1b[0m\n\x1b[2mA:\x1b[22m b\n\n`);
});

test('at a prompt a long content is cut between characters, elsewhere it is not', () => {
  const most = 'x'.repeat(shownBytesMax);
  expect(shown(response(ok, most), prompt)).toEndWith(`\n\n${most}\n`);
  const text = shown(response(ok, `${most.slice(1)}한`), prompt);
  expect(text).toContain('(… 3 bytes more;');
  expect(text).not.toContain('binary');
  expect(shown(response(ok, `${most}한`), plain)).toEndWith(`${most}한\n`);
});
