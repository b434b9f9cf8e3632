/** The request line, the target and the field lines, as they must not be, or may be. */

import {
  ask,
  type CompareRow,
  get,
  HIDDEN,
  OUTSIDE_NAME,
  one,
  refused,
  refusedOrTaken,
} from './row.ts';

const target = (path: string): string => ask(`GET ${path}`);
const plain = (...lines: string[]): string =>
  `GET /page.html HTTP/1.1\r\n${lines.map((line) => `${line}\r\n`).join('')}\r\n`;

const lines: readonly CompareRow[] = [
  {
    name: 'all lines end in a bare LF',
    raw: 'GET /page.html HTTP/1.1\nHost: localhost\n\n',
    says: '9112 2.2: MAY be taken',
    right: one,
  },
  {
    name: 'bare CR in a field value',
    raw: get('A: b\rc'),
    says: '9112 2.2: MUST be refused, or replaced by SP',
    right: refusedOrTaken,
  },
  {
    name: 'bare CR before a field',
    raw: get(`A: b\rContent-Length: ${HIDDEN.length}`) + HIDDEN,
    says: '9112 2.2: the same; the `Content-Length` is no field, so two requests, or a refusal',
    right: /^(400 close|200 ×2)$/,
  },
  {
    name: 'NUL in a field value',
    raw: get('A: b\0c'),
    says: '9110 5.5: MUST be refused, or replaced by SP',
    right: refusedOrTaken,
  },
  {
    name: 'folded field line',
    raw: get('A: b', ' c'),
    says: '9112 5.2: MUST be 400, or replaced by SP',
    right: refusedOrTaken,
  },
  {
    name: 'blank before the colon',
    raw: get('A : b'),
    says: '9112 5.1: MUST be 400',
    right: /^400/,
  },
  {
    name: 'field line without a colon',
    raw: get('nonsense'),
    says: '9112 2.2, 5: not in the grammar; SHOULD be 400',
    right: /^400/,
  },
  {
    name: 'field name with `@`',
    raw: get('A@: b'),
    says: '9110 5.1: a name is a token; SHOULD be 400',
    right: /^400/,
  },
  {
    name: 'blank before the first field line',
    raw: plain(' Host: localhost', 'Host: localhost'),
    says: '9112 2.2: MUST be refused, or the line be left out',
    right: refusedOrTaken,
  },
  {
    name: 'CRLF before the request line',
    raw: `\r\n${get()}`,
    says: '9112 2.2: SHOULD be ignored',
    right: /^200$/,
  },
  {
    name: 'two blanks in the request line',
    raw: target(' /page.html'),
    says: '9112 3: SHOULD be 400; MAY be taken',
    right: one,
  },
  {
    name: 'header line of 20,000 bytes',
    raw: get(`A: ${'b'.repeat(20_000)}`),
    says: '9110 5.4: too large MUST be 4xx; where that begins is free',
    right: /^(200|4\d\d)/,
  },
  {
    name: 'header section of 100,000 bytes',
    raw: get(...Array.from({ length: 50 }, (_, n) => `A${n}: ${'b'.repeat(1_990)}`)),
    says: 'the same',
    right: /^(200|4\d\d)/,
  },
  {
    name: '500 header lines',
    raw: get(...Array.from({ length: 500 }, (_, n) => `A${n}: b`)),
    says: 'the same',
    right: /^(200|4\d\d)/,
  },
];

const hosts: readonly CompareRow[] = [
  { name: 'no `Host`', raw: plain(), says: '9112 3.2: MUST be 400', right: /^400/ },
  {
    name: 'two `Host`',
    raw: plain('Host: localhost', 'Host: other'),
    says: '9112 3.2: MUST be 400',
    right: /^400/,
  },
  {
    name: '`Host: a b`',
    raw: plain('Host: a b'),
    says: '9112 3.2: an invalid value MUST be 400',
    right: /^400/,
  },
  {
    name: '`Host: user@localhost`',
    raw: plain('Host: user@localhost'),
    says: '9110 7.2: host and port only; MUST be 400',
    right: /^400/,
  },
  {
    name: '`Host: rebound.attacker.com`, at loopback',
    raw: plain('Host: rebound.attacker.com'),
    says: '9110 7.4: the server decides; 421 says that it is not meant',
    right: one,
  },
  {
    name: 'absolute form, `Host` of another',
    raw: plain('Host: other').replace('/page.html', 'http://localhost/page.html'),
    says: '9112 3.2.2: MUST be taken, and `Host` be ignored',
    right: /^200$/,
  },
  {
    name: 'absolute form with `https:`, without TLS',
    raw: target('https://localhost/page.html'),
    says: '9110 7.4: MUST be refused where the connection is not secured',
    right: refused,
  },
];

const targets: readonly CompareRow[] = [
  {
    name: 'fragment in the target',
    raw: target('/page.html#a'),
    says: '9112 3: an invalid request line SHOULD be 400',
    right: /^400/,
  },
  {
    name: 'raw `é` in the target',
    raw: target('/\xc3\xa9.html'),
    says: '9112 3: an invalid request line SHOULD be 400',
    right: /^400/,
  },
  {
    name: '`/%70age.html`',
    raw: target('/%70age.html'),
    says: '9110 4.2.3: the same as `/page.html`',
    right: /^200$/,
  },
  {
    name: '`/folder/../page.html`',
    raw: target('/folder/../page.html'),
    says: '3986 6.2.2.3: may be resolved; nothing says that a server must',
    right: one,
  },
  ...[`/../${OUTSIDE_NAME}`, `/%2e%2e/${OUTSIDE_NAME}`, `/..%2f${OUTSIDE_NAME}`].map((path) => ({
    name: `\`${path}\``,
    raw: target(path),
    says: '9110 17.3: is not to lead outside',
    right: refused,
  })),
  {
    name: `\`/%252e%252e/${OUTSIDE_NAME}\``,
    raw: target(`/%252e%252e/${OUTSIDE_NAME}`),
    says: '3986 2.4: must not be decoded twice',
    right: refused,
  },
  {
    name: '`/folder%2findex.html`',
    raw: target('/folder%2findex.html'),
    says: '3986 2.2: `%2F` is not `/`: another name, if perhaps of the same page',
    right: one,
  },
  {
    name: '`/page.html%00.txt`',
    raw: target('/page.html%00.txt'),
    says: '3986 7.3: NUL should be refused, for it would cut the name',
    right: refused,
  },
  {
    name: '`/%zz`',
    raw: target('/%zz'),
    says: '3986 2.1: not in the grammar; 9112 3: SHOULD be 400',
    right: /^400/,
  },
  {
    name: 'target of 10,000 bytes',
    raw: target(`/${'a'.repeat(9_999)}`),
    says: '9112 3: 8,000 SHOULD be taken; too long MUST be 414',
    right: /^4(04|14)/,
  },
];

export const syntaxRows: readonly CompareRow[] = [...lines, ...hosts, ...targets];
