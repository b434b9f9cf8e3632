/** `:verify` at a real Inkwire: it holds, nothing is left behind, and nothing is overwritten. */

import { expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import type { VerifyWay } from '../../../src/load/verify/verify.ts';
import { serve } from '../../support/inkwire.ts';
import { SAMPLE, TestRoot } from '../../support/root.ts';
import { startTestServer, until } from '../../support/server.ts';
import { kindsOf, problemOf, reportOf, startRun, type Wishes } from './runs.ts';

const put: VerifyWay = { kind: 'insert', method: 'PUT' };
const patch: VerifyWay = { kind: 'insert', method: 'PATCH' };
const swapPut: VerifyWay = { kind: 'swap', method: 'PUT' };
const swapPost: VerifyWay = { kind: 'swap', method: 'POST' };

interface Row {
  readonly name: string;
  readonly semantics: 'classic' | 'standard';
  readonly wishes: Wishes;
}

const rows: readonly Row[] = [
  { name: 'PUT inserts', semantics: 'classic', wishes: { connections: 32 } },
  { name: 'PATCH inserts', semantics: 'standard', wishes: { way: patch } },
  { name: 'POST replaces', semantics: 'classic', wishes: { way: swapPost, edits: 60 } },
  { name: 'PUT replaces', semantics: 'standard', wishes: { way: swapPut, edits: 60 } },
  { name: 'inserts into copies', semantics: 'classic', wishes: { copies: 7 } },
  { name: 'copies are replaced', semantics: 'standard', wishes: { way: swapPut, copies: 7 } },
  { name: 'two edits', semantics: 'classic', wishes: { edits: 2 } },
  { name: 'no readers', semantics: 'classic', wishes: { readers: 0 } },
  {
    name: 'answers carry the page',
    semantics: 'classic',
    wishes: {
      way: put,
      fields: [
        ['Host', 'localhost'],
        ['Prefer', 'return=representation'],
      ],
    },
  },
];

test.each(rows)('$name', async ({ semantics, wishes }) => {
  await using server = await startTestServer({ config: { semantics } });
  const report = await reportOf(server.port, { edits: 100, ...wishes });
  expect(kindsOf(report)).toEqual([]);
  expect(report).toMatchObject({ confirmed: true, notes: [], cancelled: false });
  expect(report.figures).toMatchObject({ acknowledged: report.plan.edits, unknown: 0, refused: 0 });
  // A page that was copied is as it was, and the copies are gone.
  const page = server.root.read('test.html') ?? '';
  const marks = new Set(page.match(/iw[0-9a-f]{8}-\d{8}/g));
  expect(marks.size).toBe(wishes.copies === undefined ? report.plan.edits : 0);
  expect(server.root.read('test-1.html')).toBeUndefined();
});

/** Where the first insert has to make the line that the later ones find. */
const oddPages: readonly string[] = [
  '<html><body><p>hello</p></body></html>',
  '<html><body></body></html>',
  '<body><p>x</p></body>',
  '<body>text',
  '<body> text</body>',
  '<body>\ttext</body>',
  '<body>\n</body>',
  '<body> \n  \n</body>',
  '<body><!-- c --><p>x</p></body>',
  '<body><h2> iw </h2></body>',
  '<body><pre>\nx</pre></body>',
  '<html>\n<body>   <p>x</p>\n</body>',
  '<html>\n    <body><p>x</p></body>\n</html>\n',
  '<html>\r\n<body><p>x</p></body>\r\n</html>',
  '<html>\r<body><p>x</p></body>\r</html>',
  '\ufeff<body><p>x</p></body>',
  '<title>x</title><p>x',
  '<p>x</p>',
  'text',
  '<html></html>',
];

test('a page of any form is verified to the byte', async () => {
  const files = Object.fromEntries(oddPages.map((page, at) => [`page-${at}.html`, page]));
  await using server = await startTestServer({ files });
  const wishes = { edits: 12, connections: 4 };
  for (const [at, page] of oddPages.entries()) {
    const run = startRun(server.port, { ...wishes, target: `/page-${at}.html` });
    expect([page, await run.report]).toEqual([page, expect.objectContaining({ confirmed: true })]);
    const edited = server.root.read(`page-${at}.html`) ?? '';
    expect(edited.match(/<h2> iw[0-9a-f]{8}-\d{8} <\/h2>/g)).toHaveLength(wishes.edits);
  }
});

test.each([
  ['something behind it', (page: string) => `${page}!`],
  [
    'white space behind the first one',
    (page: string) => page.replace('</h2>\n    <p>', '</h2><p>'),
  ],
  ['blanks', (page: string) => page.replace('\n    <h2>', '\n   <h2>')],
] as const)('a page of one line whose form is broken is torn: %s', async (_name, broken) => {
  await using server = await startTestServer({ files: { 'test.html': oddPages[0] ?? '' } });
  const run = startRun(server.port, { edits: 400, readers: 0 });
  await until('edits', () => run.progress().done > 20);
  const url = `http://127.0.0.1:${server.port}/test.html`;
  await fetch(url, { method: 'POST', body: broken(await (await fetch(url)).text()) });
  const report = await run.report;
  if (report.kind === 'problem') throw new Error(report.message);
  expect(report.counts.torn).toBeGreaterThan(0);
});

test.each([
  [2, 64, 1],
  [10, 64, 8],
  [40, 3, 3],
])('%d edits, %d connections: %d are used', async (edits, connections, used) => {
  await using server = await startTestServer();
  expect(await reportOf(server.port, { edits, connections })).toMatchObject({ connections: used });
});

test('readers look all the while', async () => {
  await using server = await startTestServer();
  const report = await reportOf(server.port);
  expect(report.figures.reads).toBeGreaterThan(10);
  expect(report.figures.readsFailed).toBe(0);
});

test.each([
  ['standard', put, 'PUT replaces pages here: use --swap, or --patch'],
  ['classic', swapPut, 'PUT /test.html was answered 400'],
] as const)('%s, %p: says so and harms nothing', async (semantics, way, problem) => {
  await using server = await startTestServer({ config: { semantics } });
  expect(await problemOf(server.port, { way })).toContain(problem);
  expect(server.root.read('test.html')).toBe(SAMPLE);
  const names = readdirSync(server.root.path).filter((name) => !name.startsWith('.'));
  expect(names).toEqual(['test.html']);
});

test('pages that are there already are passed over', async () => {
  const files = { 'test.html': SAMPLE, 'test-1.html': 'mine', 'test-3.html': 'mine' };
  await using server = await startTestServer({ files });
  const targets = (await stoppedCopies(server.port)).sort();
  expect(targets).toEqual(['/test-2.html', '/test-4.html']);
  expect(server.root.read('test-1.html')).toBe('mine');
  expect(server.root.read('test-3.html')).toBe('mine');
});

/** The copies of a run that somebody spoils, so that they are kept. */
async function stoppedCopies(port: number): Promise<string[]> {
  const run = startRun(port, { copies: 2, edits: 400 });
  await until('edits', () => run.progress().done > 20);
  await fetch(`http://127.0.0.1:${port}/test-2.html`, { method: 'PATCH', body: 'somebody else' });
  const report = await run.report;
  if (report.kind === 'problem') throw new Error(report.message);
  expect(kindsOf(report)).toContain('torn');
  expect(report.examples[0]?.text).toContain('stands "somebody else');
  return report.notes.flatMap((note) => (note.kind === 'copies-kept' ? note.targets : []));
}

test('what was done until it was stopped is judged', async () => {
  await using server = await startTestServer();
  const run = startRun(server.port, { edits: 100_000, copies: 4 });
  await until('edits', () => run.progress().done > 50);
  run.cancel();
  const report = await run.report;
  if (report.kind === 'problem') throw new Error(report.message);
  expect(report).toMatchObject({ cancelled: true, confirmed: true });
  expect(report.figures.acknowledged).toBeGreaterThan(50);
  expect(server.root.read('test-1.html')).toBeUndefined();
});

test.each([
  ['nothing is sent again', {}],
  ['what had no answer is sent again', { retry: 20, keyPrefix: 'verify' }],
])(
  'a server that is killed and started again loses nothing: %s',
  async (_name, wishes) => {
    using root = new TestRoot({ 'htdocs/test.html': SAMPLE });
    const before = await serve(root.path, '--log', 'off');
    const run = startRun(before.port, { edits: 600, connections: 16, ...wishes });
    try {
      await until('edits', () => run.progress().done > 150);
      process.kill(before.pid, 'SIGKILL');
    } finally {
      await before[Symbol.asyncDispose]();
    }
    await using _after = await serve(root.path, '--log', 'off', '--port', String(before.port));
    const report = await run.report;
    if (report.kind === 'problem') throw new Error(report.message);
    expect(kindsOf(report)).toEqual([]);
    expect(report).toMatchObject({ confirmed: true, notes: [] });
    const { acknowledged, unknown, givenUp } = report.figures;
    expect(acknowledged + unknown).toBe(600);
    if ('retry' in wishes) expect([unknown, report.retried > 0]).toEqual([0, true]);
    else expect([unknown > 0, report.retried]).toEqual([true, 0]);
    expect(givenUp).toBe(0);
  },
  30_000,
);

test.each([
  ['/missing.html', 'there is no page /missing.html; make one first'],
  ['/', 'there is no page /; make one first'],
])('GET %s gives no page to edit', async (target, problem) => {
  await using server = await startTestServer({ config: { startPage: false } });
  const said = await problemOf(server.port, { target });
  expect(said).toContain(problem);
});

test('nobody there', async () => {
  const server = await startTestServer();
  const { port } = server;
  await server[Symbol.asyncDispose]();
  expect(await startRun(port).report).toMatchObject({ kind: 'problem', unconnected: true });
});
