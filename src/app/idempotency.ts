/**
 * `Idempotency-Key`: the name that a client gives to a write, so that the server can tell one that
 * is sent again from another one. What was done under which key is the store's to know.
 */

import { latin1Bytes, utf8Bytes } from '../base/bytes.ts';
import { isToken } from '../http/byte-classes.ts';
import type { Fields } from '../http/message.ts';
import type { Idempotency } from '../model/operation.ts';
import type { ResourceKey } from '../model/resource-key.ts';
import type { Method } from './semantics.ts';

/** The store keeps each key for a day or longer; a UUID has 36. */
export const IDEMPOTENCY_KEY_CHARACTERS_MAX = 255;

/** Requests of one key are compared, and no others: 128 bits of SHA-256 tell them apart. */
const FINGERPRINT_BYTES = 16;

/** Each character of a string may be escaped, and two quotes stand around it. */
const VALUE_CHARACTERS_MAX = 2 * IDEMPOTENCY_KEY_CHARACTERS_MAX + 2;

/** Fields that make a request with the same content another request. `Prefer` does not. */
const telling = [
  'content-type',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-unmodified-since',
  'if-range',
];

/** The key of a write, and what its fields say to tell it from others. */
export interface KeyedFields {
  readonly key: string;
  /** Values as they were sent; absent fields are `undefined`. */
  readonly told: readonly (string | undefined)[];
}

/**
 * `undefined` for a request without a key. `malformed`: it has one, but which cannot be said, so it
 * must not be done as if it had none.
 */
export function takeKeyedFields(fields: Fields): KeyedFields | 'malformed' | undefined {
  if (fields.countOf('idempotency-key') === 0) return undefined;
  const key = takeKey(fields.only('idempotency-key') ?? '');
  if (key === undefined) return 'malformed';
  return { key, told: telling.map((name) => fields.combined(name)) };
}

/**
 * A string of RFC 9651 section 3.3.3, or a token of RFC 9110, which a bare UUID is. Parameters are
 * not taken: who knows no structured fields would read them as a part of the key.
 */
function takeKey(value: string): string | undefined {
  if (value.length > VALUE_CHARACTERS_MAX) return undefined;
  const quoted = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/.exec(value)?.[1];
  const key = quoted === undefined ? value : quoted.replace(/\\(.)/g, '$1');
  if (quoted === undefined && !isToken(key)) return undefined;
  return key !== '' && key.length <= IDEMPOTENCY_KEY_CHARACTERS_MAX ? key : undefined;
}

/** Names a request by its key, and tells it from others by all that makes it what it is. */
export function idempotencyOf(
  keyed: KeyedFields,
  method: Method,
  page: ResourceKey,
  content: Uint8Array,
): Idempotency {
  const hasher = new Bun.CryptoHasher('sha256');
  // With its length before each part, no two requests run together to the same bytes.
  const add = (part: Uint8Array): void => {
    hasher.update(`${part.length}:`).update(part);
  };
  add(latin1Bytes(method));
  add(utf8Bytes(page));
  for (const value of keyed.told) {
    if (value === undefined) hasher.update('-');
    else add(latin1Bytes(value));
  }
  add(content);
  const fingerprint = hasher.digest().subarray(0, FINGERPRINT_BYTES).toString('base64url');
  return { key: keyed.key, fingerprint };
}
