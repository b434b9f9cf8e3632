/** Writes under idempotency keys, and what tells their answers apart. */

import { type RawResponse, request } from '../support/raw-client.ts';

/** A write, as a test writes it down. */
export interface Sent {
  readonly method: string;
  readonly target: string;
  readonly content?: string;
  readonly fields?: readonly string[];
}

/** The text of a write under a key. */
export function keyed(key: string, { method, target, content, fields = [] }: Sent): string {
  const options = { fields: [`Idempotency-Key: ${key}`, ...fields] };
  return request(method, target, content === undefined ? options : { ...options, content });
}

/** Whether it says that it was done before. */
export function isReplay({ fields }: RawResponse): boolean {
  return fields.get('idempotency-replayed') === 'true';
}

/** Status and field lines, less what tells a replay from the first answer, and the body. */
export function compared({ status, lines, body }: RawResponse) {
  const told = lines.filter((line) => !/^(?:Date|Idempotency-Replayed):/.test(line));
  return { status, lines: told, body };
}
