/** Which requests are sent again, and after how long, by what they came to. */

import { expect, test } from 'bun:test';
import type { ExchangeResult, FailureKind } from '../../src/client/exchange.ts';
import {
  isRepeatable,
  keyField,
  pauseBeforeRepeat,
  repeatPauseMsMax,
  retryAfterMsMax,
  takesKey,
} from '../../src/client/repetition.ts';
import type { FieldLine } from '../../src/http/message.ts';
import { parseHead } from '../repl/support/head.ts';

const key = keyField('a-1');
const wallMs = Date.parse('2026-11-05T12:00:00Z');

function failed(failure: FailureKind, sent: boolean): ExchangeResult {
  return { kind: 'failed', failure, message: '', sent };
}

function answered(status: number, fields = ''): ExchangeResult {
  const head = parseHead(`HTTP/1.1 ${status} x\r\n${fields}Content-Length: 0\r\n\r\n`);
  const content = new Uint8Array();
  return { kind: 'completed', interim: [], head, content, elapsedMs: 1, surplus: false };
}

/** What each kind of request waits for: one that reads, a write with a key, a write without. */
interface Row {
  readonly name: string;
  readonly result: ExchangeResult;
  readonly read: number | undefined;
  readonly keyed: number | undefined;
  readonly unkeyed: number | undefined;
}

const all = (ms: number | undefined) => ({ read: ms, keyed: ms, unkeyed: ms });
const known = (ms: number | undefined) => ({ read: ms, keyed: ms, unkeyed: undefined });

const rows: readonly Row[] = [
  { name: 'no connection', result: failed('connect', false), ...all(100) },
  { name: 'no connection in time', result: failed('timeout', false), ...all(100) },
  { name: 'reset before a byte went out', result: failed('reset', false), ...all(100) },
  { name: 'closed', result: failed('closed', true), ...known(100) },
  { name: 'reset', result: failed('reset', true), ...known(100) },
  { name: 'no answer in time', result: failed('timeout', true), ...known(100) },
  { name: 'no HTTP', result: failed('protocol', true), ...all(undefined) },
  { name: 'stopped', result: failed('cancelled', true), ...all(undefined) },
  { name: 'stopped before it was sent', result: failed('cancelled', false), ...all(undefined) },
  { name: '200', result: answered(200), ...all(undefined) },
  { name: '422', result: answered(422), ...all(undefined) },
  { name: '500', result: answered(500), ...all(undefined) },
  { name: '503', result: answered(503), ...known(100) },
  { name: '503, now', result: answered(503, 'Retry-After: 0\r\n'), ...known(100) },
  { name: '503, in a second', result: answered(503, 'Retry-After: 1\r\n'), ...known(1_000) },
  { name: '503, at the bound', result: answered(503, 'Retry-After: 10\r\n'), ...known(10_000) },
  { name: '503, past it', result: answered(503, 'Retry-After: 11\r\n'), ...all(undefined) },
  {
    name: '503, by a date',
    result: answered(503, 'Retry-After: Thu, 05 Nov 2026 12:00:03 GMT\r\n'),
    ...known(3_000),
  },
  {
    name: '503, by a date that is past',
    result: answered(503, 'Retry-After: Thu, 05 Nov 2026 11:00:00 GMT\r\n'),
    ...known(100),
  },
  { name: '503, at nonsense', result: answered(503, 'Retry-After: soon\r\n'), ...known(100) },
];

function pauseOf(method: string, fields: readonly FieldLine[], result: ExchangeResult) {
  return pauseBeforeRepeat({ method, target: '/', fields }, result, 0, wallMs);
}

test.each(rows)('$name', ({ result, read, keyed, unkeyed }) => {
  expect(pauseOf('GET', [], result)).toBe(read);
  for (const method of ['PUT', 'POST', 'PATCH', 'DELETE']) {
    expect(pauseOf(method, [key], result)).toBe(keyed);
    expect(pauseOf(method, [], result)).toBe(unkeyed);
  }
});

test('the bound of Retry-After is the one in the table', () => {
  expect(retryAfterMsMax).toBe(10_000);
});

test('each wait is twice the one before, up to the longest', () => {
  const request = { method: 'GET', target: '/', fields: [] };
  const closed = failed('closed', true);
  const waits = [0, 1, 2, 4, 5, 99].map((n) => pauseBeforeRepeat(request, closed, n, wallMs));
  expect(waits).toEqual([100, 200, 400, 1_600, repeatPauseMsMax, repeatPauseMsMax]);
});

test('a key is one that has a name, in whatever case the field is written', () => {
  const put = (...fields: FieldLine[]) => isRepeatable({ method: 'PUT', fields });
  expect([put(key), put(['idempotency-KEY', 'x']), put(['Idempotency-Key', '']), put()]).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

test('writes of pages take keys, and nothing else does', () => {
  const methods = ['PUT', 'POST', 'PATCH', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'MKCOL', 'put'];
  expect(methods.filter(takesKey)).toEqual(['PUT', 'POST', 'PATCH', 'DELETE']);
});
