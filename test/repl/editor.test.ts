/** The line editor without a terminal: keys, state, layout. */

import { expect, test } from 'bun:test';
import { cellsOf } from '../../src/repl/display.ts';
import { listed } from '../../src/repl/editor/editor.ts';
import { type Key, KeyDecoder, type KeyName } from '../../src/repl/editor/keys.ts';
import { layOut, Screen } from '../../src/repl/editor/screen.ts';
import { emptyState, lineCharsMax, step } from '../../src/repl/editor/state.ts';

function names(keys: readonly Key[]): string[] {
  return keys.map((key) => (key.kind === 'text' ? `"${key.text}"` : key.kind));
}

const inputs: readonly (readonly [input: string, want: readonly string[]])[] = [
  ['abc', ['"abc"']],
  ['한\r', ['"한"', 'enter']],
  ['\x1b[A\x1b[B\x1b[C\x1b[D', ['up', 'down', 'right', 'left']],
  ['\x1bOA\x1bOH', ['up', 'home']],
  ['\x1b[1;5C\x1bb\x1b\x7f', ['word-right', 'word-left', 'kill-word-left']],
  ['\x1b[3~\x7f', ['delete', 'backspace']],
  ['\x03\x04\x12\x1a', ['interrupt', 'end-of-input', 'search-older', 'suspend']],
  ['\x1b\x1b[A', ['escape', 'up']],
  ['\x1b[99;99Xa', ['"a"']],
  [
    '\x1b[200~GET /\ta\r\nb\n\x03c\x1b[201~\t',
    ['"GET /\ta"', 'enter', '"b"', 'enter', '"c"', 'tab'],
  ],
  ['\x00\x1c', []],
];

test.each(inputs)('the keys of %j, whole and character by character', (input, want) => {
  expect(names(new KeyDecoder().push(input))).toEqual([...want]);
  const decoder = new KeyDecoder();
  const keys = [...input].flatMap((character) => decoder.push(character));
  const joined = names(keys).join('').replaceAll('""', '');
  expect(joined).toBe(want.join(''));
  expect(decoder.undecided).toBe(false);
});

test('an Escape alone is decided by time', () => {
  const decoder = new KeyDecoder();
  expect(decoder.push('\x1b')).toEqual([]);
  expect(decoder.undecided).toBe(true);
  expect(names(decoder.flush())).toEqual(['escape']);
  expect(decoder.push('\x1b[1;')).toEqual([]);
  expect(names(decoder.flush())).toEqual([]);
  expect(names(decoder.push('a'))).toEqual(['"a"']);
});

test('a sequence without an end is dropped', () => {
  const decoder = new KeyDecoder();
  decoder.push(`\x1b[${'1;'.repeat(40)}`);
  expect(decoder.undecided).toBe(false);
});

const history = ['GET /alpha', 'PUT /beta 한국어', 'GET /alpha', 'DELETE /gamma'];

/** A key by its name, or typed text behind a quote. */
type Pressed = KeyName | `"${string}`;

function isText(pressed: Pressed): pressed is `"${string}` {
  return pressed.startsWith('"');
}

/** Presses keys; returns the line with `|` at the cursor, and the last effect. */
function run(...keys: readonly Pressed[]): string {
  let state = emptyState(history.length);
  let effect = '';
  for (const name of keys) {
    const key: Key = isText(name) ? { kind: 'text', text: name.slice(1) } : { kind: name };
    const next = step(state, key, history);
    state = next.state;
    effect = next.effect;
  }
  const line = `${state.text.slice(0, state.cursor)}|${state.text.slice(state.cursor)}`;
  return effect === 'none' ? line : `${line} ${effect}`;
}

const edits: readonly (readonly [want: string, ...keys: Pressed[]])[] = [
  ['ab|', '"ab'],
  ['a|b', '"ab', 'left'],
  ['한|국', '"한국', 'left'],
  ['한|', '"한국', 'backspace'],
  ['|', '"👨‍👩‍👧', 'backspace'],
  ['e\u0301|x', '"e\u0301x', 'left'],
  ['|a bell', '"a', 'home', 'left'],
  ['a| bell', '"a', 'right'],
  ['|b', '"ab', 'home', 'delete'],
  ['|b', '"ab', 'home', 'end-of-input'],
  ['| end', 'end-of-input'],
  ['|c d', '"ab c d', 'word-left', 'word-left', 'kill-to-start'],
  ['ab| ', '"ab c', 'left', 'left', 'right', 'backspace', 'end', 'backspace', '" ', 'left'],
  ['GET |', '"GET /a/b', 'kill-word-left'],
  ['GET /a/|b', '"GET /a/b', 'word-left'],
  ['GET| /a/b', '"GET /a/b', 'home', 'word-right'],
  ['| /a', '"GET /a', 'home', 'kill-word-right'],
  ['/aGET |', '"GET /a', 'kill-word-left', 'home', 'yank', 'end'],
  ['ba|', '"ab', 'transpose'],
  ['bac|', '"abc', 'home', 'right', 'transpose', 'end'],
  ['DELETE /gamma|', 'up'],
  ['GET /alpha|', 'up', 'up'],
  ['x|', '"x', 'up', 'down'],
  ['| bell', 'down'],
  ['x| submit', '"x', 'enter'],
  ['x| interrupt', '"x', 'interrupt'],
  ['GET /|alpha', 'search-older', '"alp'],
  ['GET /|alpha bell', 'search-older', '"alp', 'search-older'],
  ['PUT /|beta 한국어', 'search-older', '"b'],
  ['PUT /beta |한국어', 'search-older', '"한'],
  ['DELETE /gamm|a', 'search-older', '"a'],
  ['GET /alph|a', 'search-older', '"a', 'search-older'],
  ['DELETE /gamm|a', 'search-older', '"a', 'search-older', 'search-newer'],
  ['x|', '"x', 'search-older', '"alp', 'escape'],
  ['x|', '"x', 'search-older', '"alp', 'interrupt'],
  ['GET /|alpha submit', 'search-older', '"alp', 'enter'],
  ['GET /alpha|', 'search-older', '"alp', 'end'],
  ['GET /|alpha bell', 'search-older', '"alp', '"zzz'],
  ['GET /|alpha', 'search-older', '"alpx', 'backspace'],
  ['x|', '"x', 'search-older', '"a', 'backspace'],
  ['PUT /beta 한국어|', 'search-older', '"alp', 'end', 'up'],
];

test.each(edits)('%j', (want, ...keys) => {
  expect(run(...keys)).toBe(want);
});

test('a line is bounded: at the bound and one past it', () => {
  const most: Key = { kind: 'text', text: 'x'.repeat(lineCharsMax) };
  const full = step(emptyState(0), most, []);
  expect(full.effect).toBe('none');
  const over = step(full.state, { kind: 'text', text: 'yz' }, []);
  expect(over.effect).toBe('bell');
  expect(over.state.text.length).toBe(lineCharsMax + 1);
  // What comes later does not make it look whole again.
  const later = step(over.state, { kind: 'text', text: 'z' }, []);
  expect(later.state.text.length).toBe(lineCharsMax + 1);
});

const layouts: readonly {
  readonly text: string;
  readonly cursor: number;
  readonly columns: number;
  readonly rows: readonly string[];
  readonly at: readonly [row: number, column: number];
}[] = [
  { text: '', cursor: 0, columns: 10, rows: ['> '], at: [0, 2] },
  { text: 'abc', cursor: 1, columns: 10, rows: ['> abc'], at: [0, 3] },
  { text: 'abc', cursor: 3, columns: 5, rows: ['> abc', ''], at: [1, 0] },
  { text: 'abcd', cursor: 4, columns: 5, rows: ['> abc', 'd'], at: [1, 1] },
  { text: 'abcd', cursor: 3, columns: 5, rows: ['> abc', 'd'], at: [1, 0] },
  { text: '한국어', cursor: 3, columns: 5, rows: ['> 한', '국어'], at: [1, 4] },
  { text: '한국어', cursor: 1, columns: 5, rows: ['> 한', '국어'], at: [1, 0] },
  { text: '한국어', cursor: 1, columns: 8, rows: ['> 한국어', ''], at: [0, 4] },
  { text: 'a\tb', cursor: 2, columns: 10, rows: ['> a^Ib'], at: [0, 5] },
  { text: '👨‍👩‍👧x', cursor: 8, columns: 10, rows: ['> 👨‍👩‍👧x'], at: [0, 4] },
];

test.each(layouts)('$text on $columns columns', ({ text, cursor, columns, rows, at }) => {
  const layout = layOut({ prompt: '> ', text, cursor }, columns);
  expect(layout.rows).toEqual([...rows]);
  expect([layout.cursorRow, layout.cursorColumn]).toEqual([...at]);
});

test('a redraw goes back to where the last one began, after a resize too', () => {
  const screen = new Screen();
  const draw = (columns: number) =>
    screen.draw(
      { prompt: '> ', text: 'x'.repeat(17), cursor: 17 },
      { columns, rows: 24 },
      (t) => t,
    );
  expect(draw(10)).toStartWith('\r\x1b[J> xxxxxxxx\r\nxxxxxxxxx');
  expect(draw(10)).toStartWith('\r\x1b[1A\x1b[J');
  // The first row now takes two, and the cursor has moved to the second row of its own.
  expect(draw(5)).toStartWith('\r\x1b[3A\x1b[J');
});

test('a line taller than the screen shows the part around the cursor', () => {
  const screen = new Screen();
  const text = Array.from({ length: 9 }, (_, row) => `${row}`.repeat(10)).join('');
  const drawn = screen.draw({ prompt: '', text, cursor: 35 }, { columns: 10, rows: 3 }, (t) => t);
  expect(drawn).toContain('3333333333\r\n4444444444\r\n5555555555');
  expect(drawn).not.toContain('2222222222');
  expect(drawn).not.toContain('6666666666');
});

test('what is drawn never holds a control character', () => {
  const shown = cellsOf('\x00\x1b[31m\u009b\u202e\ud800').map((cell) => cell.shown);
  expect(shown.join('')).toMatch(/^[ -~]+$/);
  expect(cellsOf('\u0301').map((cell) => cell.shown)).toEqual(['\\u{301}']);
});

test('candidates are listed in columns, read down', () => {
  expect(listed(['a', 'b', 'c'], 80)).toBe('a  b  c\r\n');
  expect(listed(['a', 'b', 'c'], 6)).toBe('a  c\r\nb\r\n');
  expect(listed(['한', 'b'], 80)).toBe('한  b\r\n');
  expect(listed(['abc'], 1)).toBe('abc\r\n');
  const many = Array.from({ length: 101 }, () => 'a');
  expect(listed(many, 80)).toEndWith('(1 more)\r\n');
});
