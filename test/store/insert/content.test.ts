/** What is taken for content of an insert, and what is refused. */

import { describe, expect, test } from 'bun:test';
import { utf8Bytes } from '../../../src/base/bytes.ts';
import { insertMarkup, insertText, outcome } from './pages.ts';

const rows = [
  { name: 'plain', text: 'a', want: 'a' },
  {
    name: 'escaped',
    text: '<b>&amp; "q" \'s\'</b>',
    want: '&lt;b&gt;&amp;amp; "q" \'s\'&lt;/b&gt;',
  },
  { name: 'cannot end the heading', text: '</h2><script>', want: '&lt;/h2&gt;&lt;script&gt;' },
  { name: 'white space around it', text: ' \t\r\n\f\v a b \r\n', want: 'a b' },
  { name: 'Unicode white space around it', text: '\u00a0\u2028a\u3000\u2003', want: 'a' },
  { name: 'a byte order mark', text: '\ufeffa', want: 'a' },
  { name: 'a byte order mark and white space', text: '\ufeff \na', want: 'a' },
  { name: 'line breaks inside stay', text: 'a\r\nb\nc\rd', want: 'a\r\nb\nc\rd' },
  { name: 'control characters stay', text: 'a\u0001\u001b\u0085b', want: 'a\u0001\u001b\u0085b' },
  { name: 'NUL cannot be written in HTML', text: 'a\0b', want: 'a\ufffdb' },
  { name: 'not ASCII', text: 'äöü 漢字 😀', want: 'äöü 漢字 😀' },
];

describe('text', () => {
  for (const { name, text, want } of rows) {
    test(name, () => {
      expect(insertText('<body>\n', text)).toBe(`<body>\n    <h2> ${want} </h2>\n`);
    });
  }
});

test('markup goes in as it is, without the white space around it', () => {
  expect(insertMarkup('<body>\n', ' \ufeff<p>a &amp; b\0</p>\r\n')).toBe(
    '<body>\n    <p>a &amp; b\0</p>\n',
  );
});

describe('refused content', () => {
  const empty = ['', ' ', '\r\n', '\ufeff', '\ufeff\t\u3000'];
  for (const text of empty) {
    test(`empty: ${JSON.stringify(text)}`, () => {
      expect(insertText('<body>', text)).toBe('content-empty');
      expect(insertMarkup('<body>', text)).toBe('content-empty');
    });
  }

  const invalid = [
    [0xff],
    [0x61, 0xc3],
    [0xc0, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
  ];
  for (const bytes of invalid) {
    test(`not UTF-8: ${Buffer.from(bytes).toString('hex')}`, () => {
      expect(outcome(utf8Bytes('<body>'), 'text', new Uint8Array(bytes))).toBe('content-not-utf8');
      expect(outcome(utf8Bytes('<body>'), 'markup', new Uint8Array(bytes))).toBe(
        'content-not-utf8',
      );
    });
  }
});
