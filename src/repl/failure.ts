/**
 * What is said of an exchange that did not complete: one line, and for a write what is not known.
 */

import { unreachable } from '../base/assert.ts';
import type { Endpoint, Failed } from '../client/exchange.ts';
import type { RequestMessage } from '../http/message.ts';
import { serverUrl } from './commands.ts';
import { quoted, visibleLine } from './display.ts';
import { isSafe } from './request.ts';

/** Characters of a target that are quoted: the line should stay one. */
const targetCharsMax = 100;

/** The line for `failed`, which `request` to `endpoint` came to. */
export function failureLine(failed: Failed, request: RequestMessage, endpoint: Endpoint): string {
  if (failed.failure === 'connect') return unconnectedLine(failed, endpoint);
  const target = quoted(request.target, targetCharsMax).slice(1, -1);
  const unknown = failed.sent && !isSafe(request.method);
  const outcome = unknown ? ': outcome unknown, not repeated' : '';
  return `${sentence(failed)}${outcome} (${request.method} ${target})`;
}

function sentence(failed: Failed): string {
  switch (failed.failure) {
    case 'closed':
      return 'connection closed before the answer';
    case 'reset':
      return 'connection reset before the answer';
    case 'cancelled':
      return 'stopped';
    case 'timeout':
    case 'protocol':
    case 'connect':
      return visibleLine(failed.message);
    default:
      return unreachable(failed.failure);
  }
}

/** Nothing was sent; where a server is merely missing, how to start one. */
function unconnectedLine(failed: Failed, endpoint: Endpoint): string {
  if (failed.connectCode !== 'refused') return visibleLine(failed.message);
  return `nothing listens at ${serverUrl(endpoint)}; ${startAdvice(endpoint)}`;
}

/**
 * For a load of which no request found a connection.
 *
 * @param reason why the first of them found none
 */
export function loadUnconnectedLine(endpoint: Endpoint, reason: string): string {
  if (!reason.includes('nothing listens')) return visibleLine(reason);
  return `nothing listens at ${serverUrl(endpoint)}; ${startAdvice(endpoint)}`;
}

function startAdvice(endpoint: Endpoint): string {
  const usual = ['127.0.0.1', 'localhost'].includes(endpoint.host);
  const host = usual ? '' : ` --host ${endpoint.host}`;
  return `start it with: bun run serve${host} --port ${endpoint.port}`;
}
