/** What is remembered of a page's head changes no insert: warm and cold give the same. */

import { expect, test } from 'bun:test';
import { utf8Bytes } from '../../../src/base/bytes.ts';
import { insertInto } from '../../../src/store/insert/insert.ts';
import { KnownHeads } from '../../../src/store/insert/known-heads.ts';
import { Seeded, seedOfRun } from '../seeded.ts';

const seed = seedOfRun();
console.log(`known heads: INKWIRE_SEED=${seed}`);

// biome-ignore format: one line a kind of trouble
const pieces = [
  '<!doctype html>', '<html>', '<head>', '</head>', '<title>a</title>', '<title><body></title>', '<!-- <body> -->', '<script><body></script>',
  '<meta charset=utf-8>', '<meta charset=euc-kr>', '<meta charset=utf-16>', '<template><body></template>', '<template>', '</template>', '\ufeff', '\n', '    ', ' ',
  '<body>', '<body class="a>b">', '<BODY>', '<body ', '<frameset>', '<p>x</p>', 'text', '<title>', '<!--', '-->', '</body>', '</html>', '<svg>', '<plaintext>',
];

function compose(random: Seeded, most: number): string {
  return Array.from({ length: random.below(most + 1) }, () => random.pick(pieces)).join('');
}

function told(page: string, heads: KnownHeads): string {
  const end = insertInto(utf8Bytes(page), 'text', utf8Bytes('QQ'), heads);
  if (end.kind === 'refused') return `${end.code} ${end.detail ?? ''}`;
  return Buffer.from(end.page).toString();
}

test('pages that share a beginning with others', () => {
  const random = new Seeded(seed);
  const warm = new KnownHeads();
  let hits = 0;
  for (let run = 0; run < 600; run += 1) {
    const first = compose(random, 8);
    told(first, warm);
    const cut = random.below(first.length + 1);
    for (const page of [first, first.slice(0, cut) + compose(random, 4), compose(random, 3)]) {
      if (warm.find(utf8Bytes(page)) !== undefined) hits += 1;
      const cold = told(page, new KnownHeads());
      expect([page, told(page, warm)]).toEqual([page, cold]);
    }
  }
  expect(hits).toBeGreaterThan(100);
});

test('a page that takes insert after insert is known from the second one on', () => {
  const heads = new KnownHeads();
  let page = utf8Bytes('<!doctype html><title>a</title><body>\n</body>');
  for (let count = 0; count < 3; count += 1) {
    expect(heads.find(page) === undefined).toBe(count === 0);
    const end = insertInto(page, 'text', utf8Bytes(`${count}`), heads);
    if (end.kind === 'refused') throw new Error(end.code);
    page = end.page;
  }
  expect(Buffer.from(page).toString()).toContain('<h2> 2 </h2>\n    <h2> 1 </h2>\n');
});

test('a charset that something behind the head declares is looked for each time', () => {
  const heads = new KnownHeads();
  const head = '<!doctype html><body>';
  expect(told(`${head}<p>ä`, heads)).toContain('QQ');
  expect(heads.find(utf8Bytes(head))?.charset).toBeUndefined();
  expect(told(`${head}<meta charset=utf-16>`, heads)).toContain('QQ');
  expect(told(`${head}<meta charset=iso-2022-jp>`, heads)).toBe('page-charset iso-2022-jp');
});

test('so many heads are kept, the latest ones', () => {
  const heads = new KnownHeads();
  const page = (count: number): Uint8Array => utf8Bytes(`<title>${count}</title><body>`);
  for (let count = 0; count <= 512; count += 1) insertInto(page(count), 'text', page(0), heads);
  const known = [0, 1, 512].map((count) => heads.find(page(count)) !== undefined);
  expect(known).toEqual([false, true, true]);
});

test('a long head is parsed each time', () => {
  for (const [extra, isKept] of [
    [0, true],
    [1, false],
  ] as const) {
    const heads = new KnownHeads();
    const frame = '<title></title><body>'.length;
    const page = utf8Bytes(`<title>${'x'.repeat(4_096 - frame + extra)}</title><body>`);
    insertInto(page, 'text', utf8Bytes('x'), heads);
    expect(heads.find(page) !== undefined).toBe(isKept);
  }
});
