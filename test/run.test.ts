/** The totals that `test/run.ts` says, against small suites that end in every way. */

import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { TestRoot } from './support/root.ts';

const runner = join(import.meta.dir, 'run.ts');

const head = "import { describe, expect, test } from 'bun:test';\n";
const passing = `${head}test('a', () => {}); test('b', () => expect(1).toBe(1));`;
const failing = `${head}test('c', () => expect(1).toBe(2));`;

interface Row {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly with?: readonly string[];
  readonly status: number;
  /** The last line of both streams together. */
  readonly last: string;
}

const uncounted = (status: number): string =>
  `bun test ended with status ${status} before it had counted its tests.`;

const rows: readonly Row[] = [
  { name: 'all pass', files: { a: passing }, status: 0, last: '2 passed, 0 failed' },
  { name: 'one fails', files: { a: passing, c: failing }, status: 1, last: '2 passed, 1 failed' },
  {
    name: 'some are skipped or to be done',
    // The text of a test that is run apart: that the runner counts skipped ones is what is tested.
    files: { a: passing, s: `${head}test.skip('s', () => {}); test.todo('t');` },
    status: 0,
    last: '2 passed, 0 failed, 2 skipped',
  },
  {
    name: 'all are skipped',
    // As above.
    files: { s: `${head}test.skip('s', () => {});` },
    status: 0,
    last: '0 passed, 0 failed, 1 skipped',
  },
  {
    name: 'a file throws while it loads',
    files: { a: passing, x: `${head}test('x', () => {}); throw new Error('at load');` },
    status: 1,
    last: '2 passed, 1 failed',
  },
  {
    name: 'the only file throws while it loads',
    files: { x: `${head}throw new Error('at load');` },
    status: 1,
    last: '0 passed, 1 failed',
  },
  {
    name: 'a file imports what is missing',
    files: { a: passing, x: `${head}import './missing.ts'; test('x', () => {});` },
    status: 1,
    last: '2 passed, 1 failed',
  },
  {
    name: 'a group throws while it is described',
    files: { a: `${passing} describe('d', () => { throw new Error('described'); });` },
    status: 1,
    last: '2 passed, 1 failed',
  },
  {
    name: 'a preparation throws',
    files: {
      a: `${head}import { afterAll } from 'bun:test';
      afterAll(() => { throw new Error('after'); }); test('x', () => {});`,
    },
    status: 1,
    last: '1 passed, 1 failed',
  },
  {
    name: 'a test kills the process',
    files: { a: passing, x: `${head}test('k', () => process.kill(process.pid, 'SIGKILL'));` },
    status: 137,
    last: uncounted(137),
  },
  {
    name: 'a test ends the process as if all were well',
    files: { a: passing, x: `${head}test('e', () => process.exit(0));` },
    status: 1,
    last: uncounted(0),
  },
  {
    name: 'a test prints a summary and ends the process',
    files: {
      a: `${head}test('e', () => {
        console.error('\\n\\n 9 pass\\n 0 fail\\nRan 9 tests across 1 file. [1.00ms]');
        process.exit(0);
      });`,
    },
    status: 1,
    last: uncounted(0),
  },
  {
    name: 'folders of their own, one of which fails',
    files: { a: passing, 'x/b': passing, 'x/y/c': failing, 'z/d': passing },
    status: 1,
    last: '6 passed, 1 failed',
  },
  {
    name: 'a folder in which nothing matches is no failure',
    files: { a: failing, 'x/b': passing },
    with: ['-t', 'b'],
    status: 0,
    last: '1 passed, 0 failed',
  },
  {
    name: 'a folder that is cut short makes the rest not count',
    files: { a: passing, 'x/b': `${head}test('e', () => process.exit(0));`, 'z/d': passing },
    status: 1,
    last: uncounted(0),
  },
  {
    name: 'a file that cannot be loaded, in a folder of its own',
    files: { a: passing, 'x/b': `${head}throw new Error('at load');` },
    status: 1,
    last: '2 passed, 1 failed',
  },
  { name: 'no test at all', files: { a: head }, status: 1, last: '0 passed, 0 failed' },
  { name: 'no file at all', files: {}, status: 1, last: '0 passed, 0 failed' },
  {
    name: 'no test of that name',
    files: { a: passing },
    with: ['-t', 'nothing'],
    status: 1,
    last: '0 passed, 0 failed',
  },
  {
    name: 'a test by its name',
    files: { a: passing, c: failing },
    with: ['-t', 'b'],
    status: 0,
    last: '1 passed, 0 failed',
  },
  {
    name: 'a file by its path',
    files: { a: passing, c: failing },
    with: ['test/c.test.ts'],
    status: 1,
    last: '0 passed, 1 failed',
  },
  {
    name: 'the system tests are left out',
    files: { a: passing, 'system/c': failing },
    status: 0,
    last: '2 passed, 0 failed',
  },
  {
    name: 'only the system tests',
    files: { a: passing, 'system/c': failing },
    with: ['--system'],
    status: 1,
    last: '0 passed, 1 failed',
  },
];

describe('test/run.ts', () => {
  for (const row of rows) {
    test.concurrent(row.name, async () => {
      const files = Object.entries(row.files).map(([name, text]) => [`test/${name}.test.ts`, text]);
      using root = new TestRoot({ 'package.json': '{}', ...Object.fromEntries(files) });
      // One stream for both, as a terminal or a log file gets them.
      const command = 'exec "$0" "$@" 2>&1';
      const child = Bun.spawn(
        ['sh', '-c', command, process.execPath, runner, ...(row.with ?? [])],
        { cwd: root.path, stdout: 'pipe' },
      );
      const output = await child.stdout.text();
      expect({ last: output.trimEnd().split('\n').at(-1), output }).toEqual({
        last: row.last,
        output,
      });
      expect(await child.exited).toBe(row.status);
    });
  }
});
