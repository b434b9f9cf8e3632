/** What docs/HTTP.md says of single requests, in the order of the document. */

import type { request } from '../support/raw-client.ts';

export interface Claim {
  /** In the words of the document, more or less. */
  readonly says: string;
  readonly method: string;
  readonly target: string;
  readonly options?: Parameters<typeof request>[2];
  /** The whole request, where it is no ordinary one. */
  readonly raw?: string;
  readonly status: number | { readonly classic: number; readonly standard: number };
  /** `undefined`: the answer has no such field. */
  readonly fields?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
}

const folded = (standard: number) => ({ classic: 400, standard });
const text = (content: string, ...fields: string[]) => ({ content, fields });
const plain = 'Content-Type: text/plain';
const html = 'Content-Type: text/html';
/** A request that names its host. */
const hostedAt = (host: string) => `GET /notes.txt HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
const allow = 'GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS';
const allowRead = 'GET, HEAD, OPTIONS';
const patch = 'text/html, text/plain';

function claim(
  says: string,
  line: string,
  status: Claim['status'],
  more: Partial<Pick<Claim, 'options' | 'raw' | 'fields' | 'body'>> = {},
): Claim {
  const [method = '', target = ''] = line.split(' ');
  return { says, method, target, status, ...more };
}

/** They are tried in this order, on one root. */
export const claims: readonly Claim[] = [
  claim('GET of a page', 'GET /notes.txt', 200, { body: 'notes' }),
  claim('GET of a missing page', 'GET /none.html', 404),
  claim('HEAD of a page', 'HEAD /notes.txt', 200, { fields: { 'content-length': '5' } }),
  claim('HEAD of a missing page', 'HEAD /none.html', folded(404), {
    fields: { 'content-length': undefined },
  }),
  claim(
    'PUT to a missing page',
    'PUT /new/put.txt',
    { classic: 404, standard: 201 },
    {
      options: text('put'),
    },
  ),
  claim('POST to a missing page, in a missing folder', 'POST /made/post.txt', 201, {
    options: text('post'),
    fields: { location: '/made/post.txt', 'content-location': '/made/post.txt' },
    body: 'post',
  }),
  claim(
    'POST to a page',
    'POST /made/post.txt',
    { classic: 201, standard: 200 },
    {
      options: text('again'),
      body: 'again',
    },
  ),
  claim('PATCH to a page', 'PATCH /a.html', 200, {
    options: text('<b>x</b>', html),
    body: '<!DOCTYPE html>\n<body>\n    <b>x</b>\n</body>\n',
  }),
  claim('PATCH to a missing page', 'PATCH /none.html', 404, { options: text('x') }),
  claim('return=minimal of an insert', 'PATCH /a.html', 204, {
    options: text('<i>y</i>', html, 'Prefer: return=minimal'),
    fields: { 'preference-applied': 'return=minimal' },
  }),
  claim('return=minimal of a new page', 'POST /made/small.txt', 201, {
    options: text('x', 'Prefer: return=minimal'),
    fields: { 'content-length': '0', 'preference-applied': 'return=minimal' },
  }),
  claim('DELETE of a page', 'DELETE /made/small.txt', 204),
  claim('DELETE of a missing page', 'DELETE /made/small.txt', 404),
  claim('OPTIONS of a missing page', 'OPTIONS /none.html', 200, {
    fields: { allow, 'accept-patch': patch, 'content-length': '0' },
  }),
  claim('OPTIONS of a folder without an index page', 'OPTIONS /empty/', 200, {
    fields: { allow: allowRead, 'accept-patch': undefined, 'content-length': '0' },
  }),
  claim('OPTIONS of a folder with its index page', 'OPTIONS /folder/', 200, {
    fields: { allow, 'accept-patch': patch },
  }),
  claim('OPTIONS of the server', 'OPTIONS *', 200, { fields: { allow } }),

  claim('text is escaped, the newest first', 'PATCH /a.html', 200, {
    options: text('1 < 2', plain),
    body: '<!DOCTYPE html>\n<body>\n    <h2> 1 &lt; 2 </h2>\n    <i>y</i>\n    <b>x</b>\n</body>\n',
  }),
  claim('what curl -d says is text', 'PATCH /a.html', 200, {
    options: text('x', 'Content-Type: application/x-www-form-urlencoded'),
  }),
  claim('another type', 'PATCH /a.html', folded(415), {
    options: text('{}', 'Content-Type: application/json'),
    fields: { 'accept-patch': patch },
  }),
  claim('another charset', 'PATCH /a.html', folded(415), {
    options: text('x', `${plain}; charset=euc-kr`),
  }),
  claim('bytes that are no UTF-8', 'PATCH /a.html', 400, { options: text('\xff') }),
  claim('nothing but white space', 'PATCH /a.html', 400, { options: text(' \n') }),
  claim('only .html and .htm', 'PATCH /notes.txt', folded(415), { options: text('x') }),
  claim('a frameset page', 'PATCH /frames.html', folded(409), { options: text('x') }),
  claim('a page in UTF-16', 'PATCH /wide.html', folded(409), { options: text('x') }),
  claim('a comment left open', 'PATCH /a.html', 400, { options: text('<!-- x', html) }),
  claim('an element left open', 'PATCH /a.html', 400, { options: text('<p>x', html) }),
  claim('a tag of a whole page', 'PATCH /a.html', 400, { options: text('<body>', html) }),
  claim('a doctype', 'PATCH /a.html', 400, { options: text('<!doctype html>', html) }),

  claim('TRACE', 'TRACE /', 405, { fields: { allow } }),
  claim('CONNECT', 'CONNECT h:1', 501, { fields: { connection: 'close' } }),
  claim('an unknown method', 'BREW /', 501, { fields: { connection: undefined } }),
  claim('methods are case-sensitive', 'get /', 501),
  claim('multipart', 'POST /form.txt', folded(415), {
    options: text('x', 'Content-Type: multipart/form-data; boundary=x'),
  }),
  claim('an empty file', 'POST /empty.txt', 201, { fields: { 'content-length': '0' } }),
  claim('content of GET is ignored', 'GET /notes.txt', 200, { options: text('x') }),

  claim('%2F', 'GET /a%2Fb', 400),
  claim('a broken %', 'GET /a%zz', 400),
  claim('a path that is no UTF-8', 'GET /%ff', 400),
  claim('a control character', 'GET /%0a', 400),
  claim('a backslash', 'GET /%5c', 400),
  claim('two slashes', 'GET //notes.txt', 404),
  claim('a dot segment', 'GET /empty/../notes.txt', 404),
  claim('a hidden segment', 'GET /.hidden/a.txt', 404),
  claim('a hidden segment, to a write', 'POST /.hidden/b.txt', 404, { options: text('x') }),
  claim('.well-known is read', 'GET /.well-known/a.txt', 200, { body: 'a' }),
  claim('.well-known takes no write', 'POST /.well-known/a.txt', 404, { options: text('x') }),
  claim('a folder without its slash', 'GET /folder?x=1', 301, {
    fields: { location: '/folder/?x=1' },
  }),
  claim('a folder without its slash, to a write', 'POST /folder', folded(409), {
    options: text('x'),
  }),
  claim('a folder with its index page', 'GET /folder/', 200, {
    fields: { 'content-location': '/folder/index.html' },
  }),
  claim('a write to a folder with its index page', 'PATCH /folder/', 200, {
    options: text('x'),
    fields: { 'content-location': '/folder/index.html' },
  }),
  claim('a folder without an index page', 'GET /empty/', 404),
  claim('a write to a folder without an index page', 'POST /empty/', 405, {
    options: text('x'),
    fields: { allow: 'GET, HEAD, OPTIONS' },
  }),
  claim('the start page', 'GET /', 200, { fields: { 'cache-control': 'no-store' } }),
  claim('a file with a slash', 'GET /notes.txt/', 404),
  claim('a file with a slash, to a write', 'POST /notes.txt/', folded(409), {
    options: text('x'),
  }),
  claim('a link inside', 'GET /inside.html', 200),
  claim('a link inside, to a write', 'PATCH /inside.html', folded(409), { options: text('x') }),
  claim('a link that leads out', 'GET /outside.txt', 404),
  claim('hard links are read', 'GET /twin.html', 200),
  claim('hard links, to a write', 'PATCH /twin.html', folded(409), { options: text('x') }),

  claim('If-None-Match: *', 'GET /notes.txt', 304, { options: { fields: ['If-None-Match: *'] } }),
  claim('If-None-Match: *, to a write', 'POST /notes.txt', 412, {
    options: text('x', 'If-None-Match: *'),
  }),
  claim('If-Modified-Since', 'GET /notes.txt', 304, {
    options: { fields: ['If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT'] },
  }),
  claim('If-Match', 'GET /notes.txt', 412, { options: { fields: ['If-Match: "x"'] } }),
  claim('If-Match, to a write', 'POST /notes.txt', 412, { options: text('x', 'If-Match: "x"') }),
  claim('If-Unmodified-Since', 'POST /notes.txt', 412, {
    options: text('x', 'If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT'),
  }),
  claim('a missing page and If-Match', 'GET /none.html', 404, {
    options: { fields: ['If-Match: *'] },
  }),
  claim('a page that POST could make, and If-Match', 'POST /none.html', 412, {
    options: text('x', 'If-Match: *'),
  }),
  claim('a malformed If-Match', 'POST /notes.txt', 400, { options: text('x', 'If-Match: x') }),
  claim('a malformed date', 'GET /notes.txt', 200, {
    options: { fields: ['If-Modified-Since: yesterday'] },
  }),

  claim('UTF-8 that says so', 'GET /korean.html', 200, {
    fields: { 'content-type': 'text/html; charset=utf-8', 'x-content-type-options': 'nosniff' },
  }),
  claim('a large page has a tag', 'GET /large.html', 304, {
    options: { fields: ['If-None-Match: *'] },
  }),
  claim('pages are asked for again', 'GET /notes.txt', 200, {
    fields: { 'cache-control': 'no-cache', server: 'Inkwire' },
  }),

  claim('HTTP/1.0 closes', 'GET /notes.txt', 200, {
    raw: 'GET /notes.txt HTTP/1.0\r\n\r\n',
    fields: { connection: 'close' },
  }),
  claim('HTTP/1.0 keep-alive', 'GET /notes.txt', 200, {
    raw: 'GET /notes.txt HTTP/1.0\r\nConnection: keep-alive\r\n\r\n',
    fields: { connection: 'keep-alive' },
  }),
  claim('HTTP/1.9', 'GET /notes.txt', 200, { raw: 'GET /notes.txt HTTP/1.9\r\nHost: h\r\n\r\n' }),
  claim('an absolute target', 'GET http://elsewhere/notes.txt', 200),
  claim('a target of another scheme', 'GET ftp://h/notes.txt', 400),
  claim('* with GET', 'GET *', 400),
  claim('chunks and trailers', 'POST /made/chunks.txt', 201, {
    raw:
      'POST /made/chunks.txt HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n' +
      '3\r\nabc\r\n0\r\nX: y\r\n\r\n',
    body: 'abc',
  }),
  claim('Connection: close', 'GET /notes.txt', 200, {
    options: { fields: ['Connection: x, CLOSE'] },
    fields: { connection: 'close' },
  }),
  claim('one CR LF before', 'GET /notes.txt', 200, {
    raw: '\r\nGET /notes.txt HTTP/1.1\r\nHost: h\r\n\r\n',
  }),
  claim('Upgrade', 'GET /notes.txt', 200, {
    options: { fields: ['Upgrade: websocket', 'Connection: upgrade'] },
  }),
  claim('an unknown expectation', 'GET /notes.txt', 417, { options: { fields: ['Expect: x'] } }),
  claim('Content-Encoding', 'POST /made/coded.txt', folded(415), {
    options: text('x', 'Content-Encoding: gzip'),
  }),
  claim('Content-Range', 'PUT /a.html', 400, {
    options: text('x', 'Content-Range: bytes 0-0/1'),
  }),

  claim('a range', 'GET /notes.txt', 206, {
    options: { fields: ['Range: bytes=0-1'] },
    body: 'no',
    fields: { 'content-range': 'bytes 0-1/5' },
  }),
  claim('a range behind the end', 'GET /notes.txt', 416, {
    options: { fields: ['Range: bytes=9-'] },
    fields: { 'content-range': 'bytes */5' },
  }),
  claim('a malformed range', 'GET /notes.txt', 200, { options: { fields: ['Range: bytes=x'] } }),
  claim('not yet: codings', 'GET /notes.txt', 200, {
    options: { fields: ['Accept-Encoding: gzip'] },
    fields: { 'content-encoding': undefined },
  }),
  claim('a name that may be somebody else’s', 'GET /notes.txt', 421, { raw: hostedAt('a.com') }),
  claim('somebody else’s name in the target', 'GET http://a.com/notes.txt', 421),
  claim('an address', 'GET /notes.txt', 200, { raw: hostedAt('192.0.2.1:80') }),
  claim('a name under localhost', 'GET /notes.txt', 200, { raw: hostedAt('x.localhost') }),
  claim('a name that nobody can register', 'GET /notes.txt', 200, { raw: hostedAt('a.test') }),
  claim('an edit from a page of another origin', 'POST /made/origin.txt', 403, {
    options: text('x', 'Origin: http://a.com'),
  }),
  claim('an edit from a page without an origin', 'POST /made/origin.txt', 403, {
    options: text('x', 'Origin: null'),
  }),
  claim('an edit from another site', 'POST /made/origin.txt', 403, {
    options: text('x', 'Sec-Fetch-Site: cross-site'),
  }),
  claim('an edit from a page of the same origin', 'POST /made/origin.txt', 201, {
    options: text('x', 'Origin: http://localhost', 'Sec-Fetch-Site: same-origin'),
  }),
  claim('a key', 'PATCH /a.html', 200, {
    options: text('once', 'Idempotency-Key: "a-1"'),
    fields: { 'idempotency-replayed': undefined },
  }),
  claim('the same again, without its quotes', 'PATCH /a.html', 200, {
    options: text('once', 'Idempotency-Key: a-1'),
    fields: { 'idempotency-replayed': 'true', 'content-location': '/a.html' },
  }),
  claim('the same again, and less is preferred', 'PATCH /a.html', 204, {
    options: text('once', 'Idempotency-Key: a-1', 'Prefer: return=minimal'),
    fields: { 'idempotency-replayed': 'true' },
  }),
  claim('another request with that key', 'PATCH /a.html', 422, {
    options: text('twice', 'Idempotency-Key: a-1'),
    fields: { 'idempotency-replayed': undefined },
  }),
  claim('another page', 'DELETE /notes.txt', 422, {
    options: { fields: ['Idempotency-Key: a-1'] },
  }),
  claim('a malformed key', 'PATCH /a.html', 400, { options: text('x', 'Idempotency-Key: a b') }),
  claim('a key with a parameter', 'PATCH /a.html', 400, {
    options: text('x', 'Idempotency-Key: "a";v=1'),
  }),
  claim('two keys', 'PATCH /a.html', 400, {
    options: text('x', 'Idempotency-Key: a', 'Idempotency-Key: a'),
  }),
  claim('a key with what writes nothing', 'GET /notes.txt', 200, {
    options: { fields: ['Idempotency-Key: a b'] },
  }),
  claim('a first try that is refused', 'PATCH /late.html', 404, {
    options: text('late', 'Idempotency-Key: a-2'),
  }),
  claim('what it needs', 'POST /late.html', 201, { options: text('<body></body>') }),
  claim('is done when it can be', 'PATCH /late.html', 200, {
    options: text('late', 'Idempotency-Key: a-2'),
    fields: { 'idempotency-replayed': undefined },
  }),
  claim('a removal', 'DELETE /late.html', 204, { options: { fields: ['Idempotency-Key: a-3'] } }),
  claim('the removal again', 'DELETE /late.html', 204, {
    options: { fields: ['Idempotency-Key: a-3'] },
    fields: { 'idempotency-replayed': 'true' },
  }),
];
