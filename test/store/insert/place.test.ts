/** Where in a page an insert goes. */

import { describe, expect, test } from 'bun:test';
import { utf8Bytes } from '../../../src/base/bytes.ts';
import { findPlace } from '../../../src/store/insert/place.ts';
import { insertText } from './pages.ts';

/** `|` marks the place; it is not in the page. */
const afterTag = [
  '<body>|',
  '<BODY CLASS="a>b">|text',
  '<body\r\n  id=a>|\r\n',
  '<body/>|',
  '<!doctype html><html><head></head><body>|<p>a',
  '<!-- <body> --><body>|',
  '<!--><body>|-->',
  '<title><body></title><body>|',
  '<script>"<body>"</script><body>|',
  '<script><!--<script></script><body>--></script><body>|',
  '<style><body></style><body>|',
  '<noscript><body></noscript><body>|',
  '<noframes><body></noframes><body>|',
  '<template><body></template><body>|',
  '<template><div><template><body></template><body></div></template><body>|',
  '<template><frameset></template><body>|',
  '<meta content="<body>"><body>|',
  "<link title='<body>'><body>|",
  '</p></div><body>|',
  '<head></head></head><head><body>|',
  '<html><html lang=en><body>|<body>',
  '\r\n\t \f<body>|',
  '<bgsound src=a><basefont><body>|',
  '</head><noscript><p></noscript><body>|',
  '<?xml version="1.0"?><body>|',
  '</ <body><body>|',
  '<meta charset=utf-8\0><body>|',
  '\ufeff<!doctype html><body>|',
  `<title>${'ä'.repeat(9000)}</title>\r\n<body>|\r\n`,
  `<!--${'-'.repeat(70_000)}--><body>|`,
  `<style>${'\r\n'.repeat(50_000)}</style>\r\n<body>|`,
];

const withoutTag = [
  '|',
  '|a',
  '|&',
  '|<',
  '|< body>',
  // The parser gives these characters out late, and says a later offset for them.
  '\n |&amp;',
  '\r\n|&notit;a',
  ' |&#65;',
  '<head>\r\n |<3',
  '<!-- a --> |</>a',
  '\r\n\r\n|\0',
  '\r\n |\0<body>',
  '|<p>a',
  // A doctype ends at the first `>`, also between quotes.
  '<!doctype html SYSTEM "<body>|"><body>',
  '|<bodyx>',
  '<title>a</title>|<h1>b</h1><body>',
  '<head><title>a</title></head>\n|text<body>',
  '<!-- a -->\n|<div><body></div>',
  '<script>a</script>|<svg><body>',
  '<template><p>a</p></template>|<p>b',
  '|<select><xmp></select><body>',
  '|<plaintext><body>',
  '|<textarea><body></textarea>',
  '|<br><frameset>',
  '|<p>a<frameset>',
  '|text<frameset>',
  '<html></html>|',
  '<html><head></head></html>\n|',
  '<!-- a -->|',
  '<title>a</title>|',
  '<!doctype html>|',
  '</body></html>|<p>a',
  '\ufeff|',
  '\ufeff|a',
  '</head><noscript>a</noscript>|<p>',
  '<noscript>a</noscript>|<p>',
  '<bgsound>|<p>',
  '</br>|',
  `${' '.repeat(9000)}|a`,
  `<title>${'a'.repeat(70_000)}</title>|<p>`,
];

describe('the place', () => {
  for (const [rows, kind] of [
    [afterTag, 'after-body-tag'],
    [withoutTag, 'no-body-tag'],
  ] as const) {
    for (const row of rows) {
      const name = row.length > 80 ? `${row.slice(0, 20)}… (${row.length})` : row;
      test(`${kind}: ${JSON.stringify(name)}`, () => {
        const at = utf8Bytes(row.slice(0, row.indexOf('|'))).length;
        const page = utf8Bytes(row.replace('|', ''));
        const place = findPlace(page, row.startsWith('\ufeff') ? 3 : 0);
        expect(place).toMatchObject({ kind, at });
        if (place.kind === 'after-body-tag') {
          expect(String.fromCharCode(...page.subarray(place.tagStart, place.tagStart + 5))).toMatch(
            /^<body$/i,
          );
        }
      });
    }
  }
});

test('the place is the same wherever the pieces that the page is parsed in are cut', () => {
  const tag = '\r\n<body class="a">\r\n';
  for (let before = 4096 - tag.length - 16; before < 4096 + 4; before += 1) {
    const head = `<title>${'a'.repeat(before)}</title>`;
    const page = utf8Bytes(`${head}${tag}`);
    expect(findPlace(page, 0)).toMatchObject({ at: head.length + tag.length - 2 });
    const text = utf8Bytes(`${head}\r\n&amp;<p>`);
    expect(findPlace(text, 0)).toMatchObject({ kind: 'no-body-tag', at: head.length + 2 });
  }
});

const quirks = [
  { page: '<body>', want: true },
  { page: '<!doctype html><body>', want: false },
  { page: '<p>', want: true },
  { page: '<!doctype html><p>', want: false },
  { page: '', want: true },
  { page: '<!doctype html>', want: false },
  { page: '<!doctype html PUBLIC "-//W3C//DTD HTML 3.2//EN"><body>', want: true },
  { page: '<p><!doctype html>', want: true },
];

for (const { page, want } of quirks) {
  test(`quirks mode of ${JSON.stringify(page)}: ${want}`, () => {
    expect(findPlace(utf8Bytes(page), 0)).toMatchObject({ quirks: want });
  });
}

const refusals = [
  { page: '<frameset>', want: 'page-frameset' },
  { page: '<title>a</title><frameset cols="*,*"><frame></frameset>', want: 'page-frameset' },
  { page: '<p><frameset>', want: 'page-frameset' },
  { page: `<p>${'<p>\n'.repeat(2000)}<frameset>`, want: 'page-frameset' },
  { page: '<head></head><noscript></noscript><frameset>', want: 'page-frameset' },
  { page: '<title>', want: 'page-open: <title>' },
  { page: '<title>a</titl', want: 'page-open: <title>' },
  { page: '<script>a<body></body>', want: 'page-open: <script>' },
  { page: '<style>a', want: 'page-open: <style>' },
  { page: '<noscript>a', want: 'page-open: <noscript>' },
  { page: '<template><body>', want: 'page-open: <template>' },
  { page: '<template><p>a', want: 'page-open: <template>' },
  { page: '<template><svg><![CDATA[', want: 'page-open: <![CDATA[' },
  { page: '<!-- a <body>', want: 'page-open: <!--' },
  { page: '<!-- a --', want: 'page-open: <!--' },
  { page: '<!', want: 'page-open: <!--' },
  { page: '<?php echo 1', want: 'page-open: <!--' },
  { page: '<!doctype html', want: 'page-open: <!doctype>' },
  { page: '<html><bod', want: 'page-open: a tag' },
  { page: '<html><body', want: 'page-open: a tag' },
  { page: '<html><body ', want: 'page-open: a tag' },
  { page: '<body class="a>', want: 'page-open: a tag' },
  { page: '<body class=a', want: 'page-open: a tag' },
  { page: '<head></head', want: 'page-open: a tag' },
];

describe('pages that take no insert', () => {
  for (const { page, want } of refusals) {
    test(JSON.stringify(page.slice(0, 60)), () => {
      expect(insertText(page, 'X')).toBe(want);
    });
  }

  test('a template that would grow without bound is refused, and soon', () => {
    const formats = Array.from({ length: 2000 }, (_, at) => `<b id=${at}>`).join('');
    const page = `<template><p>${formats}</p>${'<p>a</p>'.repeat(5000)}</template><body>`;
    expect(insertText(page, 'X')).toBe('page-too-large');
  });
});
