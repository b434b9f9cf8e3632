/** Pages are read to the byte: marks where they belong, and what is torn where it first differs. */

import { describe, expect, test } from 'bun:test';
import { concatBytes, latin1Text, utf8Bytes } from '../../../src/base/bytes.ts';
import { MarkSpelling } from '../../../src/load/verify/marks.ts';
import {
  learnLayout,
  ownLayout,
  type PageLayout,
  withMark,
} from '../../../src/load/verify/page-layout.ts';
import { PageReader } from '../../../src/load/verify/page-reader.ts';

const spelling = new MarkSpelling({ uuid: () => '7f3a9c02-0000-4000-8000-000000000000' });
const BASE = '<body>\n<h1>x</h1>\n</body>';

/** How a server of the test makes a page of `marks`, the oldest first. */
type Make = (marks: readonly number[]) => string;

const unit = (mark: number): string => `<h2> ${spelling.text(mark)} </h2>\n`;
const onTop: Make = (marks) => `<body>\n${marks.map(unit).reverse().join('')}<h1>x</h1>\n</body>`;
const below: Make = (marks) => `<body>\n<h1>x</h1>\n${marks.map(unit).join('')}</body>`;
/** Nothing but the mark, at the very end. */
const bare: Make = (marks) => BASE + marks.map((mark) => spelling.text(mark)).join('');
/** The first edit ends the line behind its text; those behind it find that done. */
const lineEnded: Make = (marks) =>
  marks.length === 0
    ? BASE
    : BASE.replace(
        '\n',
        `${marks
          .map((mark) => `\n${unit(mark).trim()}`)
          .reverse()
          .join('')}\n  `,
      );
/** The first edit opens a list. */
const listed: Make = (marks) => {
  const items = marks.map((mark) => `<li>${spelling.text(mark)}</li>`).join('');
  return marks.length === 0 ? BASE : BASE.replace('</body>', `<ul>${items}</ul></body>`);
};

function layoutOf(make: Make): PageLayout {
  const layout = learnLayout(
    { base: utf8Bytes(BASE), one: utf8Bytes(make([0])), two: utf8Bytes(make([0, 1])) },
    { first: spelling.bytes(0), second: spelling.bytes(1) },
  );
  if (typeof layout === 'string') throw new Error(layout);
  return layout;
}

const own: Make = (marks) => {
  const layout = ownLayout(utf8Bytes(BASE));
  let page = layout.base;
  for (const [held, mark] of marks.entries()) {
    page = withMark(layout, page, held, spelling.bytes(mark));
  }
  return latin1Text(page);
};

const kinds: readonly (readonly [name: string, make: Make, layout: PageLayout])[] = [
  ['on top', onTop, layoutOf(onTop)],
  ['below', below, layoutOf(below)],
  ['bare at the end', bare, layoutOf(bare)],
  ['where the first ends a line', lineEnded, layoutOf(lineEnded)],
  ['in a list that the first opens', listed, layoutOf(listed)],
  ['by the client', own, ownLayout(utf8Bytes(BASE))],
];

test('the client puts a line before the end of the body, or at the end', () => {
  expect(own([5, 6])).toBe(
    `<body>\n<h1>x</h1>\n<p>${spelling.text(5)}</p>\n<p>${spelling.text(6)}</p>\n</body>`,
  );
  const layout = ownLayout(utf8Bytes('text'));
  const page = withMark(layout, layout.base, 0, spelling.bytes(1));
  expect(latin1Text(page)).toBe(`text<p>${spelling.text(1)}</p>\n`);
});

describe.each(kinds)('marks %s', (_name, make, layout) => {
  const rows: readonly (readonly number[])[] = [[], [0], [0, 1], [7, 3, 99_999_999], [4, 4, 4]];

  test.each(rows.map((marks) => [marks]))('%p', (marks) => {
    const reader = new PageReader(layout, spelling);
    expect(reader.read(utf8Bytes(make(marks)))).toEqual({ kind: 'marks', marks });
  });

  test('pages that follow each other, grow, shrink and branch', () => {
    const reader = new PageReader(layout, spelling);
    const pages = [[1], [1, 2], [1, 2, 3, 4], [1], [], [1, 2, 5], [1, 2, 5, 6], [9], [1, 2, 3, 4]];
    for (const marks of pages) {
      expect(reader.read(utf8Bytes(make(marks)))).toEqual({ kind: 'marks', marks });
    }
  });

  // A page that is known is compared whole, and so is the known part of one that has grown: neither
  // must hide anything, nor be remembered when it was torn.
  test.each([0, 1, 2, 3])(
    'any one byte that is wrong is seen when %d marks were known',
    (known) => {
      for (const grown of [0, 1, 2, 3]) {
        const marks = [1, 2, 3, 4, 5, 6].slice(0, known + grown);
        const page = make(marks);
        for (let at = 0; at <= page.length; at += 1) {
          const reader = new PageReader(layout, spelling);
          reader.read(utf8Bytes(make(marks.slice(0, known))));
          for (const changed of wrongAt(page, at)) {
            const read = reader.read(utf8Bytes(changed));
            const whole = read.kind === 'marks' && make(read.marks) === changed;
            const again = reader.read(utf8Bytes(changed)).kind;
            const kinds = whole ? ['torn', 'torn'] : [read.kind, again];
            expect({ grown, at, kinds }).toEqual({ grown, at, kinds: ['torn', 'torn'] });
          }
          expect(reader.read(utf8Bytes(page))).toEqual({ kind: 'marks', marks });
        }
      }
    },
  );
});

/** `page` with one byte too many, changed or missing at `at`. */
function wrongAt(page: string, at: number): string[] {
  const [before, behind] = [page.slice(0, at), page.slice(at)];
  const tooMany = `${before}\u0001${behind}`;
  if (behind === '') return [tooMany];
  return [tooMany, `${before}\u0001${behind.slice(1)}`, before + behind.slice(1)];
}

const [first, second] = [spelling.text(1), spelling.text(2)];

test.each([
  ['', 'the page ends at byte 0 where "<body>\n<h2> " was expected'],
  ['<body>\n<h2> ', 'the page ends at byte 12 where a mark was expected'],
  ['<bodY>', 'at byte 4 stands "Y>" where "y>\n<h2> " was expected'],
  [
    `<body>\n<h2> ${first} `,
    'the page ends at byte 32, behind 1 mark, where "</h2>\n<h1>x</h1>\n</body>" was expected',
  ],
  [
    `<body>\n<h2> ${first} </h2>\n<h2> iw7f3a9c02-000`,
    'at byte 43, behind 1 mark, stands "iw7f3a9c02-000" where a mark was expected',
  ],
  [
    `<body>\n<h2> ${first} </h2>\n<h2> ${second} </h2>\n<h1>x</h1>\n</body>!`,
    'at byte 87, behind 2 marks, stands "!" where its end was expected',
  ],
  [
    `<body>\n${'<h2> text </h2>\n'.repeat(2)}</body>`,
    'at byte 12 stands "text </h2>\n<h2> text </h2>\n</bod…" where a mark was expected',
  ],
])('%j', (page, why) => {
  const reader = new PageReader(layoutOf(onTop), spelling);
  expect(reader.read(utf8Bytes(page))).toEqual({ kind: 'torn', why });
});

const wrong = 'changed more than it put in, or somebody else edits the page';

test.each([
  ['nothing was stored', BASE, BASE, 'the first edit was acknowledged, but not there: it was lost'],
  [
    'the second is not there',
    onTop([0]),
    onTop([0]),
    'the second edit was acknowledged, but not there: it was lost, or an old page was read',
  ],
  ['the first is gone', onTop([0]), onTop([1]), 'first edit does not stand once in the page after'],
  ['the first is doubled', onTop([0, 0]), onTop([0, 0, 1]), 'the first edit stands 2 times'],
  [
    'the page before it was another one',
    onTop([0]).replace('\n</body>', ''),
    onTop([0, 1]).replace('\n</body>', ''),
    `the first edit ${wrong}, or an old page was read`,
  ],
  [
    'the rest changed with the first',
    `${onTop([0])}!`,
    `${onTop([0, 1])}!`,
    `the first edit ${wrong}`,
  ],
  ['the rest changed with the second', onTop([0]), `${onTop([0, 1])}!`, `the second edit ${wrong}`],
  [
    'something else is now in the page',
    onTop([0]).replace('x', 'y'),
    onTop([0, 1]).replace('x', 'y'),
    wrong,
  ],
])('no layout: %s', (_name, one, two, why) => {
  const layout = learnLayout(
    { base: utf8Bytes(BASE), one: utf8Bytes(one), two: utf8Bytes(two) },
    { first: spelling.bytes(0), second: spelling.bytes(1) },
  );
  expect(layout).toBeString();
  expect(String(layout)).toContain(why);
});

test('a layout is what it says', () => {
  const { head, glue, tail, newestFirst } = layoutOf(onTop);
  const mark = spelling.bytes(0);
  expect(newestFirst).toBeTrue();
  expect(latin1Text(concatBytes([head, mark, glue, mark, tail]))).toBe(onTop([0, 0]));
});
