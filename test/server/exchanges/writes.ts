/** POST, PATCH and DELETE where both semantics answer alike. */

import { request } from '../../support/raw-client.ts';
import { acceptPatch, allowRead, inserted, type Row, sentence, utf8 } from './row.ts';

const MIB = 1024 * 1024;

const patch = (content: string, ...fields: string[]): string =>
  request('PATCH', '/~/page.html', { fields, content });

const html = 'Content-Type: text/html';
const tagged = { etag: /^"[^"]+"$/, 'cache-control': 'no-store' };

const created: Row[] = [
  {
    name: 'POST makes a page with its folders',
    raw: request('POST', '/~/a/b/new.html', { content: '<h1> This is HTML </h1>' }),
    status: 201,
    fields: {
      ...tagged,
      'content-type': 'text/html',
      'content-length': '23',
      'content-location': '/~/a/b/new.html',
      location: '/~/a/b/new.html',
    },
    body: '<h1> This is HTML </h1>',
    effect: { 'a/b/new.html': '<h1> This is HTML </h1>' },
  },
  {
    name: 'POST makes an empty page',
    raw: request('POST', '/~/empty.html', { content: '' }),
    status: 201,
    fields: { 'content-length': '0', location: '/~/empty.html' },
    effect: { 'empty.html': '' },
  },
  {
    name: 'POST without content or length',
    raw: request('POST', '/~/none.html'),
    status: 201,
    fields: { 'content-length': '0' },
    effect: { 'none.html': '' },
  },
  {
    name: 'POST takes any type, also one that is none',
    raw: request('POST', '/~/any.bin', { fields: ['Content-Type: what?'], content: '\0\xff' }),
    status: 201,
    fields: { 'content-type': 'application/octet-stream' },
    body: '\0\xff',
    effect: { 'any.bin': '\0\ufffd' },
  },
  {
    name: 'POST, names percent-encoded',
    raw: request('POST', '/~/%c3%a9t%C3%A9%20%23%3F%25.html', { content: 'x' }),
    status: 201,
    fields: { location: '/~/%C3%A9t%C3%A9%20%23%3F%25.html' },
    effect: { 'été #?%.html': 'x' },
  },
  {
    name: 'POST with a query writes the page',
    raw: request('POST', '/~/new.html?a=b', { content: 'x' }),
    status: 201,
    fields: { location: '/~/new.html' },
    effect: { 'new.html': 'x' },
  },
  {
    name: 'POST, return=minimal',
    raw: request('POST', '/~/new.html', { fields: ['Prefer: return=minimal'], content: 'x' }),
    status: 201,
    fields: { 'content-length': '0', 'preference-applied': 'return=minimal', etag: /"/ },
    body: '',
    effect: { 'new.html': 'x' },
  },
  {
    name: 'POST, a preference nobody knows',
    raw: request('POST', '/~/new.html', { fields: ['Prefer: wait=1, handling=x'], content: 'x' }),
    status: 201,
    fields: { 'preference-applied': undefined },
    body: 'x',
    effect: { 'new.html': 'x' },
  },
  {
    name: 'POST, content that looks like a request',
    raw: request('POST', '/~/new.html', { content: request('DELETE', '/probe.txt') }),
    status: 201,
    effect: { 'new.html': request('DELETE', '/probe.txt') },
  },
  {
    name: 'POST, chunked, trailers dropped',
    raw: `${request('POST', '/~/new.html', {
      fields: ['Transfer-Encoding: chunked'],
    })}3;x\r\nabc\r\nA\r\n0123456789\r\n0\r\nIf-Match: "x"\r\nHost: other\r\n\r\n`,
    status: 201,
    body: 'abc0123456789',
    effect: { 'new.html': 'abc0123456789' },
  },
  {
    name: 'POST, coding identity',
    raw: request('POST', '/~/new.html', { fields: ['Content-Encoding: Identity'], content: 'x' }),
    status: 201,
    effect: { 'new.html': 'x' },
  },
  {
    name: 'POST of 1 MiB',
    raw: request('POST', '/~/new.bin', { content: 'm'.repeat(MIB) }),
    status: 201,
    fields: { 'content-length': String(MIB) },
    effect: { 'new.bin': 'm'.repeat(MIB) },
    large: true,
  },
  {
    name: 'POST of 1 MiB and one byte',
    raw: request('POST', '/~/new.bin', { content: 'm'.repeat(MIB + 1) }),
    status: 413,
    closes: true,
    large: true,
  },
  {
    name: 'POST of 1 MiB and one byte, chunked',
    raw: `${request('POST', '/~/new.bin', {
      fields: ['Transfer-Encoding: chunked'],
    })}100001\r\n${'m'.repeat(MIB + 1)}\r\n0\r\n\r\n`,
    status: 413,
    closes: true,
    large: true,
  },
];

const folders: Row[] = [
  {
    name: 'POST to a folder that is an index page',
    raw: request('POST', '/~/dir/', { content: 'new' }),
    status: 0,
    fields: { 'content-location': '/~/dir/index.html' },
    body: 'new',
    effect: { 'dir/index.html': 'new' },
  },
  ...['/~/folder/', '/~/missing/', '/'].flatMap((target) =>
    ['POST', 'PUT', 'PATCH', 'DELETE'].map(
      (method): Row => ({
        name: `${method} ${target}`,
        raw: request(method, target, { content: 'x' }),
        status: 405,
        fields: { allow: allowRead },
      }),
    ),
  ),
  ...['POST', 'PUT', 'PATCH', 'DELETE'].map(
    (method): Row => ({
      name: `${method} below .well-known`,
      raw: request(method, '/.well-known/security.txt', { content: 'x' }),
      status: 404,
    }),
  ),
];

const patched: Row[] = [
  {
    name: 'PATCH of markup',
    raw: patch('<p>a</p>', html),
    status: 200,
    fields: { ...tagged, 'content-type': 'text/html', 'content-location': '/~/page.html' },
    body: inserted('<p>a</p>'),
    effect: { 'page.html': inserted('<p>a</p>') },
  },
  {
    name: 'PATCH of text',
    raw: patch(' a < b & c > d \r\n', 'Content-Type: text/plain'),
    status: 200,
    fields: tagged,
    effect: { 'page.html': inserted('<h2> a &lt; b &amp; c &gt; d </h2>') },
  },
  {
    name: 'PATCH of the index of a folder',
    raw: request('PATCH', '/~/dir/', { fields: [html], content: '<p>a</p>' }),
    status: 200,
    fields: { 'content-location': '/~/dir/index.html' },
    effect: { 'dir/index.html': '<p>a</p>\n<p>index</p>\n' },
  },
  {
    name: 'PATCH, return=minimal',
    raw: patch('<p>a</p>', html, 'Prefer: respond-async, return = "minimal"; x'),
    status: 204,
    fields: { ...tagged, 'preference-applied': 'return=minimal', 'content-type': undefined },
    effect: { 'page.html': inserted('<p>a</p>') },
  },
  {
    name: 'PATCH, chunked byte by byte',
    raw: `${request('PATCH', '/~/page.html', {
      fields: [html, 'Transfer-Encoding: chunked'],
    })}${[...'<p>a</p>'].map((byte) => `1\r\n${byte}\r\n`).join('')}0\r\n\r\n`,
    status: 200,
    effect: { 'page.html': inserted('<p>a</p>') },
  },
  {
    name: 'PATCH, missing',
    raw: request('PATCH', '/~/missing.html', { content: 'x' }),
    status: 404,
  },
  { name: 'PATCH, empty', raw: patch('', html), status: 400 },
  { name: 'PATCH, blank', raw: patch(' \t\r\n'), status: 400 },
  { name: 'PATCH, no UTF-8', raw: patch('a\xffb'), status: 400 },
  {
    name: 'PATCH, UTF-8 with a byte order mark',
    raw: patch(utf8('\ufeffé'), 'Content-Type: text/plain;charset="UTF-8"'),
    status: 200,
    effect: { 'page.html': inserted('<h2> é </h2>') },
  },
];

const removed: Row[] = [
  {
    name: 'DELETE',
    raw: request('DELETE', '/~/page.html'),
    status: 204,
    fields: { 'cache-control': 'no-store', etag: undefined },
    effect: { 'page.html': undefined },
  },
  {
    name: 'DELETE ignores content',
    raw: request('DELETE', '/~/note.txt', { content: request('DELETE', '/probe.txt') }),
    status: 204,
    effect: { 'note.txt': undefined },
  },
  {
    name: 'DELETE of an index page',
    raw: request('DELETE', '/~/dir/'),
    status: 204,
    effect: { 'dir/index.html': undefined },
  },
  { name: 'DELETE, missing', raw: request('DELETE', '/~/missing.html'), status: 404 },
];

export const writes: readonly Row[] = [...created, ...patched, ...removed];

/** Rows whose answer is the same but for one status of each semantics. */
export function writesOf(semantics: 'classic' | 'standard'): Row[] {
  const standard = semantics === 'standard';
  const status = (plain: number): number => (standard ? plain : 400);
  const unsupported: readonly (readonly [name: string, raw: string])[] = [
    ['of JSON', patch('{}', 'Content-Type: application/json')],
    ['in another charset', patch('a', 'Content-Type: text/plain; charset=iso-8859-1')],
    ['of no media type', patch('a', 'Content-Type: text')],
    ['of two types', patch('a', html, 'Content-Type: text/plain')],
    ['that is coded', patch('a', html, 'Content-Encoding: gzip')],
    [
      'into no HTML under a condition that fails',
      request('PATCH', '/~/note.txt', { fields: ['If-Match: "x"'], content: 'a' }),
    ],
    ['into no HTML', request('PATCH', '/~/note.txt', { content: 'a' })],
  ];
  return [
    ...folders.map((row) => (row.status === 0 ? { ...row, status: standard ? 200 : 201 } : row)),
    ...unsupported.map(
      ([name, raw]): Row => ({
        name: `PATCH ${name}`,
        raw,
        status: status(415),
        fields: { 'accept-patch': acceptPatch },
      }),
    ),
    {
      name: 'POST replaces',
      raw: request('POST', '/~/page.html', { content: 'new' }),
      status: standard ? 200 : 201,
      fields: {
        ...tagged,
        'content-location': '/~/page.html',
        location: standard ? undefined : '/~/page.html',
      },
      body: 'new',
      effect: { 'page.html': 'new' },
    },
    {
      name: 'POST replaces, return=minimal',
      raw: request('POST', '/~/page.html', { fields: ['Prefer: return=minimal'], content: 'new' }),
      status: standard ? 204 : 201,
      fields: { 'preference-applied': 'return=minimal', etag: /"/ },
      body: '',
      effect: { 'page.html': 'new' },
    },
    {
      name: 'POST of a form with files',
      raw: request('POST', '/~/new.html', {
        fields: ['Content-Type: Multipart/Form-Data; boundary=x'],
        content: '--x--',
      }),
      status: status(415),
      body: sentence('multipart/form-data is not taken: its envelope would be stored.'),
    },
    {
      name: 'POST of coded content',
      raw: request('POST', '/~/new.html', { fields: ['Content-Encoding: gzip'], content: 'x' }),
      status: status(415),
      fields: { 'accept-patch': undefined },
    },
    ...['POST', 'PUT', 'PATCH', 'DELETE'].map(
      (method): Row => ({
        name: `${method} on a folder`,
        raw: request(method, '/~/folder', { content: 'x' }),
        status: status(409),
      }),
    ),
    {
      name: 'POST below a file',
      raw: request('POST', '/~/page.html/x.html', { content: 'x' }),
      status: status(409),
    },
  ];
}
