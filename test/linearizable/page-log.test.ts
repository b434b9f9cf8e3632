/** What the answers of a server are kept as. */

import { expect, test } from 'bun:test';
import type { Ending, Request } from '../../bench/linearizable/page-history.ts';
import { PageLog } from '../../bench/linearizable/page-log.ts';
import { pageText, takeMarks } from '../../bench/linearizable/page-text.ts';
import { latin1Bytes } from '../../src/base/bytes.ts';
import type { ExchangeResult } from '../../src/client/exchange.ts';
import type { Asked } from '../../src/load/verify/asker.ts';
import { parseHead } from '../repl/support/head.ts';

const mark = 7;
const withInsert = pageText(mark).replace('    <p>', '    <h2> 8 </h2>\n    <p>');

function answered(status: number, content = '', ...fields: readonly string[]): Asked {
  const head = parseHead([`HTTP/1.1 ${status} X`, ...fields, '', ''].join('\r\n'));
  const result: ExchangeResult = {
    kind: 'completed',
    interim: [],
    head,
    content: latin1Bytes(content),
    elapsedMs: 1,
    surplus: false,
  };
  return { result, invokedMs: 10, answeredMs: 11 };
}

function lost(sent: boolean): Asked {
  const result = { kind: 'failed', failure: 'reset', message: 'gone', sent } as const;
  return { result, invokedMs: 10, answeredMs: 11 };
}

const read: Request = { kind: 'read' };
const insert: Request = { kind: 'insert', mark: 8 };
const replace: Request = { kind: 'replace', mark: 9 };
const remove: Request = { kind: 'remove' };
const atMs = 11;

test.each<[string, Request, Asked, Ending]>([
  ['a page', read, answered(200, pageText(mark)), { kind: 'done', atMs, saw: 1 }],
  ['a page after an insert', insert, answered(200, withInsert), { kind: 'done', atMs, saw: 2 }],
  ['an insert, and no page', insert, answered(204), { kind: 'done', atMs }],
  ['a new page', replace, answered(201, pageText(9)), { kind: 'done', atMs }],
  ['a removal', remove, answered(204), { kind: 'done', atMs }],
  ['404', remove, answered(404), { kind: 'not-found', atMs }],
  ['412', replace, answered(412), { kind: 'failed-condition', atMs }],
  ['another 4xx', insert, answered(415), { kind: 'refused', atMs }],
  ['500, when the old page stands', insert, answered(500), { kind: 'refused', atMs }],
  ['507', insert, answered(507), { kind: 'refused', atMs }],
  ['503 to be tried again', insert, answered(503, '', 'Retry-After: 1'), { kind: 'refused', atMs }],
  ['503 of unknown outcome', insert, answered(503), { kind: 'unknown' }],
  ['502', insert, answered(502), { kind: 'unknown' }],
  ['no answer', insert, lost(true), { kind: 'unknown' }],
])('%s', (_name, request, asked, ending) => {
  const log = new PageLog('/', mark);
  log.keep('somebody', request, asked);
  expect(log.history.operations).toEqual([{ by: 'somebody', request, invokedMs: 10, ending }]);
  expect(log.faults).toEqual([]);
});

test('what was not sent is no operation', () => {
  const log = new PageLog('/');
  log.keep('somebody', insert, lost(false));
  expect(log.history).toEqual({ steps: [], first: 0, operations: [] });
});

test('what was open when the server was gone has lapsed, and what comes later has not', () => {
  const log = new PageLog('/', mark);
  log.keep('one', insert, lost(true));
  log.lapse(20);
  log.keep('two', remove, lost(true));
  expect(log.history.operations.map(({ ending }) => ending)).toEqual([
    { kind: 'unknown', lapsedMs: 20 },
    { kind: 'unknown' },
  ]);
  log.lapse(30);
  expect(log.history.operations.map(({ ending }) => ending)).toEqual([
    { kind: 'unknown', lapsedMs: 20 },
    { kind: 'unknown', lapsedMs: 30 },
  ]);
});

test('an answer names the version that it left, if it has a tag', () => {
  const log = new PageLog('/', mark);
  expect(log.keep('', read, answered(200, pageText(mark), 'ETag: "a"'))).toEqual({
    page: 1,
    tag: '"a"',
  });
  expect(log.keep('', insert, answered(200, withInsert))).toBeUndefined();
  expect(log.keep('', replace, answered(201, '', 'ETag: "c"'))).toEqual({ page: 3, tag: '"c"' });
  expect(log.keep('', replace, answered(412, '', 'ETag: "c"'))).toBeUndefined();
  expect(log.faults).toEqual([]);
});

test('a tag of two versions, and a version of two tags, are told of', () => {
  const log = new PageLog('/', mark);
  log.keep('', read, answered(200, pageText(mark), 'ETag: "a"'));
  log.keep('', read, answered(200, withInsert, 'ETag: "a"'));
  expect(log.faults).toEqual(['the tag "a" names two versions']);
  const other = new PageLog('/', mark);
  other.keep('', read, answered(200, pageText(mark), 'ETag: "a"'));
  other.keep('', read, answered(200, pageText(mark), 'ETag: "b"'));
  expect(other.faults).toEqual(['one version has the tags "a" and "b"']);
});

test('a page that is not whole is told of, and says nothing more', () => {
  const log = new PageLog('/', mark);
  log.keep('', read, answered(200, withInsert.slice(0, -1)));
  expect(log.faults[0]).toStartWith('read was answered with what is no whole page: "<!DOCTYPE');
  expect(log.history.operations.map(({ ending }) => ending)).toEqual([{ kind: 'refused', atMs }]);
});

test.each([
  ['a page', pageText(mark), [7]],
  ['the newest insert stands first', withInsert, [7, 8]],
  ['a byte too many', `${withInsert} `, undefined],
  ['two pages, mixed', withInsert.replace('8 </h2>', '8 </h2></h2>'), undefined],
  ['nothing', '', undefined],
])('the marks of a page: %s', (_name, text, marks) => {
  expect(takeMarks(latin1Bytes(text))).toEqual(marks);
});
