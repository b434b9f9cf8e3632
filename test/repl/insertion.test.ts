/** What an insert did to a page is told from what others did, wherever it stands. */

import { expect, test } from 'bun:test';
import { latin1Bytes, utf8Bytes } from '../../src/base/bytes.ts';
import { isInsertion } from '../../src/repl/insertion.ts';

const before = '<body>\n    <h1> One </h1>\n</body>\n';
const put = (lines: string): string => before.replace('<body>\n', `<body>\n${lines}`);

interface Row {
  readonly name: string;
  readonly before?: string;
  readonly after: string;
  readonly sent: string;
  readonly want: boolean;
}

const rows: readonly Row[] = [
  { name: 'a heading', after: put('    <h2> Two </h2>\n'), sent: 'Two', want: true },
  { name: 'with blanks', after: put('    <h2> Two </h2>\n'), sent: ' Two\n', want: true },
  { name: 'markup', after: put('    <p>Two</p>\n'), sent: '<p>Two</p>', want: true },
  {
    name: 'markup that is a heading',
    after: put('<h2>Two</h2>'),
    sent: '<h2>Two</h2>',
    want: true,
  },
  {
    name: 'escaped',
    after: put('    <h2> 1 &lt; 2 &amp; &#44032;&#xAC00; </h2>\n'),
    sent: '1 < 2 & 가가',
    want: true,
  },
  { name: 'lines', after: put('    <h2> a\r\nb </h2>\r\n'), sent: 'a\nb', want: true },
  {
    name: 'before one that is like it',
    before: put('    <h2> Two </h2>\n'),
    after: put('    <h2> Two </h2>\n    <h2> Two </h2>\n'),
    sent: 'Two',
    want: true,
  },
  {
    name: 'before one that begins like it',
    before: put('    <h2> Two and more </h2>\n'),
    after: put('    <h2> Two </h2>\n    <h2> Two and more </h2>\n'),
    sent: 'Two',
    want: true,
  },
  { name: 'at the end', after: `${before}<p>x</p>`, sent: '<p>x</p>', want: true },
  { name: 'into nothing', before: '', after: '<h2> x </h2>\n', sent: 'x', want: true },
  {
    name: "somebody else's beside it",
    after: put('    <h2> Two </h2>\n    <h2> Three </h2>\n'),
    sent: 'Two',
    want: false,
  },
  {
    name: "somebody else's markup beside it",
    after: put('    <h2> Two </h2>\n    x\n'),
    sent: 'Two',
    want: false,
  },
  {
    name: "somebody else's elsewhere",
    after: put('    <h2> Two </h2>\n').replace('One', 'Other'),
    sent: 'Two',
    want: false,
  },
  {
    name: "somebody else's removal",
    before: `${before}gone\n`,
    after: put('    <h2> Two </h2>\n'),
    sent: 'Two',
    want: false,
  },
  { name: 'something else', after: put('    <h2> Three </h2>\n'), sent: 'Two', want: false },
  { name: 'nothing', after: before, sent: 'Two', want: false },
  { name: 'nothing, by a blank', after: before, sent: ' ', want: false },
  { name: 'less', after: before.slice(0, -1), sent: 'Two', want: false },
];

test.each(rows)('$name: $want', ({ before: page = before, after, sent, want }) => {
  expect(isInsertion(utf8Bytes(page), utf8Bytes(after), utf8Bytes(sent))).toBe(want);
});

test('a page in another charset', () => {
  const page = '<body>\n<p>\xe9</p>\n';
  const after = page.replace('<p>', '<h2> &#233; </h2>\n<p>');
  expect(isInsertion(latin1Bytes(page), latin1Bytes(after), utf8Bytes('é'))).toBe(true);
});

test('a page of equal lines is soon done with', () => {
  const line = '    <h2> x </h2>\n';
  const page = utf8Bytes(line.repeat(10_000));
  expect(isInsertion(page, utf8Bytes(line.repeat(10_001)), utf8Bytes('x'))).toBe(true);
  // At each of its places it would take as long as the page: minutes in all.
  expect(isInsertion(page, utf8Bytes(line.repeat(20_000)), utf8Bytes('y'))).toBe(false);
});
