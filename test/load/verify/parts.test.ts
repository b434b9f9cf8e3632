/** Outcomes of answers, names of copies, marks, and when readers look. */

import { expect, test } from 'bun:test';
import { latin1Bytes, utf8Bytes } from '../../../src/base/bytes.ts';
import type { ExchangeResult, FailureKind } from '../../../src/client/exchange.ts';
import { ClientConnection } from '../../../src/http/client-connection.ts';
import { outcomeOf, takePage } from '../../../src/load/verify/asker.ts';
import { suffixedTarget } from '../../../src/load/verify/copies.ts';
import { MarkSpelling } from '../../../src/load/verify/marks.ts';
import { owedLooksMax, ReadPacer } from '../../../src/load/verify/read-pacer.ts';

function answered(status: number, fields = ''): ExchangeResult {
  const connection = new ClientConnection();
  connection.expect('GET');
  connection.receive(latin1Bytes(`HTTP/1.1 ${status} x\r\n${fields}Content-Length: 0\r\n\r\n`));
  const event = connection.poll();
  if (event?.kind !== 'head') throw new Error(`no head with the status ${status}`);
  const content = utf8Bytes('');
  return {
    kind: 'completed',
    interim: [],
    head: event.head,
    content,
    elapsedMs: 1,
    surplus: false,
  };
}

function failed(failure: FailureKind, sent: boolean): ExchangeResult {
  return { kind: 'failed', failure, message: 'x', sent };
}

test.each([
  ['200', answered(200), 'acknowledged'],
  ['201', answered(201), 'acknowledged'],
  ['204', answered(204), 'acknowledged'],
  // Taken, and perhaps never done.
  ['202', answered(202), 'unknown'],
  ['301', answered(301), 'refused'],
  ['400', answered(400), 'refused'],
  ['412', answered(412), 'refused'],
  ['499', answered(499), 'refused'],
  ['500', answered(500), 'unknown'],
  ['503', answered(503), 'unknown'],
  ['timeout, sent', failed('timeout', true), 'unknown'],
  ['closed, sent', failed('closed', true), 'unknown'],
  ['reset, sent', failed('reset', true), 'unknown'],
  ['protocol, sent', failed('protocol', true), 'unknown'],
  ['connect, not sent', failed('connect', false), 'unsent'],
  ['timeout, not sent', failed('timeout', false), 'unsent'],
] as const)('outcome of %s', (_name, result, outcome) => {
  expect(outcomeOf(result)).toBe(outcome);
});

test('a page has the status 200 and no coding', () => {
  expect(takePage(answered(200))).toBeDefined();
  expect(takePage(answered(200, 'Content-Encoding: identity\r\n'))).toBeDefined();
  expect(takePage(answered(200, 'Content-Encoding: gzip\r\n'))).toBeUndefined();
  expect(takePage(answered(206))).toBeUndefined();
  expect(takePage(failed('closed', true))).toBeUndefined();
});

test.each([
  ['/test.html', '/test-1.html'],
  ['/a.b/test.min.html?x=/y.z', '/a.b/test.min-1.html?x=/y.z'],
  ['/test', '/test-1'],
  ['/.hidden', '/.hidden-1'],
  ['/a/', '/a/index-1'],
  ['/', '/index-1'],
  ['/%ED%95%9C.html', '/%ED%95%9C-1.html'],
])('the copy of %s is %s', (target, copy) => {
  expect(suffixedTarget(target, '-1')).toBe(copy);
});

test('marks are of one width, each once, and read back', () => {
  const spelling = new MarkSpelling({ uuid: () => '12345678-0000-4000-8000-000000000000' });
  expect([spelling.next(), spelling.next()]).toEqual([0, 1]);
  for (const mark of [0, 1, 123, 99_999_999]) {
    const bytes = spelling.bytes(mark);
    expect(bytes.length).toBe(spelling.width);
    expect(spelling.take(bytes, 0)).toBe(mark);
    expect(spelling.take(bytes.subarray(1), 0)).toBeUndefined();
  }
  expect(spelling.text(123)).toBe('iw12345678-00000123');
  expect(spelling.take(utf8Bytes('iw12345678-0000012x'), 0)).toBeUndefined();
  expect(spelling.take(utf8Bytes('iw12345679-00000123'), 0)).toBeUndefined();
});

test('each reader looks once in eight edits', async () => {
  const pacer = new ReadPacer(4);
  let looks = 0;
  const read = async (): Promise<void> => {
    for (await pacer.next(); !pacer.ended; await pacer.next()) looks += 1;
  };
  const readers = Promise.all([read(), read(), read(), read()]);
  for (let edits = 1; edits <= 80; edits += 1) {
    pacer.answered();
    await Promise.resolve();
    await Promise.resolve();
    expect(looks).toBe(Math.floor(edits / 2));
  }
  pacer.end();
  await readers;
  expect(looks).toBe(40);
});

test('where no reader is free, writers make up for one look in two edits', async () => {
  for (const readers of [1, 4, 32]) {
    const pacer = new ReadPacer(readers);
    let looks = 0;
    for (let edits = 1; edits <= 2 * owedLooksMax + 100; edits += 1) {
      pacer.answered();
      if (pacer.takeOverdue()) looks += 1;
      expect(looks).toBe(Math.min(owedLooksMax, Math.floor(edits / 2)));
    }
  }
});

test('what readers have looked at is not looked at again, and without readers nothing is', () => {
  const pacer = new ReadPacer(8);
  for (let edits = 1; edits <= 8; edits += 1) {
    pacer.answered();
    void pacer.next();
    expect(pacer.takeOverdue()).toBe(false);
  }
  const none = new ReadPacer(0);
  for (let edits = 1; edits <= 8; edits += 1) none.answered();
  expect(none.takeOverdue()).toBe(false);
});
