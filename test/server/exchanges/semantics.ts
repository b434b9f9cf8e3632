/** HEAD of what is missing, and PUT: where the two semantics part. */

import { request } from '../../support/raw-client.ts';
import { acceptPatch, inserted, type Row, sentence, utf8 } from './row.ts';

const put = (content: string, ...fields: string[]): string =>
  request('PUT', '/~/page.html', { fields, content });

const html = 'Content-Type: text/html';

/** An inserting PUT must not vouch for what was sent (RFC 9110 section 9.3.4). */
const untagged = { etag: undefined, 'last-modified': undefined, 'cache-control': 'no-store' };

const insertedTexts: readonly (readonly [name: string, raw: string, line: string])[] = [
  ['without a type', put('This is test'), '<h2> This is test </h2>'],
  ['of text', put(' a<b>&c \n', 'Content-Type: text/plain'), '<h2> a&lt;b&gt;&amp;c </h2>'],
  [
    'of a form',
    put('a=%20&b', 'Content-Type: application/x-www-form-urlencoded'),
    '<h2> a=%20&amp;b </h2>',
  ],
  ['of markup', put('<em>a</em>', html), '<h2> <em>a</em> </h2>'],
  ['in UTF-8', put(utf8('日本'), `${html}; Charset=UTF-8`), '<h2> 日本 </h2>'],
  [
    'with an empty range of types',
    put('$& $1', 'Content-Type: text/plain;'),
    '<h2> $&amp; $1 </h2>',
  ],
];

const refusedPuts: readonly (readonly [name: string, raw: string, status: number])[] = [
  ['empty', put('', html), 400],
  ['blank', put(' \r\n\t '), 400],
  ['without content', request('PUT', '/~/page.html'), 400],
  ['no UTF-8', put('\xc3('), 400],
  ['part of a page', put('x', 'Content-Range: bytes 0-0/9'), 400],
  ['missing', request('PUT', '/~/missing.html', { content: 'x' }), 404],
  ['hidden', request('PUT', '/~/.hidden.html', { content: 'x' }), 404],
];

const unsupportedPuts: readonly (readonly [name: string, raw: string])[] = [
  ['JSON', put('{}', 'Content-Type: application/json')],
  ['a form with files', put('--x--', 'Content-Type: multipart/form-data; boundary=x')],
  ['Latin-1', put('\xe9', 'Content-Type: text/plain; charset=ISO-8859-1')],
  ['no media type', put('a', 'Content-Type: text')],
  ['coded', put('a', 'Content-Encoding: br')],
  ['into text', request('PUT', '/~/note.txt', { content: 'a' })],
];

export const classic: readonly Row[] = [
  { name: 'HEAD, missing', raw: request('HEAD', '/~/missing.html'), status: 400 },
  { name: 'HEAD, hidden', raw: request('HEAD', '/~/.hidden.html'), status: 400 },
  { name: 'HEAD, a file as a folder', raw: request('HEAD', '/~/page.html/'), status: 400 },
  { name: 'HEAD, broken path', raw: request('HEAD', '/~/%'), status: 400 },
  ...insertedTexts.map(
    ([name, raw, line]): Row => ({
      name: `PUT ${name}`,
      raw,
      status: 200,
      fields: {
        ...untagged,
        'content-type': line === '<h2> 日本 </h2>' ? /^text\/html/ : 'text/html',
        'content-location': '/~/page.html',
        'preference-applied': undefined,
      },
      body: utf8(inserted(line)),
      effect: { 'page.html': inserted(line) },
    }),
  ),
  {
    name: 'PUT into the index of a folder',
    raw: request('PUT', '/~/dir/', { content: 'a' }),
    status: 200,
    fields: { ...untagged, 'content-location': '/~/dir/index.html' },
    effect: { 'dir/index.html': '<h2> a </h2>\n<p>index</p>\n' },
  },
  {
    name: 'PUT, return=minimal',
    raw: put('a', 'Prefer: return=minimal'),
    status: 204,
    fields: { ...untagged, 'preference-applied': 'return=minimal', 'content-type': undefined },
    effect: { 'page.html': inserted('<h2> a </h2>') },
  },
  ...refusedPuts.map(([name, raw, status]): Row => ({ name: `PUT, ${name}`, raw, status })),
  ...unsupportedPuts.map(
    ([name, raw]): Row => ({
      name: `PUT, ${name}`,
      raw,
      status: 400,
      fields: { 'accept-patch': acceptPatch },
    }),
  ),
  {
    name: 'PUT of 1 MiB and a byte',
    raw: put('m'.repeat(1024 * 1024 + 1)),
    status: 413,
    closes: true,
    large: true,
  },
];

const stored = { etag: /^"[^"]+"$/, 'cache-control': 'no-store', location: undefined };

export const standard: readonly Row[] = [
  { name: 'HEAD, missing', raw: request('HEAD', '/~/missing.html'), status: 404 },
  { name: 'HEAD, hidden', raw: request('HEAD', '/~/.hidden.html'), status: 404 },
  { name: 'HEAD, broken path', raw: request('HEAD', '/~/%'), status: 400 },
  {
    name: 'PUT creates',
    raw: request('PUT', '/~/a/new.html', { content: 'new' }),
    status: 201,
    fields: { ...stored, 'content-length': '0', 'content-location': '/~/a/new.html' },
    effect: { 'a/new.html': 'new' },
  },
  {
    name: 'PUT replaces',
    raw: put('new'),
    status: 204,
    fields: { ...stored, 'preference-applied': undefined },
    effect: { 'page.html': 'new' },
  },
  {
    name: 'PUT replaces, return=representation',
    raw: put('new', 'Prefer: return=representation'),
    status: 200,
    fields: { ...stored, 'preference-applied': 'return=representation' },
    body: 'new',
    effect: { 'page.html': 'new' },
  },
  {
    name: 'PUT creates, return=representation',
    raw: request('PUT', '/~/n.txt', { fields: ['Prefer: return=representation'], content: 'new' }),
    status: 201,
    fields: { ...stored, 'preference-applied': 'return=representation' },
    body: 'new',
    effect: { 'n.txt': 'new' },
  },
  {
    name: 'PUT replaces, return=minimal',
    raw: put('new', 'Prefer: return=minimal'),
    status: 204,
    fields: { ...stored, 'preference-applied': 'return=minimal' },
    effect: { 'page.html': 'new' },
  },
  {
    name: 'PUT of an index page',
    raw: request('PUT', '/~/dir/', { content: 'new' }),
    status: 204,
    fields: { 'content-location': '/~/dir/index.html' },
    effect: { 'dir/index.html': 'new' },
  },
  { name: 'PUT, empty', raw: put(''), status: 204, effect: { 'page.html': '' } },
  {
    name: 'PUT of any type',
    raw: put('{}', 'Content-Type: application/json; charset=koi8-r'),
    status: 204,
    effect: { 'page.html': '{}' },
  },
  { name: 'PUT of a part', raw: put('x', 'Content-Range: bytes 0-0/9'), status: 400 },
  { name: 'PUT of coded content', raw: put('x', 'Content-Encoding: gzip'), status: 415 },
  {
    name: 'PUT of a form with files',
    raw: put('--x--', 'Content-Type: multipart/form-data; boundary=x'),
    status: 415,
    body: sentence('multipart/form-data is not taken: its envelope would be stored.'),
  },
];
