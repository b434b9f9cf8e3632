/** The history's file: mode, bounds, two sessions at once, and files that cannot be used. */

import { afterEach, beforeEach, expect, test } from 'bun:test';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import {
  History,
  historyLineCharsMax,
  historyLinesMax,
  historyPath,
} from '../../src/repl/history.ts';

let root = '';
let path = '';
let warnings: string[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'inkwire-history-'));
  path = join(root, 'state', 'inkwire', 'history');
  warnings = [];
});

afterEach(() => rmSync(root, { recursive: true }));

function open(at: string | undefined = path): History {
  return new History(at, systemClock, (message) => warnings.push(message));
}

function fileLines(): string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

function numbered(count: number): string {
  return Array.from({ length: count }, (_, index) => `GET /${index + 1}\n`).join('');
}

test('the file lies in the state folder', () => {
  expect(historyPath({ XDG_STATE_HOME: '/s' })).toBe('/s/inkwire/history');
  expect(historyPath({})).toBe(join(homedir(), '.local/state/inkwire/history'));
  expect(historyPath({ XDG_STATE_HOME: 'relative' })).toBe(historyPath({}));
  expect(historyPath({ XDG_STATE_HOME: '' })).toBe(historyPath({}));
});

test('lines outlive the session, in a file that only its owner reads', () => {
  const first = open();
  first.add('GET /한국어');
  first.add('PUT a b');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  expect(open().lines).toEqual(['GET /한국어', 'PUT a b']);
  expect(warnings).toEqual([]);
});

test('a file that others could read is closed to them', () => {
  open();
  chmodSync(path, 0o644);
  open();
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('equal neighbours, blank lines and lines with a blank before them are left out', () => {
  const history = open();
  for (const line of ['a', 'a', 'b', '', '  ', ' secret', 'a']) history.add(line);
  expect(history.lines).toEqual(['a', 'b', 'a']);
  expect(fileLines()).toEqual(['a', 'b', 'a']);
});

test('a line past the bound is kept for the session only; one at it is written', () => {
  const history = open();
  const most = 'x'.repeat(historyLineCharsMax);
  history.add(most);
  history.add(`${most}y`);
  expect(history.lines.length).toBe(2);
  expect(fileLines()).toEqual([most]);
});

test('only the newest lines are taken, and the file is cut once it has twice as many', () => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, numbered(2 * historyLinesMax));
  expect(open().lines.length).toBe(historyLinesMax);
  expect(fileLines().length).toBe(2 * historyLinesMax);
  writeFileSync(path, numbered(2 * historyLinesMax + 1));
  const history = open();
  expect(fileLines().length).toBe(historyLinesMax);
  expect(history.lines.at(-1)).toBe(`GET /${2 * historyLinesMax + 1}`);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  for (let n = 0; n < historyLinesMax + 1; n += 1) history.add(`more ${n}`);
  expect(fileLines().length).toBe(historyLinesMax);
  expect(history.lines.length).toBe(historyLinesMax);
  expect(history.lines).toEqual(fileLines());
});

test('two sessions lose none of each other, cuts included', () => {
  const rounds = 2 * historyLinesMax;
  const [a, b] = [open(), open()];
  for (let n = 0; n < rounds; n += 1) {
    a.add(`a ${n}`);
    b.add(`b ${n}`);
  }
  const newest = open().lines;
  expect(newest.length).toBe(historyLinesMax);
  const half = historyLinesMax / 2;
  for (const who of ['a', 'b']) {
    const mine = newest.filter((line) => line.startsWith(who));
    expect(mine).toEqual(Array.from({ length: half }, (_, n) => `${who} ${rounds - half + n}`));
  }
});

test('writers in processes of their own lose nothing, not by a cut either', async () => {
  const script = join(import.meta.dir, 'support', 'history-writer.ts');
  const count = 2.2 * historyLinesMax;
  const writers = ['p', 'q', 'r'].map((name) =>
    Bun.spawn([process.execPath, script, path, name, String(count)], { stderr: 'inherit' }),
  );
  for (const writer of writers) expect(await writer.exited).toBe(0);
  const lines = fileLines();
  expect(lines.length).toBeLessThan(3 * count);
  expect(new Set(lines).size).toBeGreaterThanOrEqual(historyLinesMax);
  for (const name of ['p', 'q', 'r']) {
    const mine = lines.filter((line) => line.startsWith(name)).map((line) => Number(line.slice(2)));
    // What is left of each writer is its newest lines, without a gap.
    const distinct = [...new Set(mine)].sort((a, b) => a - b);
    const first = count - distinct.length;
    expect(distinct).toEqual(Array.from({ length: distinct.length }, (_, n) => first + n));
  }
});

test('a cut waits for another one, but not for one that died', () => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, numbered(2 * historyLinesMax + 1));
  writeFileSync(`${path}.lock`, '');
  open();
  expect(fileLines().length).toBe(2 * historyLinesMax + 1);
  utimesSync(`${path}.lock`, 1, 1);
  open();
  expect(existsSync(`${path}.lock`)).toBe(false);
  open();
  expect(fileLines().length).toBe(historyLinesMax);
});

test('broken bytes are read as far as they can be', () => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.from([0x47, 0xff, 0x0a, 0x00, 0x0a, 0x61, 0x0a, 0x62]));
  expect(open().lines).toEqual(['G\ufffd', '\0', 'a', 'b']);
  expect(warnings).toEqual([]);
});

test('a file that cannot be used costs one warning, and the session goes on', () => {
  mkdirSync(path, { recursive: true });
  const history = open();
  history.add('a');
  history.add('b');
  expect(history.lines).toEqual(['a', 'b']);
  expect(warnings.length).toBe(1);
  expect(warnings[0]).toMatch(/^the history is kept for this session only: .*\(E[A-Z]+\)$/);
});

test('a folder that vanishes while the session runs costs one warning', () => {
  const history = open();
  history.add('a');
  rmSync(dirname(path), { recursive: true });
  history.add('b');
  history.add('c');
  expect(history.lines).toEqual(['a', 'b', 'c']);
  expect(warnings.length).toBe(1);
});

test('without a path nothing is written', () => {
  const history = new History(undefined, systemClock, (message) => warnings.push(message));
  history.add('a');
  expect(history.lines).toEqual(['a']);
  expect(warnings).toEqual([]);
});
