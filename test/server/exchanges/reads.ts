/** GET, HEAD, OPTIONS and what is no method: the same in both semantics. */

import { request } from '../../support/raw-client.ts';
import { SAMPLE } from '../../support/root.ts';
import { acceptPatch, allowAll, allowRead, type Row, sentence, utf8 } from './row.ts';

const page = {
  'content-type': 'text/html',
  'content-length': '286',
  etag: /^"[^"]+"$/,
  'last-modified': / GMT$/,
  'cache-control': 'no-cache',
  'content-location': undefined,
};

const index = {
  'content-type': 'text/html',
  'content-length': '13',
  'content-location': '/~/dir/index.html',
  'cache-control': 'no-cache',
};

const get = (target: string, ...fields: string[]): string => request('GET', target, { fields });
const head = (target: string, ...fields: string[]): string => request('HEAD', target, { fields });

const pages: Row[] = [
  { name: 'GET', raw: get('/~/page.html'), status: 200, fields: page, body: SAMPLE },
  { name: 'GET, query', raw: get('/~/page.html?a=/b?'), status: 200, fields: page, body: SAMPLE },
  { name: 'GET, encoded letter', raw: get('/~/p%61ge%2Ehtml'), status: 200, fields: page },
  { name: 'HEAD', raw: head('/~/page.html'), status: 200, fields: page, body: '' },
  {
    name: 'GET, name beyond ASCII',
    raw: get('/~/%C3%a9.html'),
    status: 200,
    fields: { 'content-type': 'text/html; charset=utf-8' },
    body: utf8('<p>é</p>\n'),
  },
  {
    name: 'GET of text',
    raw: get('/~/note.txt'),
    status: 200,
    fields: { 'content-type': 'text/plain; charset=utf-8' },
    body: 'plain\n',
  },
  {
    name: 'GET below .well-known',
    raw: get('/.well-known/security.txt'),
    status: 200,
    body: 'Contact: nobody\n',
  },
  { name: 'GET, missing', raw: get('/~/missing.html'), status: 404 },
  { name: 'GET, missing folder', raw: get('/~/no/page.html'), status: 404 },
  { name: 'GET, name too long', raw: get(`/~/${'n'.repeat(300)}`), status: 404 },
];

const folders: Row[] = [
  {
    name: 'GET of a folder keeps the query',
    raw: get('/~/folder?x=1&y'),
    status: 301,
    fields: { location: '/~/folder/?x=1&y', 'content-length': '0' },
    body: '',
  },
  {
    name: 'HEAD of a folder',
    raw: head('/~/folder?'),
    status: 301,
    fields: { location: '/~/folder/?' },
  },
  {
    name: 'GET of a folder with an index',
    raw: get('/~/dir'),
    status: 301,
    fields: { location: '/~/dir/' },
  },
  { name: 'GET dir/', raw: get('/~/dir/'), status: 200, fields: index, body: '<p>index</p>\n' },
  { name: 'HEAD dir/', raw: head('/~/dir/?q'), status: 200, fields: index, body: '' },
  { name: 'GET of a folder without an index', raw: get('/~/folder/'), status: 404 },
  { name: 'GET of a file as a folder', raw: get('/~/page.html/'), status: 404 },
  { name: 'GET below a file', raw: get('/~/page.html/x'), status: 404 },
  {
    name: 'GET of the start page',
    raw: get('/'),
    status: 200,
    fields: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' },
    body: /Inkwire is running/,
  },
  {
    name: 'HEAD of the start page',
    raw: head('/'),
    status: 200,
    fields: { 'content-length': /^[1-9]/, 'cache-control': 'no-store' },
  },
];

const hiddenTargets = [
  '/~/../probe.txt',
  '/~/./page.html',
  '/~//page.html',
  '/~/%2e%2e/probe.txt',
  '/~/%2E/page.html',
  '//localhost/probe.txt',
  '//~/folder',
  '/..',
  '/.',
  '/../../etc/passwd',
  '/~/.hidden.html',
  '/~/%2ehidden.html',
  '/.inkwire',
  '/.inkwire/',
  '/.inkwire/ledger.db',
  '/.inkwire/.gitignore',
  '/.well-known',
  '/.well-known/.hidden',
];

const brokenTargets = [
  '/~/folder%2fpage.html',
  '/~/folder%2Fpage.html',
  '/~/%00',
  '/~/page.html%00.txt',
  '/~/%0d%0aX:y',
  '/~/a%5cb',
  '/~/a\\b',
  '/~/%7f',
  '/~/%ff',
  '/~/%c0%ae%c0%ae/probe.txt',
  '/~/%ed%a0%80',
  '/~/%',
  '/~/%4',
  '/~/%zz',
];

const paths: Row[] = [
  ...hiddenTargets.map(
    (target): Row => ({
      name: `GET ${target}`,
      raw: get(target),
      status: 404,
      fields: { location: undefined },
      body: sentence('There is no such page.'),
    }),
  ),
  ...brokenTargets.map(
    (target): Row => ({
      name: `GET ${target}`,
      raw: get(target),
      status: 400,
    }),
  ),
  ...[...hiddenTargets, ...brokenTargets].map(
    (target): Row => ({
      name: `POST ${target}`,
      raw: request('POST', target, { content: 'x' }),
      status: brokenTargets.includes(target) ? 400 : 404,
    }),
  ),
];

const options: Row[] = [
  ...['/~/page.html', '/~/missing.html', '/~/dir/', '/~/note.txt', '/~/folder'].map(
    (target): Row => ({
      name: `OPTIONS ${target}`,
      raw: request('OPTIONS', target),
      status: 200,
      fields: { allow: allowAll, 'accept-patch': acceptPatch, 'content-length': '0' },
      body: '',
    }),
  ),
  ...['/~/folder/', '/~/missing/', '/'].map(
    (target): Row => ({
      name: `OPTIONS ${target}, a folder that takes no edits`,
      raw: request('OPTIONS', target),
      status: 200,
      fields: { allow: allowRead, 'accept-patch': undefined, 'content-length': '0' },
      body: '',
    }),
  ),
  {
    name: 'OPTIONS below .well-known',
    raw: request('OPTIONS', '/.well-known/security.txt'),
    status: 200,
    fields: { allow: allowRead, 'accept-patch': undefined, 'content-length': '0' },
  },
  {
    name: 'OPTIONS *',
    raw: request('OPTIONS', '*'),
    status: 200,
    fields: { allow: allowAll, 'content-length': '0' },
  },
  {
    name: 'OPTIONS with content',
    raw: request('OPTIONS', '/~/page.html', { content: 'ignored' }),
    status: 200,
    fields: { allow: allowAll },
  },
  { name: 'GET *', raw: get('*'), status: 400 },
];

const methods: Row[] = [
  {
    name: 'TRACE',
    raw: request('TRACE', '/~/page.html'),
    status: 405,
    fields: { allow: allowAll },
  },
  { name: 'CONNECT', raw: request('CONNECT', 'localhost:80'), status: 501, closes: true },
  { name: 'CONNECT to a path', raw: request('CONNECT', '/~/x'), status: 501, closes: true },
  { name: 'an unknown method', raw: request('BREW', '/~/page.html'), status: 501 },
  { name: 'a lower-case method', raw: request('get', '/~/page.html'), status: 501 },
  {
    name: 'an unknown method with content',
    raw: request('PROPFIND', '/~/', { content: 'GET /probe.txt HTTP/1.1\r\n' }),
    status: 501,
  },
  { name: 'a method of 32 bytes', raw: request('M'.repeat(32), '/'), status: 501 },
  { name: 'HTTP/2', raw: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', status: 505, closes: true },
];

export const reads: readonly Row[] = [...pages, ...folders, ...paths, ...options, ...methods];
