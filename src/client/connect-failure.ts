/**
 * Why a connection did not come about: the system's many names for it as a few, with a sentence
 * each.
 */

import { closeSync, openSync } from 'node:fs';
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

/** The client's own limit, which says nothing of the server. */
const descriptorCodes: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE']);

/**
 * Bun tells a lack of descriptors as a refusal, so whoever is refused looks whether one is left.
 * The error number when none is.
 */
function lackOfDescriptors(): string | undefined {
  try {
    closeSync(openSync('/dev/null', 'r'));
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return descriptorCodes.has(code) ? code : undefined;
  }
}

/** What `error`, from an attempt to connect to `endpoint`, means. */
export function unconnected(endpoint: Endpoint, error: Error): Unconnected {
  const told = 'code' in error ? String(error.code) : error.message;
  const systemCode = lackOfDescriptors() ?? told;
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
      if (descriptorCodes.has(systemCode)) {
        return `this program has too many files open; raise "ulimit -n", or use fewer connections`;
      }
      return `no connection to ${endpoint.authority} (${systemCode})`;
    default:
      return unreachable(code);
  }
}
