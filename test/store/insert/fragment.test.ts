/** Which fragments close what they open. */

import { describe, expect, test } from 'bun:test';
import { insertHeading, insertMarkup } from './pages.ts';

const page = '<!doctype html>\n<body>\n</body>\n';
const quirksPage = '<body>\n</body>\n';

const harmless = [
  'text',
  'a < b && c > d',
  '&amp',
  '&lt',
  '&',
  '<',
  '<3',
  '<p>a</p>',
  '<p>a</p><p>b</p>',
  '<ul><li>a<li>b</ul>',
  '<dl><dt>a<dd>b</dl>',
  '<table><tr><td>a<td>b<tr><td>c</table>',
  '<table><caption>a</caption><colgroup><col><tbody><tr><th>b</table>',
  '<p>a<div>b</div>',
  '<b><i>a</b></i>',
  '<b>a<p>b</b></p>',
  '<a href="x">a</a> <a href=y>b</a>',
  '<br><hr><img src=a><input><wbr>',
  '<br/></br>',
  '</p>',
  '</div></span></b></table>',
  '<!-- a -->',
  '<!-->',
  '<!-- a --!>',
  '<? a >',
  '</ a>',
  '<![CDATA[ a ]]>',
  '<svg><![CDATA[ </svg> ]]></svg>',
  '<svg><path d="M0"/><title>a</title><foreignObject><p>b</p></foreignObject></svg>',
  '<nobr>a<nobr>b</nobr>',
  '<svg><p>a</p>',
  '<math><mi>a</mi><annotation-xml encoding="text/html"><p>b</p></annotation-xml></math>',
  '<script>if (a < b) "</p>"</script>',
  '<script><!-- <script> </script> --></script>',
  '<style>p > a { content: "</p>" }</style>',
  '<title><p></title>',
  '<textarea>\n<p></textarea>',
  '<pre>\n\na</pre>',
  '<xmp><p></xmp><iframe><p></iframe><noembed><p></noembed><noframes><p></noframes>',
  '<noscript><p>a</p></noscript>',
  '<template><p>a</template>',
  '<template><tr><td>a</template>',
  '<table><td><b></table>a',
  '<div><template shadowrootmode=open>a</template></div>',
  '<form><input></form>',
  '</form>',
  '<form><form></form>',
  '<select><option>a<option selected>b</select>',
  '<select><optgroup label=a><option>b<hr><option>c</select>',
  '<select><button>a</button><option><span>b</span></option></select>',
  '<button>a</button><object><param></object><marquee>b</marquee>',
  '<ruby>a<rt>b</ruby>',
  '<meta name=a><link rel=b><base><frame>',
  '<h1>a</h2>',
  '<body-part></body-part><header>a</header><headless></headless><html-x></html-x>',
  '&lt;body>',
  '<!-- <body> <!doctype html> -->',
  '<script>"<body>"</script>',
  '<p title="<body>">a</p>',
  'a\0b\rc',
  '<p>a\0b</p>',
];

const open = [
  ['<!--', '<!--'],
  ['<!-- a', '<!--'],
  ['<!-- a --', '<!--'],
  ['<!--a--!', '<!--'],
  ['<!', '<!--'],
  ['<!a', '<!--'],
  ['<?php', '<!--'],
  ['</', '<!--'],
  ['</ a', '<!--'],
  ['<![CDATA[ a', '<!--'],
  ['<svg><![CDATA[ a', '<![CDATA['],
  ['<svg><![CDATA[ a ]]', '<![CDATA['],
  ['<math><mi></mi><![CDATA[</math>', '<![CDATA['],
  ['<script>', '<script>'],
  ['<script>a</scrip', '<script>'],
  ['<script>a</script', 'a tag'],
  ['<script><!--<script></script>', '<script>'],
  ['<style>', '<style>'],
  ['<title>', '<title>'],
  ['<title>a</title x', 'a tag'],
  ['<textarea>a', '<textarea>'],
  ['<xmp>', '<xmp>'],
  ['<iframe src=a>', '<iframe>'],
  ['<noembed>', '<noembed>'],
  ['<noframes>', '<noframes>'],
  ['<noscript>', '<noscript>'],
  ['<plaintext>', '<plaintext>'],
  ['<plaintext></plaintext>', '<plaintext>'],
  ['<p', 'a tag'],
  ['<p class', 'a tag'],
  ['<p class=', 'a tag'],
  ['<p class=a', 'a tag'],
  ['<p class="a', 'a tag'],
  ["<p class='a>", 'a tag'],
  ['<p class="a"', 'a tag'],
  ['<p /', 'a tag'],
  ['</p', 'a tag'],
  ['</p a="', 'a tag'],
  ['a <b', 'a tag'],
  ['<p>', '<p>'],
  ['<p>a', '<p>'],
  ['</p><p>', '<p>'],
  ['<div/>', '<div>'],
  ['<div><div></div>', '<div>'],
  ['<div><p></div><section><p>a', '<section>'],
  ['<li>a', '<li>'],
  ['<ul><li>a</li>', '<ul>'],
  ['<b>', '<b>'],
  ['<b>a', '<b>'],
  ['<p><b></p>', '<b>'],
  ['<p><b></p><i></i>', '<b>'],
  // The template leaves a marker, which keeps the white space behind it from opening the b again.
  ['<p><b></p><template><td></template>', '<b>'],
  ['<div><a href=x></div>', '<a>'],
  ['<p><font></p>', '<font>'],
  ['<nobr><p></nobr>', '<p>'],
  ['<a><p></a><b>', '<p>'],
  ['<table>', '<table>'],
  ['<table><tr><td>a</td>', '<table>'],
  ['<table><b></table>', '<b>'],
  ['<select>', '<select>'],
  ['<select><option>', '<select>'],
  ['<select><option>a</option>', '<select>'],
  ['<select><b></select>', '<b>'],
  ['<select><div></select>', '<select>'],
  ['<select><xmp></select>', '<xmp>'],
  ['<select><style></select>', '<style>'],
  ['<select><title></select>', '<title>'],
  ['<select><svg><![CDATA[</select>', '<select>'],
  ['<select><svg><![CDATA[</select>></select>', '<![CDATA['],
  ['<svg><foreignObject><p>a</foreignObject></svg>', '<svg>'],
  ['<template>', '<template>'],
  ['<template></div>', '<template>'],
  ['<template><template></template>', '<template>'],
  ['<template><p></p>', '<template>'],
  ['<object>', '<object>'],
  ['<object><b></object><marquee>', '<marquee>'],
  ['<svg>', '<svg>'],
  ['<svg><g></svg', 'a tag'],
  ['<svg><desc><p></p>', '<svg>'],
  ['<math><mi>', '<math>'],
  ['<form>', '<form>'],
  ['<div><form></div>', '<form>'],
  ['<noscript><!--</noscript>', '<!--'],
  ['<noscript><div></noscript>', '<noscript>'],
  ['<noscript><p class="</noscript>', 'a tag'],
  ['<noscript><b></noscript>', '<b>'],
  ['<noscript><select><xmp></select></noscript>', '<xmp>'],
] as const;

const structure = [
  ['<html>', '<html>'],
  ['</html>', '</html>'],
  ['<HEAD>', '<head>'],
  ['</head>', '</head>'],
  ['<body class=a>', '<body>'],
  ['a</body>', '</body>'],
  ['<frameset>', '<frameset>'],
  ['</frameset>', '</frameset>'],
  ['<!doctype html>', '<!doctype>'],
  ['a<!DOCTYPE', '<!doctype>'],
  ['<template><body></template>', '<body>'],
  ['<svg><body></svg>', '<body>'],
  ['<p>a</p></body></html>', '</body>'],
  ['<!doctype html><html><head></head><body><p>a</body></html>', '<!doctype>'],
  ['<body><!--', '<body>'],
  ['<p><body>', '<body>'],
  ['<noscript><body></noscript>', '<body>'],
  ['<template shadowrootmode=open><slot></slot></template>', '<template shadowrootmode>'],
] as const;

const swallowed = (detail: string) => `fragment-open: ${detail}`;

describe('fragments that leave the rest of the page alone', () => {
  for (const fragment of harmless) {
    test(JSON.stringify(fragment), () => {
      expect(insertMarkup(page, fragment)).toBe(
        `<!doctype html>\n<body>\n    ${fragment}\n</body>\n`,
      );
    });
  }
});

describe('markup that is set as a heading', () => {
  const taken = [
    'a',
    'a &amp; <b>b</b>',
    '<div>a</div>',
    '<h1>a</h1>',
    '</h2>',
    '</h2><b>a</b>',
    'a &lt',
  ];
  for (const fragment of taken) {
    test(JSON.stringify(fragment), () => {
      expect(insertHeading(page, ` ${fragment}\n`)).toBe(
        `<!doctype html>\n<body>\n    <h2> ${fragment} </h2>\n</body>\n`,
      );
    });
  }

  // The heading's end tag would close the first three.
  const refusals = [
    ['<p>a', 'fragment-open: <p>'],
    ['<li>a', 'fragment-open: <li>'],
    ['<div>', 'fragment-open: <div>'],
    ['<b>', 'fragment-open: <b>'],
    ['<!--', 'fragment-open: <!--'],
    ['a</body>', 'fragment-structure: </body>'],
    ['', 'content-empty'],
  ] as const;
  for (const [fragment, want] of refusals) {
    test(`${JSON.stringify(fragment)}: ${want}`, () => {
      expect(insertHeading(page, fragment)).toBe(want);
    });
  }
});

describe('fragments that leave something open', () => {
  for (const [fragment, detail] of open) {
    test(JSON.stringify(fragment), () => {
      expect(insertMarkup(page, fragment)).toBe(swallowed(detail));
      expect(insertMarkup('', fragment)).toBe(swallowed(detail));
      expect(insertHeading(page, fragment)).toBe(swallowed(detail));
    });
  }
});

describe('fragments that hold what makes a page', () => {
  for (const [fragment, detail] of structure) {
    test(JSON.stringify(fragment), () => {
      expect(insertMarkup(page, fragment)).toBe(`fragment-structure: ${detail}`);
    });
  }
});

test('whether a table closes a paragraph depends on the page', () => {
  const fragment = '<p>a<table></table>';
  expect(insertMarkup(page, fragment)).toContain(fragment);
  expect(insertMarkup(quirksPage, fragment)).toBe('fragment-open: <p>');
});

test('formatting that would be made anew without bound is refused, and soon', () => {
  const formats = Array.from({ length: 2000 }, (_, at) => `<b id=${at}>`).join('');
  expect(insertMarkup(page, `<p>${formats}</p>${'<p>a</p>'.repeat(5000)}`)).toBe(
    'fragment-open: <b>',
  );
});

test('a deep fragment is judged without recursion', () => {
  const deep = `${'<div>'.repeat(50_000)}${'</div>'.repeat(50_000)}`;
  expect(insertMarkup(page, deep)).toContain(deep);
  expect(insertMarkup(page, deep.slice(0, -6))).toBe('fragment-open: <div>');
});
