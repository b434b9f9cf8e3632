/** The message that a line makes: default fields, content, encoding, placeholders. */

import { afterAll, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyBytes, utf8Bytes } from '../../src/base/bytes.ts';
import { encodeTarget } from '../../src/client/encode-target.ts';
import type { FieldLine } from '../../src/http/message.ts';
import { fillTemplate } from '../../src/load/request-source.ts';
import { compileTemplate, RunValues } from '../../src/load/template.ts';
import { commandNames } from '../../src/repl/commands.ts';
import { parseLine, type RequestLine } from '../../src/repl/language.ts';
import { loadContent, messageOf as messageOnce, templateOf } from '../../src/repl/request.ts';

const html: FieldLine = ['Content-Type', 'text/html; charset=utf-8'];
const host: FieldLine = ['Host', '127.0.0.1:8080'];

function requestLine(line: string): RequestLine {
  const parsed = parseLine(line, commandNames);
  if (parsed.kind !== 'request') throw new Error(`no request: ${line}`);
  return parsed;
}

async function messageOf(line: string, standing: readonly FieldLine[] = [], key?: string) {
  const request = requestLine(line);
  const content = await loadContent(request.content);
  if (content.kind === 'problem') throw new Error(content.message);
  return messageOnce(templateOf(request, content, '127.0.0.1:8080', standing, key));
}

interface Row {
  readonly line: string;
  readonly standing?: readonly FieldLine[];
  readonly target?: string;
  readonly fields: readonly FieldLine[];
  readonly content?: string;
}

const rows: readonly Row[] = [
  { line: 'GET /', target: '/', fields: [host] },
  { line: 'PUT t.html x', target: '/t.html', fields: [host, html], content: 'x' },
  { line: 'PUT t.html', fields: [host, html], content: '' },
  { line: 'POST t.html', fields: [host, html], content: '' },
  { line: 'PATCH t.html', fields: [host, html], content: '' },
  { line: 'DELETE t.html', fields: [host] },
  { line: 'GET t.html body', fields: [host], content: 'body' },
  {
    line: "PUT -H 'content-type: text/plain' t.html x",
    fields: [host, ['content-type', 'text/plain']],
    content: 'x',
  },
  { line: "GET -H 'host: other' /", fields: [['host', 'other']] },
  { line: 'GET http://a.test:81/x', fields: [['Host', 'a.test:81']] },
  { line: 'GET http://me@a.test/x', fields: [['Host', 'a.test']] },
  { line: 'GET /', standing: [['A', '1']], fields: [host, ['A', '1']] },
  { line: 'GET -H a:2 /', standing: [['A', '1']], fields: [host, ['a', '2']] },
  {
    line: 'PUT t x',
    standing: [['Content-Type', 'text/plain']],
    fields: [host, ['Content-Type', 'text/plain']],
    content: 'x',
  },
  { line: 'GET 한/é.html', target: '/%ED%95%9C/%C3%A9.html', fields: [host] },
  { line: 'PUT t {{n}} {{uuid}}', fields: [host, html], content: '{{n}} {{uuid}}' },
];

test.each(rows)('$line', async ({ line, standing, target, fields, content }) => {
  const message = await messageOf(line, standing);
  if (target !== undefined) expect(message.target).toBe(target);
  expect(message.fields).toEqual([...fields]);
  expect(message.content).toEqual(content === undefined ? undefined : utf8Bytes(content));
});

const keyLine: FieldLine = ['Idempotency-Key', '"k-1"'];

const keyRows: readonly (readonly [
  line: string,
  fields: readonly FieldLine[],
  ...standing: FieldLine[],
])[] = [
  ['PUT t x', [host, html, keyLine]],
  ['POST t x', [host, html, keyLine]],
  ['PATCH t x', [host, html, keyLine]],
  ['DELETE t', [host, keyLine]],
  ['GET t', [host]],
  ['HEAD t', [host]],
  ['OPTIONS t', [host]],
  ['MKCOL t', [host]],
  ['PUT --no-key t x', [host, html]],
  ["PUT -H 'idempotency-key: own' t x", [host, ['idempotency-key', 'own'], html]],
  ["PUT -H 'Idempotency-Key:' t x", [host, ['Idempotency-Key', ''], html]],
  ['PUT t x', [host, ['Idempotency-Key', 'own'], html], ['Idempotency-Key', 'own']],
];

test.each(keyRows)('the key of %s is in %j', async (line, fields, ...standing) => {
  expect((await messageOf(line, standing, 'k-1')).fields).toEqual([...fields]);
  expect((await messageOf(line, standing)).fields).not.toContainEqual(keyLine);
});

test('a write without content still says how long it is', async () => {
  expect((await messageOf('PUT t.html')).content).toEqual(emptyBytes);
});

test('text that is no character is encoded all the same', () => {
  expect(encodeTarget('/\ud800')).toBe('/%EF%BF%BD');
});

const templates: readonly (readonly [text: string, want: string])[] = [
  ['plain', 'plain'],
  ['item {{n}}', 'item 7'],
  ['{{n}}{{n}}', '77'],
  ['{{uuid}}', 'u-1'],
  ['{{now}}', '1970-01-01T00:00:00.000Z'],
  ['{{other}} {{ n }} {{N}}', '{{other}} {{ n }} {{N}}'],
  ['{n} {{n} {{{n}}} {{}}', '{n} {{n} {7} {{}}'],
  ['{{constructor}} {{__proto__}}', '{{constructor}} {{__proto__}}'],
];

function lookupOf(n: number) {
  const values = new RunValues({ uuid: () => 'u-1', wallMs: () => 0 });
  values.n = n;
  return values.lookup;
}

test.each(templates)('the template %j', (text, want) => {
  const template = compileTemplate(text);
  expect(template.fill(lookupOf(7))).toBe(want);
  expect(template.fill(() => undefined)).toBe(text);
});

test('placeholders are filled in the target, the fields and the content', () => {
  const line = requestLine("PUT -H 'Idempotency-Key: k{{n}}' p{{n}}-한.html item {{n}}");
  if (line.content.kind !== 'text') throw new Error('no text');
  const message = fillTemplate(templateOf(line, line.content, 'h', []), lookupOf(3));
  expect(message.target).toBe('/p3-%ED%95%9C.html');
  expect(message.fields).toContainEqual(['Idempotency-Key', 'k3']);
  expect(message.content).toEqual(utf8Bytes('item 3'));
});

const folder = mkdtempSync(join(tmpdir(), 'inkwire-request-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a file is sent byte for byte, placeholders and all', async () => {
  const path = join(folder, 'a file.html');
  const bytes = new Uint8Array([0, 255, 0x7b, 0x7b, 0x6e, 0x7d, 0x7d]);
  writeFileSync(path, bytes);
  const line = requestLine(`POST x.html @${path}`);
  const content = await loadContent(line.content);
  if (content.kind === 'problem') throw new Error(content.message);
  expect(fillTemplate(templateOf(line, content, 'h', []), lookupOf(3)).content).toEqual(bytes);
});

const unreadable: readonly (readonly [path: string, said: RegExp])[] = [
  [join(folder, 'none'), /there is no file ".*none"; for a text that begins with/],
  [folder, /is no regular file/],
  ['/dev/zero', /is no regular file/],
  ['a\0b', /file "a\\x00b"/],
];

test.each(unreadable)('the content of %j is refused', async (path, said) => {
  const content = await loadContent({ kind: 'file', path });
  expect(content.kind).toBe('problem');
  if (content.kind === 'problem') expect(content.message).toMatch(said);
});
