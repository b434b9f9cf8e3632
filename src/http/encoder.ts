/**
 * Messages to bytes (RFC 9112): heads and chunks, with nothing in them that could end a line early.
 */

import { assert } from '../base/assert.ts';
import { concatBytes, emptyBytes, latin1Bytes } from '../base/bytes.ts';
import { isFieldValue, isToken } from './byte-classes.ts';
import type { FieldLine, Framing, RequestMessage } from './message.ts';
import { reasonPhrase } from './status.ts';

function fieldText(fields: readonly FieldLine[]): string {
  let text = '';
  for (const [name, value] of fields) {
    // The sentence is made only when it is said: it costs more than the look.
    if (!isToken(name) || !isFieldValue(value)) {
      assert(false, `field line ${JSON.stringify([name, value])}`);
    }
    text += `${name}: ${value}\r\n`;
  }
  return text;
}

function framingText(framing: Framing): string {
  switch (framing.kind) {
    case 'length':
      return `Content-Length: ${framing.bytes}\r\n`;
    case 'chunked':
      return 'Transfer-Encoding: chunked\r\n';
    default:
      return '';
  }
}

/** The first line of a response, its end included. */
export function statusLine(status: number): string {
  return `HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n`;
}

/**
 * The head of a response, its blank line included. Whoever calls has made `framing` fit the peer.
 */
export function encodeResponseHead(
  status: number,
  fields: readonly FieldLine[],
  framing: Framing,
): Uint8Array {
  assert(status >= 100 && status <= 599, `status ${status}`);
  return latin1Bytes(`${statusLine(status)}${fieldText(fields)}${framingText(framing)}\r\n`);
}

/**
 * A whole request. Content gets a `Content-Length`; the fields must hold no framing of their own.
 */
export function encodeRequest(request: RequestMessage): Uint8Array {
  const { method, target, fields, content } = request;
  assert(isToken(method), `method ${JSON.stringify(method)}`);
  assert(/^[!-~]+$/.test(target), `target ${JSON.stringify(target)}`);
  const framing: Framing =
    content === undefined ? { kind: 'none' } : { kind: 'length', bytes: content.length };
  const line = `${method} ${target} HTTP/1.1\r\n`;
  const head = latin1Bytes(`${line}${fieldText(fields)}${framingText(framing)}\r\n`);
  return concatBytes([head, content ?? emptyBytes]);
}

/** The interim response that asks for the content (RFC 9110 section 10.1.1). */
export const continueResponse = encodeResponseHead(100, [], { kind: 'none' });
