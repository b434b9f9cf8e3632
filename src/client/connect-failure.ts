/**
 * Why a connection did not come about: the system's many names for it as a few, with a sentence
 * each.
 */

import { unreachable } from '../base/assert.ts';
import type { ConnectCode, Endpoint } from './exchange.ts';

export interface Unconnected {
  readonly kind: 'unconnected';
  readonly code: ConnectCode;
  /** One sentence for a person. */
  readonly message: string;
}

const connectCodes: ReadonlyMap<string, ConnectCode> = new Map([
  ['ECONNREFUSED', 'refused'],
  ['ENOTFOUND', 'unresolved'],
  ['EAI_AGAIN', 'unresolved'],
  ['ENODATA', 'unresolved'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENETUNREACH', 'unreachable'],
  ['EADDRNOTAVAIL', 'unreachable'],
  ['ETIMEDOUT', 'unreachable'],
]);

/** What `error`, from an attempt to connect to `endpoint`, means. */
export function unconnected(endpoint: Endpoint, error: Error): Unconnected {
  const systemCode = 'code' in error ? String(error.code) : error.message;
  const code = connectCodes.get(systemCode) ?? 'other';
  return { kind: 'unconnected', code, message: sentence(endpoint, code, systemCode) };
}

function sentence(endpoint: Endpoint, code: ConnectCode, systemCode: string): string {
  switch (code) {
    case 'refused':
      return `nothing listens at ${endpoint.authority}`;
    case 'unresolved':
      return `the name ${endpoint.host} does not resolve`;
    case 'unreachable':
      return `${endpoint.authority} cannot be reached (${systemCode})`;
    case 'other':
      return `no connection to ${endpoint.authority} (${systemCode})`;
    default:
      return unreachable(code);
  }
}
