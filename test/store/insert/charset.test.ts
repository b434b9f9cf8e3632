/** Which charset a page has, and how text goes in under it. */

import { describe, expect, test } from 'bun:test';
import { latin1Bytes } from '../../../src/base/bytes.ts';
import { charsetOfPage } from '../../../src/store/insert/charset.ts';
import { prescanBytesMax } from '../../../src/store/insert/prescan.ts';
import { insertIntoBytes } from './pages.ts';

const content = (value: string) => `<meta http-equiv="Content-Type" content="${value}">`;

const rows = [
  { page: '', want: 'utf-8' },
  { page: '<body>', want: 'utf-8' },
  { page: '\xef\xbb\xbf<meta charset=koi8-r>', want: 'utf-8' },
  { page: '\xff\xfe<\0', want: 'utf-16le' },
  { page: '\xfe\xff\0<', want: 'utf-16be' },
  { page: '\xff\xfe\0\0<\0\0\0', want: 'utf-32' },
  { page: '\0\0\xfe\xff\0\0\0<', want: 'utf-32' },
  { page: '<\0!\0', want: 'utf-16le' },
  { page: '\0<\0!', want: 'utf-16be' },
  { page: '\0<body>', want: 'utf-8' },
  { page: '<\0\0\0', want: 'utf-32' },
  { page: '\0\0\0<', want: 'utf-32' },
  { page: '<meta charset=utf-8>', want: 'utf-8' },
  { page: '<META CHARSET = "Shift_JIS" />', want: 'shift_jis' },
  { page: '<meta/charset=euc-kr>', want: 'euc-kr' },
  { page: "<meta name=a charset='GB2312'>", want: 'gbk' },
  { page: '<meta charset=" latin1 ">', want: 'windows-1252' },
  { page: '<meta charset=unknown>', want: 'utf-8' },
  { page: '<meta charset=unknown><meta charset=koi8-u>', want: 'koi8-u' },
  { page: '<meta charset=utf-16>', want: 'utf-8' },
  { page: '<meta charset=utf-16be>', want: 'utf-8' },
  { page: '<meta charset=x-user-defined>', want: 'windows-1252' },
  { page: '<meta charset=iso-2022-jp>', want: 'iso-2022-jp' },
  { page: '<meta charset=iso-2022-kr>', want: 'iso-2022-kr' },
  { page: '<meta charset=hz-gb-2312>', want: 'hz-gb-2312' },
  { page: content('text/html; charset=ISO-8859-2'), want: 'iso-8859-2' },
  { page: content("text/html; charset = 'big5'"), want: 'big5' },
  { page: content('text/html; charset=euc-jp;a'), want: 'euc-jp' },
  { page: content('text/html; charset; charset=euc-jp'), want: 'euc-jp' },
  { page: content('text/html'), want: 'utf-8' },
  { page: '<meta content="text/html; charset=big5">', want: 'utf-8' },
  { page: '<meta http-equiv=refresh content="charset=big5">', want: 'utf-8' },
  { page: '<meta charset=a http-equiv=content-type content="charset=big5">', want: 'utf-8' },
  { page: '<meta charset=koi8-r charset=big5>', want: 'koi8-r' },
  { page: '<meta charset=koi8-r', want: 'utf-8' },
  { page: '<metacharset=koi8-r>', want: 'utf-8' },
  { page: '<!-- <meta charset=koi8-r> -->', want: 'utf-8' },
  { page: '<!--><meta charset=koi8-r>', want: 'koi8-r' },
  { page: '<!-- > <meta charset=koi8-r>', want: 'utf-8' },
  { page: '<!a <meta charset=koi8-r>', want: 'utf-8' },
  { page: '<?a?><meta charset=koi8-r>', want: 'koi8-r' },
  { page: '</a b="<meta charset=big5>"><meta charset=koi8-r>', want: 'koi8-r' },
  { page: '<a b="<meta charset=big5>" =c><meta charset=koi8-r>', want: 'koi8-r' },
  { page: '<a b=c/><meta charset=koi8-r>', want: 'koi8-r' },
  { page: '<3 <meta charset=koi8-r>', want: 'koi8-r' },
  { page: '<body><p><meta charset=koi8-r>', want: 'koi8-r' },
];

describe('the charset of a page', () => {
  for (const { page, want } of rows) {
    test(JSON.stringify(page), () => {
      expect(charsetOfPage(latin1Bytes(page)).encoding).toBe(want);
    });
  }

  test('a declaration counts when it ends within the first 1,024 bytes, and not one byte later', () => {
    const declaration = '<meta charset=koi8-r>';
    const blanks = ' '.repeat(prescanBytesMax - declaration.length);
    expect(charsetOfPage(latin1Bytes(`${blanks}${declaration}`)).encoding).toBe('koi8-r');
    expect(charsetOfPage(latin1Bytes(`${blanks} ${declaration}`)).encoding).toBe('utf-8');
  });
});

const refusedPages = [
  ['\xff\xfe<\0', 'utf-16le'],
  ['\xfe\xff\0<', 'utf-16be'],
  ['\xff\xfe\0\0', 'utf-32'],
  ['<\0b\0o\0d\0y\0>\0', 'utf-16le'],
  ['<meta charset=iso-2022-jp><body>', 'iso-2022-jp'],
  ['<meta charset=csiso2022kr><body>', 'csiso2022kr'],
  ['<meta charset=iso-2022-cn><body>', 'iso-2022-cn'],
  ['<meta charset=hz-gb-2312><body>', 'hz-gb-2312'],
  ['<meta charset=replacement><body>', 'replacement'],
  ['<meta charset=gbk><template><svg><![CDATA[ \x81]]></svg></template><body>', 'gbk'],
] as const;

describe('pages in a charset that takes no insert', () => {
  for (const [page, charset] of refusedPages) {
    test(JSON.stringify(page), () => {
      expect(insertIntoBytes(page, 'text', 'X')).toBe(`page-charset: ${charset}`);
      expect(insertIntoBytes(page, 'markup', '<p>X</p>')).toBe(`page-charset: ${charset}`);
    });
  }
});

const text = 'aä漢😀\u0085\0';
const references = 'a&#228;&#28450;&#128512;&#65533;&#65533;';

describe('text that is not ASCII goes in as references', () => {
  const charsets = [
    'koi8-r',
    'iso-8859-1',
    'shift_jis',
    'gbk',
    'gb18030',
    'big5',
    'euc-kr',
    'euc-jp',
  ];
  for (const charset of charsets) {
    test(charset, () => {
      // 0x8C 0x5C and 0x83 0x7C are Shift_JIS characters whose second byte is `\` and `|`.
      const page = `<meta charset=${charset}><title>\x8c\x5c\x83\x7c</title><body>\n\x8c\x5c`;
      expect(insertIntoBytes(page, 'text', text)).toBe(
        page.replace('<body>\n', `<body>\n<h2> ${references} </h2>\n`),
      );
    });
  }

  test('and as it is in a UTF-8 page', () => {
    const page = '<meta charset=utf-8><body>';
    expect(insertIntoBytes(page, 'text', 'ä')).toBe(`${page}\n    <h2> \xc3\xa4 </h2>`);
    expect(insertIntoBytes(page, 'markup', '<style>ä</style>')).toBe(
      `${page}\n    <style>\xc3\xa4</style>`,
    );
  });
});

const markup = [
  ['<p title="ä" alt=漢>ü</p>', '<p title="&#228;" alt=&#28450;>&#252;</p>'],
  ['<textarea>ä</textarea><title>ä</title>', '<textarea>&#228;</textarea><title>&#228;</title>'],
  ['<svg><title>ä</title></svg>', '<svg><title>&#228;</title></svg>'],
  ['ä&amp;ä', '&#228;&amp;&#228;'],
  ['<ä>', '<&#228;>'],
  ['&#1ä', '&#1&#228;'],
  ['<style>a</style>😀', '<style>a</style>&#128512;'],
  ['<style>ä</style>', undefined],
  ['<script>"ä"</script>', undefined],
  ['<script type=module>\n// ä\n</script>', undefined],
  ['<!-- ä -->', undefined],
  ['<xmp>ä</xmp>', undefined],
  ['<iframe>ä</iframe>', undefined],
  ['<noscript>ä</noscript>', undefined],
  ['<svg><![CDATA[ä]]></svg>', undefined],
  ['<p ä=a>b</p>', undefined],
  ['<p-ä>b</p-ä>', undefined],
  ['<? ä ?>', undefined],
  ['<p>\u0080</p>', undefined],
  ['<template><style>ä</style></template>', undefined],
] as const;

describe('markup that is not ASCII, for a page in another charset', () => {
  for (const [fragment, want] of markup) {
    test(JSON.stringify(fragment), () => {
      const page = '<meta charset=koi8-r><body>';
      expect(insertIntoBytes(page, 'markup', fragment)).toBe(
        want === undefined ? 'page-charset: koi8-r' : `${page}\n    ${want}`,
      );
      expect(insertIntoBytes(page, 'heading', fragment)).toBe(
        want === undefined ? 'page-charset: koi8-r' : `${page}\n    <h2> ${want} </h2>`,
      );
    });
  }
});

describe('an insert does not change the charset of the page around it', () => {
  test('by a declaration in the markup', () => {
    expect(insertIntoBytes('', 'markup', '<meta charset=koi8-r>')).toBe(
      'fragment-structure: <meta>',
    );
    expect(insertIntoBytes('<body>', 'markup', content('text/html; charset=big5'))).toBe(
      'fragment-structure: <meta>',
    );
    expect(insertIntoBytes('<p><meta charset=big5>', 'markup', '<meta charset=koi8-r>')).toBe(
      'fragment-structure: <meta>',
    );
    // It says what the page is already, or the page has said it before.
    expect(insertIntoBytes('', 'markup', '<meta charset=utf-8>')).toBe('<meta charset=utf-8>\n');
    expect(insertIntoBytes('<meta charset=big5><body>', 'markup', '<meta charset=koi8-r>')).toBe(
      '<meta charset=big5><body>\n    <meta charset=koi8-r>',
    );
  });

  test('by moving the page’s own out of the first 1,024 bytes', () => {
    const page = '<p>a<meta charset=koi8-r>';
    const fits = prescanBytesMax - page.length - '<h2>  </h2>\n'.length;
    expect(insertIntoBytes(page, 'text', 'x'.repeat(fits))).toContain(page);
    expect(insertIntoBytes(page, 'text', 'x'.repeat(fits + 1))).toBe('page-charset: koi8-r');
  });
});
