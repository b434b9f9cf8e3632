/** Request targets and authorities: the four forms, and which method takes which. */

import { describe, expect, test } from 'bun:test';
import { isAuthority, takeTarget } from '../../src/http/target.ts';

/** Form, then authority, path and query where there are such; `-` for what is none. */
const targets: readonly [method: string, target: string, want: string][] = [
  ['GET', '/', 'origin path=/'],
  ['GET', '/a/b.html', 'origin path=/a/b.html'],
  ['GET', '/a?', 'origin path=/a query='],
  ['GET', '/a?b=c?d', 'origin path=/a query=b=c?d'],
  ['GET', '/%2f', 'origin path=/%2f'],
  ['GET', '//host/a', 'origin path=//host/a'],
  ['GET', '/http://h/', 'origin path=/http://h/'],
  ['GET', 'http://h/a?b', 'absolute authority=h path=/a query=b'],
  ['GET', 'HTTPS://h:8080/a', 'absolute authority=h:8080 path=/a'],
  ['GET', 'http://h', 'absolute authority=h path=/'],
  ['GET', 'http://h?q', 'absolute authority=h path=/ query=q'],
  ['GET', 'http://[::1]:80/', 'absolute authority=[::1]:80 path=/'],
  ['OPTIONS', 'http://h', 'asterisk'],
  ['OPTIONS', 'http://h/', 'absolute authority=h path=/'],
  ['OPTIONS', '*', 'asterisk'],
  ['OPTIONS', '/', 'origin path=/'],
  ['CONNECT', 'h:443', 'authority authority=h:443'],
  ['CONNECT', '[::1]:443', 'authority authority=[::1]:443'],
  ['GET', '*', '-'],
  ['GET', '', '-'],
  ['GET', 'a.html', '-'],
  ['GET', 'h:80', '-'],
  ['GET', '?q', '-'],
  ['GET', 'ftp://h/', '-'],
  ['GET', 'file:///etc/passwd', '-'],
  ['GET', 'http:/a', '-'],
  ['GET', 'http:///a', '-'],
  ['GET', 'http://u@h/', '-'],
  ['GET', 'http://u:p@h/', '-'],
  ['GET', 'http://h:99999/', '-'],
  ['GET', 'http://h:x/', '-'],
  ['OPTIONS', '**', '-'],
  ['CONNECT', 'h', '-'],
  ['CONNECT', 'h:', '-'],
  ['CONNECT', '/', '-'],
  ['CONNECT', 'http://h/', '-'],
  ['CONNECT', 'u@h:443', '-'],
];

describe('a target', () => {
  for (const [method, target, want] of targets) {
    test(`${method} ${JSON.stringify(target)}: ${want}`, () => {
      const taken = takeTarget(method, target);
      const parts: string[] = taken === undefined ? ['-'] : [taken.form];
      if (taken !== undefined && 'authority' in taken) parts.push(`authority=${taken.authority}`);
      if (taken !== undefined && 'path' in taken) {
        parts.push(`path=${taken.path}`);
        if (taken.query !== undefined) parts.push(`query=${taken.query}`);
      }
      expect(parts.join(' ')).toBe(want);
    });
  }
});

const authorities = [
  'h',
  'h:80',
  'h:',
  '',
  ':80',
  'localhost',
  '127.0.0.1:8080',
  'a.b-c_d~e',
  'a%20b',
  "!$&'()*+,;=",
  'h:0',
  'h:65535',
  'h:00080',
  '[::]',
  '[::1]',
  '[::1]:80',
  '[1:2:3:4:5:6:7:8]',
  '[1:2:3:4:5:6:7::]',
  '[::2:3:4:5:6:7:8]',
  '[fe80::1]',
  '[::ffff:127.0.0.1]',
  '[1:2:3:4:5:6:1.2.3.4]',
  '[v1.x]',
  '[vF.a:b]',
];

const notAuthorities = [
  'h:65536',
  'h:8o',
  'h:-1',
  'h:80:80',
  'u@h',
  'a b',
  'a/b',
  'a?b',
  'a#b',
  'a\\b',
  'a"b',
  'a%2',
  'a%zz',
  'é',
  '::1',
  '[::1',
  '::1]',
  '[]',
  '[h]',
  '[:::]',
  '[::1::]',
  '[1:2:3:4:5:6:7]',
  '[1:2:3:4:5:6:7:8:9]',
  '[1:2:3:4:5:6:7:8::]',
  '[12345::]',
  '[g::]',
  '[::1.2.3]',
  '[::1.2.3.256]',
  '[::01.2.3.4]',
  '[1.2.3.4::]',
  '[1.2.3.4]',
  '[::1%25eth0]',
  '[v.x]',
  '[::1]x',
  '[::1] ',
];

describe('an authority', () => {
  for (const text of authorities) {
    test(`${JSON.stringify(text)} is one`, () => expect(isAuthority(text)).toBe(true));
  }
  for (const text of notAuthorities) {
    test(`${JSON.stringify(text)} is none`, () => expect(isAuthority(text)).toBe(false));
  }
});
