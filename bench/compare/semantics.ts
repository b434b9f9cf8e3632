/** Methods, versions, expectations, conditions and ranges. */

import { ask, type CompareRow, get, one, post, refused } from './row.ts';

const validators = (text: string): string => {
  const tag = /^etag: (W\/)?/im.exec(text);
  const names = [
    ...(/^date: /im.test(text) ? ['`Date`'] : []),
    ...(tag === null ? [] : [tag[1] === undefined ? 'strong `ETag`' : 'weak `ETag`']),
    ...(/^last-modified: /im.test(text) ? ['`Last-Modified`'] : []),
  ];
  return names.join(', ');
};
const parts = (text: string): string => (/^content-type: multipart/im.test(text) ? 'parts' : '');
const PUT_CONTENT = '<p>put</p>';
const allow = (text: string): string => (/^allow: /im.test(text) ? '`Allow`' : '');

const methods: readonly CompareRow[] = [
  {
    name: '`get` in small letters',
    raw: ask('get /page.html'),
    says: '9110 9.1: another method, unknown: SHOULD be 501',
    right: /^501/,
  },
  {
    name: '`BREW`',
    raw: ask('BREW /page.html'),
    says: '9110 9.1: unknown: SHOULD be 501',
    right: /^501/,
  },
  {
    name: '`TRACE`',
    raw: ask('TRACE /page.html'),
    says: '9110 9.3.8: optional; 15.5.6: 405 MUST have `Allow`',
    right: /^(200|501|405 \(`Allow`\))/,
    detail: allow,
  },
  {
    name: '`CONNECT localhost:1`',
    raw: ask('CONNECT localhost:1'),
    says: '9110 9.3.6: for proxies; most servers do not implement it',
    right: refused,
  },
  {
    name: '`OPTIONS *`',
    raw: ask('OPTIONS *'),
    says: '9110 9.3.7: asks what the server can; SHOULD name what it has, such as `Allow`',
    right: /^20\d \(`Allow`\)/,
    detail: allow,
  },
  {
    name: '`HEAD`',
    raw: ask('HEAD /page.html'),
    says: '9110 9.3.2: MUST NOT have content',
    right: /^200$/,
  },
  {
    name: '`HEAD` of a missing page',
    raw: ask('HEAD /missing.html'),
    says: '9110 9.3.2: as `GET`, so 404',
    right: /^404/,
  },
  {
    name: '`PUT` of `<p>put</p>`, then `GET`',
    raw: `${ask('PUT /put.html', ['Content-Length: 10'], PUT_CONTENT)}${ask('GET /put.html')}`,
    says: '9110 9.3.4: if it is taken, the page is what was put',
    right: /^(40\d|501|20[014].*\(put\))/,
    detail: (text) => (text.endsWith(`\r\n\r\n${PUT_CONTENT}`) ? 'put' : 'the page is another'),
  },
  {
    name: '`POST` to a page that exists',
    raw: ask('POST /replaced.html', ['Content-Length: 5'], 'hello'),
    says: '9110 9.3.3: 201 only if something was made',
    right: /^(200|204|40\d)/,
  },
];

const versions: readonly CompareRow[] = [
  {
    name: 'two requests in one write',
    raw: get() + get(),
    says: '9112 9.3.2: MUST be answered in their order',
    right: /^200 ×2$/,
  },
  {
    name: '`Connection: close`, and a request behind it',
    raw: get('Connection: close') + get(),
    says: '9112 9.6: MUST close after the first, and answer no other',
    right: /^200 close$/,
  },
  {
    name: 'HTTP/1.0 without `Host`',
    raw: 'GET /page.html HTTP/1.0\r\n\r\n',
    says: '9112 9.3: answered, then closed',
    right: /^200 close$/,
  },
  {
    name: 'HTTP/1.0 with `keep-alive`',
    raw: 'GET /page.html HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n',
    says: '9112 9.3: persists, if the server honors it',
    right: one,
  },
  {
    name: 'HTTP/0.9',
    raw: 'GET /page.html\r\n',
    says: '9112 C.3: need not be spoken; 3: then SHOULD be 400',
    right: /^(400|505|no head)/,
  },
  {
    name: 'HTTP/1.2',
    raw: get().replace('HTTP/1.1', 'HTTP/1.2'),
    says: '9110 2.5: to be read as the highest minor version that is known',
    right: /^200/,
  },
  {
    name: '`http/1.1` in small letters',
    raw: get().replace('HTTP/1.1', 'http/1.1'),
    says: '9112 2.3: not in the grammar; SHOULD be 400',
    right: /^(400|505)/,
  },
  {
    name: 'the preface of HTTP/2',
    raw: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    says: '9110 15.6.6: a major version that is not spoken; 505 or the end',
    right: /^((400|505) close|closed)$/,
  },
  {
    name: '`Upgrade: h2c`',
    raw: get('Connection: Upgrade', 'Upgrade: h2c'),
    says: '9110 7.8: MAY be ignored',
    right: /^(101|200)/,
  },
];

const expectations: readonly CompareRow[] = [
  {
    name: '`Expect: 100-continue`, no content yet',
    raw: post(['Content-Length: 5', 'Expect: 100-continue'], ''),
    says: '9110 10.1.1: MUST be 100 or a final status at once',
    right: /^(100|[245]\d\d)/,
  },
  {
    name: '`Expect: 100-continue`, refused, then a request',
    raw: post(['Content-Length: 99999999', 'Expect: 100-continue'], '') + get(),
    says: '9110 10.1.1: what follows may be the content: no second answer',
    right: /^((100, )?\d{3}( close)?|100)$/,
  },
  {
    name: '`Expect: nonsense`',
    raw: get('Expect: nonsense'),
    says: '9110 10.1.1: MAY be 417',
    right: /^(200|417)/,
  },
];

const conditions: readonly CompareRow[] = [
  {
    name: 'what tells of the page',
    raw: get(),
    says: '9110 6.6.1: `Date` MUST, 8.8: validators SHOULD be sent',
    right: /`Date`.*(`ETag`|`Last-Modified`)/,
    detail: validators,
  },
  {
    name: '`If-Match` of another tag',
    raw: get('If-Match: "other"'),
    says: '9110 13.1.1: MUST NOT be done; 412',
    right: /^412/,
  },
  {
    name: '`If-None-Match: *`',
    raw: get('If-None-Match: *'),
    says: '9110 13.1.2: MUST be 304',
    right: /^304/,
  },
  {
    name: '`If-Modified-Since` in the year 2100',
    raw: get('If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT'),
    says: '9110 13.1.3: SHOULD be 304: it was not modified since',
    right: /^304/,
  },
  {
    name: '`If-Modified-Since: yesterday`',
    raw: get('If-Modified-Since: yesterday'),
    says: '9110 13.1.3: no date, MUST be ignored',
    right: /^200$/,
  },
  {
    name: '`If-Unmodified-Since` in the year 2000',
    raw: get('If-Unmodified-Since: Sat, 01 Jan 2000 00:00:00 GMT'),
    says: '9110 13.1.4: MUST NOT be done; 412',
    right: /^412/,
  },
];

const ranges: readonly CompareRow[] = [
  {
    name: '`Range: bytes=-5`',
    raw: get('Range: bytes=-5'),
    says: '9110 14.2: 206; MAY be ignored',
    right: /^20[06]/,
  },
  {
    name: '`Range: bytes=0-1,4-5`',
    raw: get('Range: bytes=0-1,4-5'),
    says: '9110 15.3.7.2: 206 in parts; MAY be ignored',
    right: /^(200|206 \(parts\))/,
    detail: parts,
  },
  {
    name: '`Range: bytes=9999-`',
    raw: get('Range: bytes=9999-'),
    says: '9110 14.2: SHOULD be 416',
    right: /^416/,
  },
  {
    name: '`Range: bytes=5-2`',
    raw: get('Range: bytes=5-2'),
    says: '9110 14.1.1, 14.2: invalid; MAY be ignored, or 416',
    right: /^(200|416)/,
  },
  {
    name: '`Range: bytes=0-,0-,…`, 100 times',
    raw: get(`Range: bytes=${Array(100).fill('0-').join(',')}`),
    says: '9110 14.2, 17.15: overlapping ranges ought to be ignored, coalesced or refused',
    right: /^(200|416|206)( close)?$/,
    detail: parts,
  },
  {
    name: '`Range` with `HEAD`',
    raw: ask('HEAD /page.html', ['Range: bytes=0-1']),
    says: '9110 14.2: MUST be ignored: only `GET` has ranges',
    right: /^200$/,
  },
  {
    name: '`Range` with a weak `If-Range`',
    raw: get('Range: bytes=0-1', 'If-Range: W/"x"'),
    says: '9110 13.1.5: never matches: 200 and the whole',
    right: /^200$/,
  },
];

export const semanticsRows: readonly CompareRow[] = [
  ...methods,
  ...versions,
  ...expectations,
  ...conditions,
  ...ranges,
];
