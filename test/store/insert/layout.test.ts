/** Line endings and indents of what is inserted. */

import { describe, expect, test } from 'bun:test';
import { utf8Bytes } from '../../../src/base/bytes.ts';
import { insertInto } from '../../../src/store/insert/insert.ts';
import { indentBytesMax } from '../../../src/store/insert/layout.ts';
import { insertMarkup, insertText, sample } from './pages.ts';

test('the sample grows from 286 to 314 bytes by one new line after the body line', () => {
  const page = utf8Bytes(sample);
  expect(page.length).toBe(286);
  const result = insertInto(page, 'text', utf8Bytes('This is test'));
  if (result.kind !== 'inserted') throw new Error(result.code);
  expect(result.page.length).toBe(314);
  expect(result.bytes).toBe(28);
  expect(result.at).toBe(sample.indexOf('<body>') + '<body>'.length);
  const want = sample.replace('<body>\n', '<body>\n    <h2> This is test </h2>\n');
  expect(new TextDecoder().decode(result.page)).toBe(want);
});

const rows = [
  { name: 'CR LF', page: '<body>\r\n  <p>a\r\n', want: '<body>\r\n  <h2> X </h2>\r\n  <p>a\r\n' },
  { name: 'CR alone', page: '<body>\r  <p>a\r', want: '<body>\r  <h2> X </h2>\r  <p>a\r' },
  { name: 'tabs', page: '<body>\n\t\t<p>a\n', want: '<body>\n\t\t<h2> X </h2>\n\t\t<p>a\n' },
  { name: 'no indent', page: '<body>\n<p>a\n', want: '<body>\n<h2> X </h2>\n<p>a\n' },
  {
    name: 'blank lines before the next',
    page: '<body>\n\n \t \n  <p>a\n',
    want: '<body>\n  <h2> X </h2>\n\n \t \n  <p>a\n',
  },
  {
    name: 'blanks after the tag stay behind the insert',
    page: '<body>  \n  <p>a\n',
    want: '<body>\n  <h2> X </h2>  \n  <p>a\n',
  },
  {
    name: 'content on the tag’s line',
    page: '<body><p>a</p>\n  <p>b\n',
    want: '<body>\n  <h2> X </h2>\n  <p>a</p>\n  <p>b\n',
  },
  {
    name: 'content on the tag’s line, CR LF',
    page: '<body><p>a</p>\r\n\t<p>b\r\n',
    want: '<body>\r\n\t<h2> X </h2>\r\n\t<p>a</p>\r\n\t<p>b\r\n',
  },
  {
    name: 'an empty body takes the tag’s indent and four spaces',
    page: '<html>\n  <body>\n  </body>\n</html>\n',
    want: '<html>\n  <body>\n      <h2> X </h2>\n  </body>\n</html>\n',
  },
  {
    name: 'a body that ends on its own line',
    page: '<body></body>\n</html>\n',
    want: '<body>\n    <h2> X </h2>\n    </body>\n</html>\n',
  },
  {
    name: 'the line after a body that has ended shows no indent',
    page: '<body><p>a</BODY>\n\t\t<!-- end -->\n',
    want: '<body>\n    <h2> X </h2>\n    <p>a</BODY>\n\t\t<!-- end -->\n',
  },
  { name: 'one line', page: '<body>a', want: '<body>\n    <h2> X </h2>\n    a' },
  { name: 'the tag is the last thing', page: '<body>', want: '<body>\n    <h2> X </h2>' },
  { name: 'the tag’s line is the last', page: '<body>\n', want: '<body>\n    <h2> X </h2>\n' },
  {
    name: 'the indent of a tag with something before it',
    page: '\t<html><body>',
    want: '\t<html><body>\n\t    <h2> X </h2>',
  },
  {
    name: 'a tag over several lines',
    page: '  <body\n        class="a">\n',
    want: '  <body\n        class="a">\n      <h2> X </h2>\n',
  },
  { name: 'an empty page', page: '', want: '<h2> X </h2>\n' },
  { name: 'a page of one byte', page: 'a', want: '<h2> X </h2>\na' },
  { name: 'no body tag', page: '<p>a\r\n', want: '<h2> X </h2>\r\n<p>a\r\n' },
  {
    name: 'no body tag, the end',
    page: '<title>a</title>',
    want: '<title>a</title><h2> X </h2>\n',
  },
  {
    name: 'a mark before the body line',
    page: '\ufeff<body>',
    want: '\ufeff<body>\n    <h2> X </h2>',
  },
];

describe('layout', () => {
  for (const { name, page, want } of rows) {
    test(name, () => {
      expect(insertText(page, 'X')).toBe(want);
      expect(insertMarkup(page, '<h2> X </h2>')).toBe(want);
    });
  }

  test('an indent is copied up to its limit, and not past it', () => {
    const most = ' '.repeat(indentBytesMax);
    expect(insertText(`<body>\n${most}a`, 'X')).toBe(`<body>\n${most}<h2> X </h2>\n${most}a`);
    expect(insertText(`<body>\n${most} a`, 'X')).toBe(`<body>\n${most}<h2> X </h2>\n${most} a`);
    expect(insertText(`${most}<body>`, 'X')).toBe(`${most}<body>\n${most}    <h2> X </h2>`);
    expect(insertText(`${most} <body>`, 'X')).toBe(`${most} <body>\n${most}    <h2> X </h2>`);
  });

  test('a second insert comes before the first', () => {
    const twice = insertText(insertText(sample, 'first'), 'second');
    expect(twice).toContain('<body>\n    <h2> second </h2>\n    <h2> first </h2>\n    <h1>');
    expect(insertText(insertText('', 'first'), 'second')).toBe(
      '<h2> second </h2>\n<h2> first </h2>\n',
    );
  });
});
