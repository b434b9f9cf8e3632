/**
 * What is said of an exchange that did not complete: one line, and for a write what is not known.
 */

import { unreachable } from '../base/assert.ts';
import type { Endpoint, ExchangeResult, Failed } from '../client/exchange.ts';
import type { Repetition } from '../client/repeater.ts';
import { isSafe, takeKey, unavailableStatus } from '../client/repetition.ts';
import type { RequestMessage } from '../http/message.ts';
import { serverUrl } from './commands.ts';
import { quoted, visibleLine } from './display.ts';

/** Characters of a target that are quoted: the line should stay one. */
const targetCharsMax = 100;

/**
 * The line for `failed`, which `request` to `endpoint` came to.
 *
 * @param repetitions how often it was sent again
 */
export function failureLine(
  failed: Failed,
  request: RequestMessage,
  endpoint: Endpoint,
  repetitions = 0,
): string {
  const said = sentence(failed, endpoint);
  const target = quoted(request.target, targetCharsMax).slice(1, -1);
  const unknown = failed.sent && !isSafe(request.method);
  // Whoever finds no server has no request to be told of, unless it may have been done before.
  if (failed.failure === 'connect' && !unknown) return said;
  const again = repetitions > 0 && takeKey(request.fields) !== undefined;
  const times = again ? `tried ${repetitions + 1} times under one key` : 'not repeated';
  const outcome = unknown ? `: outcome unknown, ${times}` : '';
  return `${said}${outcome} (${request.method} ${target})`;
}

/**
 * How a write whose outcome is unknown can be repeated by hand; `undefined` where it cannot be
 * without the danger of doing it twice, or need not be.
 */
export function keyAdvice(result: ExchangeResult, request: RequestMessage): string | undefined {
  const key = takeKey(request.fields);
  const unknown = result.kind === 'failed' ? result.sent : result.head.status === unavailableStatus;
  if (!unknown || isSafe(request.method) || key === undefined) return undefined;
  const option = visibleLine(`-H 'Idempotency-Key: ${key}'`);
  return `note: a server that knows keys does it once when it is repeated with ${option}`;
}

/** The line that goes before a repetition of `request`. */
export function repetitionLine(
  { result, number, pauseMs }: Repetition,
  repetitionsMax: number,
  request: RequestMessage,
  endpoint: Endpoint,
): string {
  const keyed = !isSafe(request.method) && takeKey(request.fields) !== undefined;
  const under = keyed ? ' under the same key' : '';
  const when = `in ${Math.round(pauseMs / 100) / 10} s (${number} of ${repetitionsMax})`;
  return `${causeOf(result, endpoint)}; tried again${under} ${when}`;
}

function causeOf(result: ExchangeResult, endpoint: Endpoint): string {
  if (result.kind === 'completed') return `answered ${result.head.status}`;
  // How to start a server is said once, at the end.
  if (result.failure === 'connect') return visibleLine(result.message);
  return sentence(result, endpoint);
}

function sentence(failed: Failed, endpoint: Endpoint): string {
  switch (failed.failure) {
    case 'closed':
      return 'connection closed before the answer';
    case 'reset':
      return 'connection reset before the answer';
    case 'cancelled':
      return 'stopped';
    case 'connect':
      return unconnectedLine(failed, endpoint);
    case 'timeout':
    case 'protocol':
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
