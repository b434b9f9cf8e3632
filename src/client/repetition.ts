/**
 * When a request may be sent again by itself, and how long after. Pure. A write that was sent is
 * repeated under an idempotency key alone: without one the server would do it twice, for classic
 * PUT inserts, and nobody knows what another server's PUT does.
 */

import { takeHttpDate } from '../http/date.ts';
import type { FieldLine, Fields, RequestMessage } from '../http/message.ts';
import type { ExchangeResult, FailureKind } from './exchange.ts';

export const idempotencyKeyField = 'Idempotency-Key';

/** The wait before the first repetition, milliseconds; each further one is twice as long. */
export const repeatPauseMs = 100;
/** The longest of these waits: a server that has come back should not be idle for long. */
export const repeatPauseMsMax = 2_000;
/** A server that asks for a longer wait in `Retry-After` has its answer shown instead. */
export const retryAfterMsMax = 10_000;
/** Repetitions of one request: with the waits above, over three minutes. */
export const repetitionsMax = 100;

/** The status that says "later" (RFC 9110 section 15.6.4), whatever its reason. */
export const unavailableStatus = 503;

/** Methods that change nothing (RFC 9110 section 9.2.1). */
const methodsSafe = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'REPORT',
  'SEARCH',
  'QUERY',
]);

export function isSafe(method: string): boolean {
  return methodsSafe.has(method);
}

/** Methods that are sent under a key: those that write pages. */
const methodsKeyed = new Set(['PUT', 'POST', 'PATCH', 'DELETE']);

/** Whether `method` is sent under an idempotency key. */
export function takesKey(method: string): boolean {
  return methodsKeyed.has(method);
}

/** The field that names a request, as a structured string, whatever `name` begins with. */
export function keyField(name: string): FieldLine {
  return [idempotencyKeyField, `"${name}"`];
}

/** Whether `fields` have a line for a key, be it an empty one. */
export function hasKeyField(fields: readonly FieldLine[]): boolean {
  return keyLine(fields) !== undefined;
}

/** The key that `fields` hold, as it is sent; `undefined` for none and for an empty one. */
export function takeKey(fields: readonly FieldLine[]): string | undefined {
  const value = keyLine(fields)?.[1];
  return value === '' ? undefined : value;
}

function keyLine(fields: readonly FieldLine[]): FieldLine | undefined {
  const wanted = idempotencyKeyField.toLowerCase();
  return fields.find(([name]) => name.toLowerCase() === wanted);
}

/** Whether the answer with these fields is that of an earlier try: nothing was done now. */
export function isReplayed(fields: Fields): boolean {
  return fields.only('idempotency-replayed')?.toLowerCase() === 'true';
}

/** Whether a request that was sent may be sent again: it changes nothing, or has a key. */
export function isRepeatable({
  method,
  fields,
}: Pick<RequestMessage, 'method' | 'fields'>): boolean {
  return isSafe(method) || takeKey(fields) !== undefined;
}

/** Ways for an answer to get lost on its way. */
const lostBy: ReadonlySet<FailureKind> = new Set(['closed', 'reset', 'timeout']);

/**
 * How long to wait before `request`, which came to `result`, is sent again, milliseconds;
 * `undefined` when it is not to be.
 *
 * @param repeated how often it was sent again before
 * @param wallMs for a `Retry-After` that is a date
 */
export function pauseBeforeRepeat(
  request: RequestMessage,
  result: ExchangeResult,
  repeated: number,
  wallMs: number,
): number | undefined {
  if (result.kind === 'failed') {
    if (result.failure === 'cancelled') return undefined;
    // What was never sent harms nobody, whatever it is.
    const may = !result.sent || (lostBy.has(result.failure) && isRepeatable(request));
    return may ? pauseMs(repeated) : undefined;
  }
  const { status, fields } = result.head;
  if (status !== unavailableStatus || !isRepeatable(request)) return undefined;
  return pauseAfterRefusal(fields.only('retry-after'), repeated, wallMs);
}

/** The wait that goes before a further repetition, milliseconds. */
export function pauseMs(repeated: number): number {
  return Math.min(repeatPauseMsMax, repeatPauseMs * 2 ** repeated);
}

/**
 * The wait after an answer of {@link unavailableStatus}; `undefined` when the server asks for one
 * that nobody would sit through.
 *
 * @param retryAfter the value of its field of that name
 */
export function pauseAfterRefusal(
  retryAfter: string | undefined,
  repeated: number,
  wallMs: number,
): number | undefined {
  const askedMs = retryAfter === undefined ? 0 : (takeRetryAfterMs(retryAfter, wallMs) ?? 0);
  return askedMs > retryAfterMsMax ? undefined : Math.max(askedMs, pauseMs(repeated));
}

/** Seconds, or a date (RFC 9110 section 10.2.3), as milliseconds from now. */
function takeRetryAfterMs(value: string, wallMs: number): number | undefined {
  if (/^\d{1,15}$/.test(value)) return Number(value) * 1_000;
  const dateMs = takeHttpDate(value, wallMs);
  return dateMs === undefined ? undefined : Math.max(0, dateMs - wallMs);
}
