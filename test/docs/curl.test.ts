/**
 * The dialogue through curl, which shares no code with Inkwire: statuses, lengths, bodies, files.
 */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { serve } from '../support/inkwire.ts';
import { SAMPLE, TestRoot } from '../support/root.ts';

const INSERTED = SAMPLE.replace('<body>\n', '<body>\n    <h2> This is test </h2>\n');
const MADE = '<h1> This is HTML </h1>';

interface Row {
  readonly name: string;
  readonly arguments: readonly string[];
  readonly target: string;
  readonly status: number;
  /** `Content-Length`; `undefined` when there must be none. */
  readonly length: number | undefined;
  /** Absent: an error page, which is not compared. */
  readonly body?: string;
  readonly files: Readonly<Record<string, string | undefined>>;
}

/** In order: each row goes on from what the one before it left. */
const rows: readonly Row[] = [
  {
    name: 'GET of a page',
    arguments: [],
    target: '/test.html',
    status: 200,
    length: 286,
    body: SAMPLE,
    files: { 'test.html': SAMPLE },
  },
  {
    name: 'GET of a missing page',
    arguments: [],
    target: '/blank.html',
    status: 404,
    length: 173,
    files: {},
  },
  {
    name: 'HEAD of a page',
    arguments: ['--head'],
    target: '/test.html',
    status: 200,
    length: 286,
    body: '',
    files: {},
  },
  {
    name: 'HEAD of a missing page',
    arguments: ['--head'],
    target: '/blank.html',
    status: 400,
    length: undefined,
    body: '',
    files: {},
  },
  {
    name: 'PUT inserts',
    arguments: ['-X', 'PUT', '-d', 'This is test'],
    target: '/test.html',
    status: 200,
    length: 314,
    body: INSERTED,
    files: { 'test.html': INSERTED },
  },
  {
    name: 'PUT to a missing page',
    arguments: ['-X', 'PUT', '-d', 'This is test'],
    target: '/blank.html',
    status: 404,
    length: 173,
    files: { 'blank.html': undefined, 'test.html': INSERTED },
  },
  {
    name: 'POST creates',
    arguments: ['-d', MADE],
    target: '/index.html',
    status: 201,
    length: 23,
    body: MADE,
    files: { 'index.html': MADE },
  },
  {
    name: 'what POST made is the page of the folder',
    arguments: [],
    target: '/',
    status: 200,
    length: 23,
    body: MADE,
    files: {},
  },
];

const missing = Bun.which('curl') === null;
if (missing) console.warn('skipped: curl is not installed');

describe.skipIf(missing)('curl', () => {
  const root = new TestRoot();
  let server: Awaited<ReturnType<typeof serve>>;

  beforeAll(async () => {
    server = await serve(root.path, '--fresh');
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    root[Symbol.dispose]();
  });

  test.each(rows)('$name', async (row) => {
    const answer = await curl(server.port, row.target, row.arguments);
    expect(answer.status).toBe(row.status);
    expect(answer.length).toBe(row.length);
    if (row.body !== undefined) expect(answer.body).toBe(row.body);
    for (const [name, content] of Object.entries(row.files)) {
      expect(root.read(`htdocs/${name}`)).toBe(content);
    }
  });
});

/** What curl shows with `-i`: the head and the body. */
async function curl(port: number, target: string, more: readonly string[]) {
  const head = more.includes('--head') ? [] : ['--include'];
  const url = `http://127.0.0.1:${port}${target}`;
  // `--disable` leaves out the user's own configuration, `--noproxy` the environment's proxy.
  const common = ['--disable', '--noproxy', '*', '--silent', '--show-error', '--max-time', '10'];
  const child = Bun.spawn(['curl', ...common, ...head, ...more, url], { stdout: 'pipe' });
  const text = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  const headEnd = text.indexOf('\r\n\r\n');
  const fields = text.slice(0, headEnd);
  const length = /^Content-Length: ([0-9]+)$/im.exec(fields)?.[1];
  return {
    status: Number(/^HTTP\/1\.1 ([0-9]{3}) /.exec(fields)?.[1]),
    length: length === undefined ? undefined : Number(length),
    body: text.slice(headEnd + 4),
  };
}
