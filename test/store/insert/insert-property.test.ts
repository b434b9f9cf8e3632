/**
 * Random pages, put together from pieces that are hard to parse, and random inserts into them. What
 * must hold whenever an insert is taken: the new page is the old one around one insertion; a full
 * parse shows every node of the old page where it was; and the insert is the first thing of the
 * body.
 */

import { describe, expect, test } from 'bun:test';
import { type DefaultTreeAdapterMap, parse } from 'parse5';
import { latin1Text, utf8Bytes } from '../../../src/base/bytes.ts';
import { type Inserted, insertInto } from '../../../src/store/insert/insert.ts';

type Node = DefaultTreeAdapterMap['node'];
type Element = DefaultTreeAdapterMap['element'];

const seed = Number(process.env['INKWIRE_SEED'] ?? 20_260_712);
/** Pages for each property; the second takes twice as many, for more of its inserts are refused. */
const runs = Number(process.env['INKWIRE_RUNS'] ?? 1500);
/** Milliseconds: a busy machine, or many runs by hand. */
const timeoutMs = 60_000;

console.log(`insert-property seed: ${seed}`);

/** A small generator of numbers below 2^32 (mulberry32), so that a failure can be had again. */
function makeRandom(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

// biome-ignore format: one line a kind of trouble
const headPieces = [
  '<!doctype html>', '<!doctype html public "-//w3c//dtd html 4.01//en">', '<html>', '<html lang=en>', '<head>', '</head>', '</html>',
  '\n', '\r\n', '\r', ' \t', '\f', '\ufeff', '<!-- <body> -->', '<!-->', '<!---->', '<? <body> >', '</ x>', '<!x>',
  '<title><body></title>', '<title>', '</title>', '<title>ä</title>', '<script><body></script>', '<script><!--<script></script><body>--></script>',
  '<style><body></style>', '<noscript><body></noscript>', '<noframes><body></noframes>', '<template><body></template>',
  '<template><table><td><b></template>', '<template><div><template></template></template>', '<template><svg><![CDATA[</template>]]></svg></template>',
  '<template>', '</template>', '<meta charset=utf-8>', '<meta name="<body>">', '<link title=\'<body>\'>', '<base>', '<bgsound>', '<basefont>',
  '</p>', '</div>', '</br>', '</body>', '\0', '&amp;', 'text', '<', '<!doctype html system "<body>">',
];

// biome-ignore format: one line a kind of trouble
const bodyPieces = [
  '<body>', '<body class="a>b">', '<BODY\r\nid=x >', '<body/>', '<body ', '</body>', '</html>', '<frameset>', '<frame>', '</frameset>',
  '\n', '\r\n', '  ', '\t', 'text', 'ä漢', '<', '&', '&am', '\0', '<p>', '</p>', '<p>a', '<div>', '</div>', '<b>', '</b>', '<i>', '</i>', '<a href=x>', '</a>',
  '<nobr>', '<form>', '</form>', '<table>', '<tr>', '<td>', '</table>', '<caption>', '<select>', '<option>', '</select>', '<li>', '<ul>', '</ul>',
  '<svg>', '</svg>', '<math>', '<mi>', '</math>', '<![CDATA[', ']]>', '<template>', '</template>', '<script>', '</script>', '<style>', '</style>',
  '<textarea>', '</textarea>', '<title>', '</title>', '<pre>', '</pre>', '<xmp>', '</xmp>', '<plaintext>', '<!--', '-->', '<br>', '<hr>', '<button>', '</button>',
  '<h1>', '</h2>', '<object>', '</object>', '<noscript>', '</noscript>', '<foreignObject>', '<head>', '</head>', '<html class=x>', '<input type=hidden>',
];

// biome-ignore format: one line a kind of trouble
const fragmentPieces = [
  ...bodyPieces.filter((piece) => !/<\/?(?:body|html|head|frameset)|a$|text|ä|&|^<$/i.test(piece)),
  'QQ', ' ', '<p>QQ</p>', '<b>QQ</b>', '<b><i></b></i>', '<p><b></p></b>', '<div><form></form></div>', '<table><tr><td>QQ</table>', '<table>QQ</table>',
  '<svg><p></svg>', '<ul><li>QQ<li></ul>', '<select><option></select>', '<script>QQ</script>', '<!-- QQ -->', '<template><td><b></template>', '<a>QQ<a></a>',
  '<h1></h2>', '<style>QQ</style>', '<title>QQ</title>', '<button><p></button>', '<object><b></object></b>', '<svg><![CDATA[<p>]]></svg>',
];

function compose(
  random: (below: number) => number,
  pieces: readonly string[],
  most: number,
): string {
  let text = '';
  for (let left = random(most + 1); left > 0; left -= 1)
    text += pieces[random(pieces.length)] ?? '';
  return text;
}

function randomPage(random: (below: number) => number): string {
  const head = compose(random, headPieces, 6);
  const tag = random(3) > 0 ? (bodyPieces[random(4)] ?? '') : '';
  const body = `${head}${tag}${compose(random, bodyPieces, 8)}`;
  return random(4) === 0 ? `<!doctype html><title>a</title>${body}` : body;
}

/**
 * The tree as text, without the nodes that begin in `[from, to)`. White space and what
 * the text of the fragments is made of (Q, `-->`, `]]>`) do not count in text: it may have joined
 * with text of the page.
 */
function treeOf(page: string, from: number, to: number): string {
  const document = parse(page, { sourceCodeLocationInfo: true });
  let text: string = document.mode;
  const walk = (node: Node): void => {
    const start = node.sourceCodeLocation?.startOffset ?? -1;
    const isInserted = start >= from && start < to;
    if (node.nodeName === '#text' && 'value' in node) {
      text += node.value.replace(/[ \t\n\f\rQ\]>-]+/g, '');
      return;
    }
    // A stray `</p>` makes an empty paragraph that has no place in the source.
    if (isInserted || (node.nodeName === 'p' && start === -1)) return;
    text += `<${node.nodeName}`;
    if ('attrs' in node) text += ` ${JSON.stringify(node.attrs)}`;
    if ('data' in node) text += ` ${node.data}`;
    if ('content' in node) walk(node.content);
    if ('childNodes' in node) for (const child of node.childNodes) walk(child);
    text += '>';
  };
  walk(document);
  return text;
}

/** The page's text as the parser takes it, one character a byte, without a byte order mark. */
function sourceOf(page: Uint8Array): { readonly text: string; readonly markBytes: number } {
  const text = latin1Text(page);
  return text.startsWith('\xef\xbb\xbf')
    ? { text: text.slice(3), markBytes: 3 }
    : { text, markBytes: 0 };
}

function expectOneInsertion(page: Uint8Array, result: Inserted): void {
  const end = result.at + result.bytes;
  expect(result.page.length).toBe(page.length + result.bytes);
  expect(latin1Text(result.page, 0, result.at)).toBe(latin1Text(page, 0, result.at));
  expect(latin1Text(result.page, end)).toBe(latin1Text(page, result.at));
}

/** Every node of the old page is where it was. */
function expectSameTree(page: Uint8Array, result: Inserted, hint: string): void {
  const { text, markBytes } = sourceOf(result.page);
  const from = result.at - markBytes;
  const after = treeOf(text, from, from + result.bytes);
  expect(`${hint}${after}`).toBe(`${hint}${treeOf(sourceOf(page).text, -1, -1)}`);
}

function bodyOf(page: string): Element | undefined {
  const root = parse(page).childNodes.find((node) => node.nodeName === 'html');
  const children = root !== undefined && 'childNodes' in root ? root.childNodes : [];
  const body = children.find((node) => node.nodeName === 'body');
  return body !== undefined && 'tagName' in body ? body : undefined;
}

/** The elements that are children of the body, as far as they are headings of the inserted kind. */
function firstHeadings(page: Uint8Array, count: number): string[] {
  const body = bodyOf(sourceOf(page).text);
  const elements = (body?.childNodes ?? []).filter((node): node is Element => 'tagName' in node);
  return elements.slice(0, count).map((element) => {
    const [text] = element.childNodes;
    const isOneText = element.childNodes.length === 1 && text !== undefined && 'value' in text;
    return `${element.tagName}:${isOneText ? text.value : '?'}`;
  });
}

const texts = ['X', '<b>', '&amp; &lt', '</h2>', '<!--', 'a\'b"', 'a\nb', '--><script>'];

describe('random pages', () => {
  test(
    'text: one insertion, the same tree, first in the body, the newest first',
    () => {
      const random = makeRandom(seed);
      let taken = 0;
      for (let run = 0; run < runs; run += 1) {
        const source = randomPage(random);
        const page = utf8Bytes(source);
        const hint = `${JSON.stringify(source)}\n`;
        const text = texts[random(texts.length)] ?? '';
        const first = insertInto(page, 'text', utf8Bytes(text));
        if (first.kind === 'refused') {
          expect(`${hint}${first.code}`).toMatch(/page-(?:open|frameset)$/);
          continue;
        }
        taken += 1;
        expectOneInsertion(page, first);
        expectSameTree(page, first, hint);
        const second = insertInto(first.page, 'text', utf8Bytes('second'));
        if (second.kind === 'refused') throw new Error(`${hint}${second.code}`);
        expect(`${hint}${second.at}`).toBe(`${hint}${first.at}`);
        // What opens a body without a tag and is no content of the page stands before the insert.
        if (/<noscript|<\/br>|<\/body>|<\/html>/i.test(source)) continue;
        expect(`${hint}${firstHeadings(first.page, 1)}`).toBe(`${hint}h2: ${text} `);
        expect(`${hint}${firstHeadings(second.page, 2)}`).toBe(`${hint}h2: second ,h2: ${text} `);
      }
      expect(taken).toBeGreaterThan(runs / 3);
    },
    timeoutMs,
  );

  test(
    'markup: one insertion and the same tree',
    () => {
      const random = makeRandom(seed + 1);
      let taken = 0;
      for (let run = 0; run < 2 * runs; run += 1) {
        const source = randomPage(random);
        const fragment = compose(random, fragmentPieces, 5);
        const page = utf8Bytes(source);
        const form = random(3) === 0 ? 'heading' : 'markup';
        const result = insertInto(page, form, utf8Bytes(fragment));
        if (result.kind === 'refused') {
          expect(result.code).not.toBe('internal-error');
          continue;
        }
        taken += 1;
        expectOneInsertion(page, result);
        expectSameTree(page, result, `${JSON.stringify(source)} + ${JSON.stringify(fragment)}\n`);
      }
      expect(taken).toBeGreaterThan(runs / 5);
    },
    timeoutMs,
  );
});
