/** What `:verify` understands, what it shows, and the exit status of a batch with it. */

import { expect, test } from 'bun:test';
import { join } from 'node:path';
import type { VerifyReport } from '../../src/load/verify/verify.ts';
import { optionUsage } from '../../src/repl/options.ts';
import { parseVerify, type VerifyLine, verifyOptions, verifyPlan } from '../../src/repl/verify.ts';
import { hasHeld, verdictText, verifyProgressText } from '../../src/repl/verify-view.ts';
import { startFaultyServer } from '../load/verify/faulty-server.ts';
import { until } from '../support/server.ts';

const plain: VerifyLine = {
  kind: 'verify',
  target: '/test.html',
  headers: [],
  edits: 500,
  connections: 64,
  readers: 4,
  way: { kind: 'insert', method: 'PUT' },
  noKey: false,
  force: false,
  json: false,
};

const understood: readonly (readonly [rest: string, differs: Partial<VerifyLine>])[] = [
  ['test.html', {}],
  ['/test.html', {}],
  ['test.html -n 10 -c 2', { edits: 10, connections: 2 }],
  ['-n10 test.html -c2', { edits: 10, connections: 2 }],
  ['--edits=10 --connections=2 test.html', { edits: 10, connections: 2 }],
  ['a/b.html?c', { target: '/a/b.html?c' }],
  ['한.html', { target: '/한.html' }],
  ['test.html --pages 20 --readers 0', { copies: 20, readers: 0 }],
  ['test.html --swap', { way: { kind: 'swap', method: 'PUT' } }],
  ['--swap test.html', { way: { kind: 'swap', method: 'PUT' } }],
  ['test.html --swap=put', { way: { kind: 'swap', method: 'PUT' } }],
  ['test.html --swap=POST', { way: { kind: 'swap', method: 'POST' } }],
  ['test.html --retry 3', { retry: 3 }],
  ['--swap /PUT', { target: '/PUT', way: { kind: 'swap', method: 'PUT' } }],
  ['--swap put.html', { target: '/put.html', way: { kind: 'swap', method: 'PUT' } }],
  ['PUT', { target: '/PUT' }],
  ['test.html --patch', { way: { kind: 'insert', method: 'PATCH' } }],
  ['test.html --timeout 2s --json', { timeoutMs: 2_000, json: true }],
  ['test.html -n 5000', { edits: 5_000 }],
  ['test.html -n 5001 --force', { edits: 5_001, force: true }],
  [
    '--swap test.html -n 100000 --pages 50',
    { edits: 100_000, copies: 50, way: { kind: 'swap', method: 'PUT' } },
  ],
  ['test.html -n 5001 --pages 2', { edits: 5_001, copies: 2 }],
  [
    `-H 'A: b c' test.html --header "B: d"`,
    {
      headers: [
        ['A', 'b c'],
        ['B', 'd'],
      ],
    },
  ],
];

test.each(understood)(':verify %s', (rest, differs) => {
  expect(parseVerify(rest)).toEqual({ ...plain, ...differs });
});

const refused: readonly (readonly [rest: string, message: string | RegExp])[] = [
  ['', 'no page to verify; expected :verify PAGE [options]'],
  ['-n 5', 'no page to verify; expected :verify PAGE [options]'],
  ['a b', 'PAGE is there twice; expected it once'],
  ['a -n 5 -n 6', '-n is there twice; expected it once'],
  ['a -n 1', '-n "1": expected a whole number from 2 to 1000000'],
  ['a -n 1000001', '-n "1000001": expected a whole number from 2 to 1000000'],
  ['a -c 0', '-c "0": expected a whole number from 1 to 4096'],
  ['a -c 4097', '-c "4097": expected a whole number from 1 to 4096'],
  ['a --pages 0', '--pages "0": expected a whole number from 1 to 10000'],
  ['a --readers 1025', '--readers "1025": expected a whole number from 0 to 1024'],
  ['a -n', '-n has no value; expected a whole number from 2 to 1000000'],
  ['a --swap=GET', '--swap "GET": expected PUT or POST, as in --swap=POST'],
  ['a --swap --patch', '--swap and --patch are both there; expected one of them'],
  ['a --patch=x', '--patch takes no value'],
  ['a --timeout 5', '--timeout "5": expected a duration with its unit, as 500ms, 10s or 2m'],
  ['a -H x', '-H: "x" is no header field; expected Name: value'],
  ['a --swop', 'unknown option "--swop"; did you mean --swap?'],
  ['http://a/b', 'PAGE "http://a/b": expected the path of a page, as test.html'],
  ['""', 'PAGE "": expected the path of a page, as test.html'],
  ['"a b"', 'PAGE "a b": expected the path of a page, as test.html'],
  ['"-a"', 'PAGE "-a": expected the path of a page, as test.html'],
  ['a --swap PUT', '"PUT" is no page; did you mean --swap=PUT?'],
  ['--swap post a', '"post" is no page; did you mean --swap=POST?'],
  ['--swap  PUT', '"PUT" is no page; did you mean --swap=PUT?'],
  ['a#b', /^PAGE: a fragment is never sent/],
  ['a -n 5001', /^5001 edits on one page: .* spread them with --pages 2, or add --force$/],
  ['a --swap -n 100001 --pages 50', /^100001 edits with --swap; expected at most 100000/],
  ['a -n 30000 --pages 5', /^6000 edits on one page: .* --pages 6, or add --force$/],
];

test.each(refused)(':verify %s is refused', (rest, message) => {
  const line = parseVerify(rest);
  if (line.kind !== 'problem') throw new Error('it was understood');
  if (typeof message === 'string') expect(line.message).toBe(message);
  else expect(line.message).toMatch(message);
});

const endpoint = { host: '127.0.0.1', port: 8080, authority: '127.0.0.1:8080' };

test('headers of the line take the place of standing ones, and Host is always there', () => {
  const line = { ...plain, headers: [['a', '2']] as const, timeoutMs: 5 };
  const standing = [
    ['A', '1'],
    ['B', '1'],
  ] as const;
  const plan = verifyPlan(line, endpoint, standing, 30_000);
  expect(plan.fields).toEqual([
    ['Host', '127.0.0.1:8080'],
    ['B', '1'],
    ['a', '2'],
  ]);
  expect(plan.timeoutMs).toBe(5);
  expect(verifyPlan(plain, endpoint, [], 30_000).timeoutMs).toBe(30_000);
});

const noFaults = { lost: 0, doubled: 0, torn: 0, reordered: 0, phantom: 0, stale: 0 };

function reportOf(differs: Partial<VerifyReport>, line: Partial<VerifyLine> = {}): VerifyReport {
  return {
    kind: 'report',
    plan: verifyPlan({ ...plain, ...line }, endpoint, [], 30_000),
    pages: 1,
    connections: 64,
    figures: {
      acknowledged: 500,
      refused: 0,
      unknown: 0,
      unknownStanding: 0,
      givenUp: 0,
      conflicts: 0,
      reads: 251,
      readsFailed: 0,
      unconfirmed: 0,
    },
    byStatus: new Map([[204, 500]]),
    retried: 0,
    byFailure: new Map(),
    counts: noFaults,
    examples: [],
    notes: [],
    cancelled: false,
    elapsedMs: 912,
    perSecond: 548,
    confirmed: true,
    ...differs,
  };
}

test('a verdict that is good', () => {
  const report = reportOf({});
  expect(hasHeld(report)).toBe(true);
  expect(verdictText(report, false, 80)).toBe(`\
edits     500 of 500 done over 64 connections in 0.91 s, 548 per second
pages     /test.html
reads     251
verdict   consistent: every acknowledged edit stands once, in an order that
          agrees with time, and none of 251 reads was stale
`);
});

test.each([40, 60, 80, 200])('on %d columns no line is wider, and no word is broken', (columns) => {
  const text = 'Edit 7 was acknowledged at 120.000 ms and is not in the final page.';
  const examples = [{ kind: 'lost', target: '/a', text, marks: ['iw7f3a9c02-00000123'] } as const];
  const whole = verdictText(reportOf({ examples }), false, 10_000);
  const lines = verdictText(reportOf({ examples }), false, columns).trimEnd().split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(columns);
  const words = (page: string): string[] => page.trim().split(/\s+/);
  expect(lines.flatMap(words)).toEqual(words(whole));
  const labels = ['edits', 'pages', 'reads', 'verdict', 'lost'];
  const begins = new RegExp(`^(?:(?:${labels.join('|')}) +| {10})\\S`);
  for (const line of lines) expect(line).toMatch(begins);
});

test('a verdict that is bad, with all that can be said', () => {
  const figures = {
    acknowledged: 1_490,
    refused: 3,
    unknown: 7,
    unknownStanding: 2,
    givenUp: 1,
    conflicts: 1_234,
    reads: 99,
    readsFailed: 2,
    unconfirmed: 0,
  };
  const report = reportOf(
    {
      pages: 2,
      connections: 1,
      figures,
      byStatus: new Map([
        [500, 5],
        [204, 1_490],
        [400, 3],
      ]),
      byFailure: new Map([
        ['protocol', 1],
        ['timeout', 2],
        ['reset', 4],
        ['cancelled', 1],
        ['closed', 3],
      ]),
      counts: { ...noFaults, lost: 12, torn: 1 },
      examples: [
        { kind: 'lost', target: '/a', text: 'Edit 7 is gone.', marks: ['iw0-7'] },
        { kind: 'torn', target: '/b', text: 'It holds "\x1b[2J\n".', marks: [] },
      ],
      notes: [
        { kind: 'if-match-ignored' },
        { kind: 'if-match-unclear', status: 428 },
        { kind: 'no-entity-tag', weak: false },
        { kind: 'no-entity-tag', weak: true },
        { kind: 'gave-up', why: 'nobody there' },
        { kind: 'final-unread', targets: ['/a'], why: 'GET /a was answered 500' },
        { kind: 'copies-kept', targets: ['/1', '/2', '/3', '/4', '/5', '/6', '/7'] },
        { kind: 'copies-left', targets: ['/1', '/2'], why: 'DELETE /1 was answered 405' },
      ],
      cancelled: true,
      confirmed: false,
    },
    { copies: 2 },
  );
  expect(hasHeld(report)).toBe(false);
  expect(verdictText(report, false, 80)).toBe(`\
edits       1,490 of 500 done over 1 connection in 0.91 s, 548 per second
pages       2 copies of /test.html
reads       99, 2 failed
statuses    204 ×1,490   400 ×3   500 ×5
failures    connection reset ×4   closed before the end ×3   timed out ×2   no
            HTTP ×1   stopped ×1
unknown     7 outcomes; 2 of them in the page
conflicts   1,234 times 412, and tried again on a fresh page
given up    1 edit not done
note        If-Match is ignored: an edit was done although its condition could
            not hold
note        an If-Match that cannot hold was answered 428, and not 412
note        no entity tag, so no condition can be sent: edits are sent without
note        only a weak entity tag, so no condition can be sent: edits are sent
            without
note        given up: nobody there
note        not read at the end: /a (GET /a was answered 500)
note        the copies are kept, to be looked at: /1 /2 /3 /4 /5 and 2 more
note        copies could not be removed: /1 /2 (DELETE /1 was answered 405)
stopped     before all edits were made: the verdict is about those that were
verdict     WRONG: 12 lost, 1 torn
lost        /a: Edit 7 is gone. (iw0-7)
torn        /b: It holds "\\x1b[2J\\n".
`);
});

const plainFigures = reportOf({}).figures;

test.each([
  [
    'nobody acknowledged anything',
    { ...plainFigures, acknowledged: 0 },
    /verdict .* nothing verified/,
  ],
  [
    'the last read failed',
    { ...plainFigures, unconfirmed: 3 },
    /verdict .* unclear: [\s\S]*\s3\s+ack/,
  ],
] as const)('no success: %s', (_name, figures, line) => {
  const report = reportOf({ figures, confirmed: false });
  expect(hasHeld(report)).toBe(false);
  expect(verdictText(report, false, 80)).toMatch(line);
});

test.each([{ cancelled: true }, { notes: [{ kind: 'gave-up', why: 'x' }] }] as const)(
  'what was not done to the end is no success: %p',
  (differs) => expect(hasHeld(reportOf(differs))).toBe(false),
);

test('what became of the unknown ones is not made up', () => {
  const { unknownStanding: _, ...figures } = { ...plainFigures, unknown: 64 };
  const report = reportOf({ figures, confirmed: false });
  const line = 'unknown   64 outcomes; how many of them are in the page is not known\n';
  expect(verdictText(report, false, 80)).toContain(line);
  expect(JSON.parse(verdictText(report, true, 80))).not.toHaveProperty('unknownStanding');
});

test('the verdict as JSON', () => {
  const text = verdictText(reportOf({ byFailure: new Map([['reset', 1]]) }), true, 80);
  expect(text).toEndWith('}\n');
  expect(JSON.parse(text)).toMatchObject({
    held: true,
    page: '/test.html',
    acknowledged: 500,
    statuses: { 204: 500 },
    failures: { reset: 1 },
    faults: noFaults,
  });
});

const heard = 'stopping; Ctrl-C again drops what is under way';

test.each([
  ['preparing', 0, 'no', 'preparing the pages'],
  ['preparing', 0, 'asked', heard],
  ['editing', 0, 'no', '45%  225/500  1,125/s'],
  ['editing', 3, 'no', '45%  225/500  1,125/s  3 failed'],
  ['editing', 3, 'asked', heard],
  ['editing', 3, 'dropping', 'stopping'],
  ['reading', 3, 'no', 'reading the pages a last time'],
  ['reading', 3, 'asked', heard],
  ['cleaning', 0, 'no', 'removing the copies'],
  ['cleaning', 0, 'asked', 'removing the copies; Ctrl-C again leaves the others'],
  ['cleaning', 0, 'dropping', 'leaving the other copies'],
] as const)('progress: %s, %d failed, stopping: %s', (phase, failed, stopping, text) => {
  const progress = { phase, failed, done: 225, edits: 500, elapsedMs: 200, stopping };
  expect(verifyProgressText(progress)).toBe(text);
});

test('the document has a row for every option', async () => {
  const text = await Bun.file(new URL('../../docs/REPL.md', import.meta.url)).text();
  const section = /\n### `:verify`\n([\s\S]*?)\n##/.exec(text)?.[1] ?? '';
  const documented = [...section.matchAll(/^\| (`-.*?) \|/gm)].map(([, names = '']) =>
    names.replaceAll('`', ''),
  );
  expect(documented.sort()).toEqual(verifyOptions.map(optionUsage).sort());
});

const main = join(import.meta.dir, 'support', 'main.ts');

function spawn(port: number, line: string) {
  const url = `http://127.0.0.1:${port}`;
  return Bun.spawn([process.execPath, main, 'repl', url, '-e', line], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
}

async function repl(port: number, line: string) {
  const child = spawn(port, line);
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { status: await child.exited, out, err };
}

test('a batch: 0 when it held, 1 when it did not or could not be told, 2 for a slip', async () => {
  using right = startFaultyServer({ plant: 'nothing', on: [] });
  using wrong = startFaultyServer({ plant: 'dropped', on: [50] });
  const line = ':verify test.html -n 80 -c 4';
  const [held, lost, missing, slip] = await Promise.all([
    repl(right.port, line),
    repl(wrong.port, line),
    repl(right.port, ':verify missing.html'),
    repl(right.port, ':verify test.html -c x'),
  ]);
  expect(held).toMatchObject({ status: 0, err: '' });
  expect(held.out).toContain('verdict   consistent: ');
  expect(lost).toMatchObject({ status: 1, err: '' });
  expect(lost.out).toMatch(
    /^verdict +WRONG: 1 lost\nlost +\/test\.html: Edit \d+ [\s\S]* \(iw[0-9a-f]+-\d+\)$/m,
  );
  expect(missing).toMatchObject({ status: 1, out: '' });
  expect(missing.err).toContain('there is no page /missing.html; make one first');
  expect(slip).toMatchObject({ status: 2, out: '' });
});

test('Ctrl-C in a batch: the verdict on what was done, and the exit status 1', async () => {
  using server = startFaultyServer({ plant: 'nothing', on: [] });
  const child = spawn(server.port, ':verify test.html -n 1000000 --pages 200 -c 4');
  const holdsEdit = (page: string | undefined) => page?.includes('<h2>') === true;
  await until('an edit', () => holdsEdit(server.pages.get('/test-9.html')), 10_000);
  child.kill('SIGINT');
  const out = await new Response(child.stdout).text();
  expect(await child.exited).toBe(1);
  expect(out).toMatch(/^stopped +before all edits.*\nverdict +consistent/m);
  expect([...server.pages.keys()]).toEqual(['/test.html']);
});
