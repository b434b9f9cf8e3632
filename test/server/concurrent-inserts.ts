/**
 * Many connections insert into the same pages at once, over real sockets, while others read. What
 * was seen is judged afterwards; the verdict is a list of violations, empty when every promise
 * held.
 */

import type { LockTable } from '../../src/dispatch/lock-table.ts';
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE } from '../support/root.ts';
import { startTestServer } from '../support/server.ts';

export interface InsertRun {
  readonly connections: number;
  readonly insertsEach: number;
  readonly pages: number;
  readonly readers: number;
  readonly workers: number;
  readonly locks?: LockTable;
}

/** Readers look again after so many inserts: reading without a pause would starve the writers. */
const INSERTS_A_READ = 8;

/** Spellings of one page's URL, which must all lead to one lock. */
const spellings: readonly ((name: string) => string)[] = [
  (name) => `/${name}`,
  (name) => `/${name.replace('p', '%70')}`,
  (name) => `/${name.replace('.', '%2E')}?n=1`,
  (name) => `http://localhost:1/${name}`,
];

/** The text that connection `c` inserts as its `n`th. */
function mark(c: number, n: number): string {
  return `c${c}n${n}.`;
}

function pageName(index: number): string {
  return `page${index}.html`;
}

/** The marks of a page, top to bottom; `undefined` when the page is not whole. */
function marksOf(page: string): string[] | undefined {
  const body =
    /^<!DOCTYPE html>[\s\S]*<body>\n((?: {4}<h2> [^<]* <\/h2>\n)*) {4}<h1> This is HTML <\/h1>\n<\/body>\n<\/html>$/;
  const inserted = body.exec(page)?.[1];
  if (inserted === undefined) return undefined;
  return [...inserted.matchAll(/<h2> ([^<]*) <\/h2>/g)].map((match) => match[1] ?? '');
}

/** Whether the marks of connection `c` stand newest first, none missing, from `n` down to 0. */
function holdsRun(marks: readonly string[], c: number, n: number): boolean {
  const own = marks.filter((text) => text.startsWith(`c${c}n`));
  return own.length === n + 1 && own.every((text, index) => text === mark(c, n - index));
}

export async function concurrentInserts(run: InsertRun): Promise<string[]> {
  const names = Array.from({ length: run.pages }, (_, index) => pageName(index));
  await using server = await startTestServer({
    files: Object.fromEntries(names.map((name) => [name, SAMPLE])),
    config: { workers: run.workers },
    ...(run.locks && { seams: { locks: run.locks } }),
  });
  const violations: string[] = [];
  const accuse = (text: string): void => {
    violations.push(text);
  };
  let answered = 0;
  let writing = true;
  const wakeReaders: (() => void)[] = [];
  const wake = (): void => {
    for (const resume of wakeReaders.splice(0)) resume();
  };

  const write = async (c: number): Promise<void> => {
    await using client = await RawClient.open(server.port);
    const name = pageName(c % run.pages);
    for (let n = 0; n < run.insertsEach; n += 1) {
      const spelling = spellings[(c + n) % spellings.length];
      const target = spelling?.(name) ?? name;
      const answer = await client.ask(request('PUT', target, { content: mark(c, n) }));
      const marks = marksOf(answer.body);
      answered += 1;
      if (answered % INSERTS_A_READ === 0) wake();
      if (answer.status !== 200) accuse(`${mark(c, n)} was answered ${answer.status}`);
      else if (marks === undefined) accuse(`the answer to ${mark(c, n)} is no whole page`);
      else if (!holdsRun(marks, c, n)) accuse(`the answer to ${mark(c, n)} lacks or mixes inserts`);
    }
  };

  const read = async (r: number): Promise<void> => {
    await using client = await RawClient.open(server.port);
    const name = pageName(r % run.pages);
    let before: readonly string[] = [];
    while (writing) {
      const { status, body } = await client.ask(request('GET', `/${name}`));
      const marks = marksOf(body);
      if (status !== 200 || marks === undefined) {
        accuse(`reader ${r} saw a torn page (${status})`);
        return;
      }
      // Inserts go on top, so an older page's inserts are the end of every newer page's.
      const older = marks.slice(marks.length - before.length);
      if (marks.length < before.length || older.join() !== before.join()) {
        accuse(`reader ${r} went back in time: ${before.length} inserts, then ${marks.length}`);
      }
      before = marks;
      if (writing) await new Promise<void>((resume) => wakeReaders.push(resume));
    }
  };

  const readers = Array.from({ length: run.readers }, (_, r) => read(r));
  await Promise.all(Array.from({ length: run.connections }, (_, c) => write(c)));
  writing = false;
  wake();
  await Promise.all(readers);

  for (const [index, name] of names.entries()) {
    const marks = marksOf(server.root.read(name) ?? '') ?? [];
    for (let c = index; c < run.connections; c += run.pages) {
      if (!holdsRun(marks, c, run.insertsEach - 1)) accuse(`${name} lost or mixed inserts of ${c}`);
    }
    const expected = Math.ceil((run.connections - index) / run.pages) * run.insertsEach;
    if (new Set(marks).size !== expected || marks.length !== expected) {
      accuse(`${name} holds ${marks.length} inserts, not ${expected}`);
    }
  }
  return violations;
}
