/** Targets, `Host`, versions, `Connection`, content where none is wanted, and conditions. */

import { request } from '../../support/raw-client.ts';
import { SAMPLE } from '../../support/root.ts';
import { allowAll, inserted, type Row } from './row.ts';

const get = (target: string, ...lines: string[]): string =>
  `GET ${target} HTTP/1.1\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;

const ok = { status: 200, body: SAMPLE } as const;

const targets: Row[] = [
  { name: 'absolute form', raw: get('http://localhost/~/page.html', 'Host: localhost'), ...ok },
  { name: 'absolute form, https', raw: get('HTTPS://h:1/~/page.html?q', 'Host: h'), ...ok },
  { name: 'absolute form, another Host', raw: get('http://a/~/page.html', 'Host: b'), ...ok },
  { name: 'absolute form, empty Host', raw: get('http://a/~/page.html', 'Host:'), ...ok },
  {
    name: 'absolute form, empty path',
    raw: get('http://localhost', 'Host: localhost'),
    status: 200,
    body: /Inkwire is running/,
  },
  {
    name: 'absolute form, a query and no path',
    raw: get('http://localhost?q', 'Host: localhost'),
    status: 200,
    body: /Inkwire is running/,
  },
  {
    name: 'absolute form of the whole server',
    raw: request('OPTIONS', 'http://localhost:1'),
    status: 200,
    fields: { allow: allowAll },
  },
  {
    name: 'absolute form, folder',
    raw: get('http://localhost/~/folder?q', 'Host: localhost'),
    status: 301,
    fields: { location: '/~/folder/?q' },
  },
  ...[
    'ftp://localhost/~/page.html',
    'http://u@localhost/~/page.html',
    'http://u:p@localhost/~/page.html',
    'http:///~/page.html',
    'http:/~/page.html',
    'http://a b/',
    'localhost:80',
    '~/page.html',
    'page.html',
    '?q',
  ]
    .filter((target) => !target.includes(' '))
    .map((target): Row => ({ name: `GET ${target}`, raw: get(target, 'Host: h'), status: 400 })),
  {
    name: 'absolute form without Host',
    raw: get('http://localhost/~/page.html'),
    status: 400,
    closes: true,
  },
];

const hosts: Row[] = [
  { name: 'Host is empty', raw: get('/~/page.html', 'Host:'), ...ok },
  { name: 'Host with a port', raw: get('/~/page.html', 'HOST: localhost:65535'), ...ok },
  { name: 'Host with an empty port', raw: get('/~/page.html', 'Host: h:'), ...ok },
  { name: 'Host is IPv6', raw: get('/~/page.html', 'Host: [::1]:80'), ...ok },
  ...[
    [],
    ['Host: a', 'Host: a'],
    ['Host: a, b'],
    ['Host: a b'],
    ['Host: u@a'],
    ['Host: a/b'],
    ['Host: a:b'],
    ['Host: a:65536'],
    ['Host: [::1'],
    ['Host: http://a'],
  ].map(
    (lines): Row => ({
      name: `Host refused: ${lines.join(' | ')}`,
      raw: get('/~/page.html', ...lines),
      status: 400,
      closes: true,
    }),
  ),
];

const old = (...lines: string[]): string =>
  `GET /~/page.html HTTP/1.0\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;

const versions: Row[] = [
  { name: 'HTTP/1.0', raw: old(), ...ok, closes: true },
  { name: 'HTTP/1.0, Host', raw: old('Host: localhost'), ...ok, closes: true },
  {
    name: 'HTTP/1.0, keep-alive',
    raw: old('Connection: Keep-Alive'),
    ...ok,
    fields: { connection: 'keep-alive', 'transfer-encoding': undefined },
  },
  {
    name: 'HTTP/1.0, keep-alive and close',
    raw: old('Connection: keep-alive', 'Connection: close'),
    ...ok,
    closes: true,
  },
  {
    name: 'HTTP/1.0 with an expectation that is ignored',
    raw: `PATCH /~/page.html HTTP/1.0\r\nConnection: keep-alive\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na`,
    status: 200,
    fields: { connection: 'keep-alive' },
    effect: { 'page.html': inserted('<h2> a </h2>') },
  },
  { name: 'HTTP/1.9', raw: old('Host: h').replace('1.0', '1.9'), ...ok },
  { name: 'HTTP/3.0', raw: old('Host: h').replace('1.0', '3.0'), status: 505, closes: true },
  { name: 'HTTP/0.9', raw: old('Host: h').replace('1.0', '0.9'), status: 505, closes: true },
];

const connections: Row[] = [
  ...['close', 'Close', 'x, close', 'keep-alive, CLOSE , upgrade', ', close,'].map(
    (value): Row => ({
      name: `Connection: ${value}`,
      raw: request('GET', '/~/page.html', { fields: [`Connection: ${value}`] }),
      ...ok,
      closes: true,
    }),
  ),
  {
    name: 'Connection: close in a second line',
    raw: request('GET', '/~/page.html', { fields: ['Connection: x', 'Connection: close'] }),
    ...ok,
    closes: true,
  },
  {
    name: 'Connection: closed is not close',
    raw: request('GET', '/~/page.html', { fields: ['Connection: closed'] }),
    ...ok,
    fields: { connection: undefined },
  },
  {
    name: 'Upgrade is ignored',
    raw: request('GET', '/~/page.html', { fields: ['Connection: Upgrade', 'Upgrade: h2c'] }),
    ...ok,
  },
  {
    name: 'close on a write',
    raw: request('PATCH', '/~/page.html', { fields: ['Connection: close'], content: 'a' }),
    status: 200,
    effect: { 'page.html': inserted('<h2> a </h2>') },
    closes: true,
  },
];

const KIB = 1024;
const chunked = 'Transfer-Encoding: chunked';

const unwanted: Row[] = [
  {
    name: 'content on GET',
    raw: request('GET', '/~/page.html', { content: 'GET /x HTTP/1.1\r\n\r\n' }),
    ...ok,
  },
  {
    name: 'content on HEAD',
    raw: request('HEAD', '/~/page.html', { content: 'x' }),
    status: 200,
    fields: { 'content-length': '286' },
  },
  {
    name: 'chunked content on GET',
    raw: `${request('GET', '/~/page.html', { fields: [chunked] })}2\r\nab\r\n0\r\nA: b\r\n\r\n`,
    ...ok,
  },
  {
    name: 'content on GET, 64 KiB',
    raw: request('GET', '/~/page.html', { content: 'x'.repeat(64 * KIB) }),
    ...ok,
    large: true,
  },
  {
    name: 'content on GET, 64 KiB and a byte',
    raw: request('GET', '/~/page.html', { content: 'x'.repeat(64 * KIB + 1) }),
    ...ok,
    closes: true,
    large: true,
  },
  {
    name: 'content of a refused request',
    raw: request('PROPPATCH', '/~/page.html', { content: 'x'.repeat(64 * KIB) }),
    status: 501,
    large: true,
  },
  {
    name: 'content of a refused request, too much to drop',
    raw: request('PROPPATCH', '/~/page.html', { content: 'x'.repeat(64 * KIB + 1) }),
    status: 501,
    closes: true,
    large: true,
  },
  {
    name: 'a blank line before the request',
    raw: `\r\n${request('GET', '/~/page.html')}`,
    ...ok,
  },
];

const expectations: Row[] = [
  {
    name: 'an expectation that nobody knows',
    raw: request('POST', '/~/new.html', { fields: ['Expect: miracles'], content: 'x' }),
    status: 417,
  },
  {
    name: 'a known expectation with an unknown one',
    raw: request('POST', '/~/n.html', { fields: ['Expect: 100-continue, x'], content: 'x' }),
    status: 417,
  },
  {
    name: 'an expectation without content',
    raw: request('GET', '/~/page.html', { fields: ['Expect: 100-continue'] }),
    ...ok,
  },
];

const conditional = (method: string, ...fields: string[]): string =>
  request(method, '/~/page.html', method === 'PATCH' ? { fields, content: 'a' } : { fields });

const longAgo = 'Sat, 01 Jan 2000 00:00:00 GMT';
const lateOn = 'Fri, 01 Jan 2100 00:00:00 GMT';
const unmodified = {
  status: 304,
  fields: {
    etag: /^"[^"]+"$/,
    // Of no use beside a tag (RFC 9110 section 15.4.5).
    'last-modified': undefined,
    'cache-control': 'no-cache',
    'content-length': undefined,
    'content-type': undefined,
  },
  body: '',
} as const;
const patched = { status: 200, effect: { 'page.html': inserted('<h2> a </h2>') } } as const;

const conditions: Row[] = [
  ...['GET', 'HEAD'].flatMap((method): Row[] =>
    [
      { name: `${method}, If-None-Match`, raw: '"{etag}"', ...unmodified },
      { name: `${method}, If-None-Match, weak`, raw: 'W/"{etag}"', ...unmodified },
      { name: `${method}, If-None-Match in a list`, raw: '"x", ,"{etag}","y"', ...unmodified },
      { name: `${method}, If-None-Match: *`, raw: '*', ...unmodified },
      { name: `${method}, If-None-Match, another`, raw: '"x"', status: 200 },
    ].map((row): Row => ({ ...row, raw: conditional(method, `If-None-Match: ${row.raw}`) })),
  ),
  { name: 'GET, If-Match', raw: conditional('GET', 'If-Match: "{etag}"'), ...ok },
  { name: 'GET, If-Match: *', raw: conditional('GET', 'If-Match: *'), ...ok },
  { name: 'GET, If-Match, weak', raw: conditional('GET', 'If-Match: W/"{etag}"'), status: 412 },
  { name: 'GET, If-Match, another', raw: conditional('GET', 'If-Match: "x"'), status: 412 },
  { name: 'HEAD, If-Match, another', raw: conditional('HEAD', 'If-Match: "x"'), status: 412 },
  { name: 'GET, If-Match malformed', raw: conditional('GET', 'If-Match: x'), status: 400 },
  {
    name: 'GET, If-Modified-Since later',
    raw: conditional('GET', `If-Modified-Since: ${lateOn}`),
    ...unmodified,
  },
  {
    name: 'GET, If-Modified-Since earlier',
    raw: conditional('GET', `If-Modified-Since: ${longAgo}`),
    ...ok,
  },
  {
    name: 'GET, If-None-Match counts before If-Modified-Since',
    raw: conditional('GET', 'If-None-Match: "x"', `If-Modified-Since: ${lateOn}`),
    ...ok,
  },
  {
    name: 'GET, If-Unmodified-Since earlier',
    raw: conditional('GET', `If-Unmodified-Since: ${longAgo}`),
    status: 412,
  },
  {
    name: 'GET, a date that is none',
    raw: conditional('GET', 'If-Modified-Since: tomorrow'),
    ...ok,
  },
  {
    name: 'GET of what is missing, If-Match',
    raw: request('GET', '/~/missing.html', { fields: ['If-Match: "x"'] }),
    status: 404,
  },
  { name: 'PATCH, If-Match', raw: conditional('PATCH', 'If-Match: "{etag}"'), ...patched },
  {
    name: 'PATCH, If-Match, coded',
    raw: conditional('PATCH', 'If-Match: "{etag}-br"'),
    ...patched,
  },
  { name: 'PATCH, If-Match: *', raw: conditional('PATCH', 'If-Match: *'), ...patched },
  { name: 'PATCH, If-Match, another', raw: conditional('PATCH', 'If-Match: "x"'), status: 412 },
  { name: 'PATCH, If-Match, weak', raw: conditional('PATCH', 'If-Match: W/"{etag}"'), status: 412 },
  { name: 'PATCH, If-None-Match: *', raw: conditional('PATCH', 'If-None-Match: *'), status: 412 },
  {
    name: 'PATCH, If-Match malformed',
    raw: conditional('PATCH', 'If-Match: "x'),
    status: 400,
  },
  {
    // Conditions are judged before the content is looked at (RFC 9110 section 13.2.1).
    name: 'PATCH, a condition that fails and nothing to insert',
    raw: request('PATCH', '/~/page.html', { fields: ['If-Match: "x"'], content: ' ' }),
    status: 412,
  },
  {
    name: 'DELETE, If-Match, another',
    raw: conditional('DELETE', 'If-Match: "x"'),
    status: 412,
  },
  {
    name: 'DELETE, If-Match',
    raw: conditional('DELETE', 'If-Match: "{etag}"'),
    status: 204,
    effect: { 'page.html': undefined },
  },
  {
    name: 'POST, If-None-Match: * on a page',
    raw: request('POST', '/~/page.html', { fields: ['If-None-Match: *'], content: 'x' }),
    status: 412,
  },
  {
    name: 'POST, If-None-Match: * on nothing',
    raw: request('POST', '/~/new.html', { fields: ['If-None-Match: *'], content: 'x' }),
    status: 201,
    effect: { 'new.html': 'x' },
  },
  {
    name: 'POST, If-Match on nothing',
    raw: request('POST', '/~/new.html', { fields: ['If-Match: *'], content: 'x' }),
    status: 412,
  },
  {
    name: 'PATCH of what is missing, If-Match',
    raw: request('PATCH', '/~/missing.html', { fields: ['If-Match: *'], content: 'x' }),
    status: 404,
  },
];

export const framing: readonly Row[] = [
  ...targets,
  ...hosts,
  ...versions,
  ...connections,
  ...unwanted,
  ...expectations,
  ...conditions,
];
