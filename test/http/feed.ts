/** Feeds raw bytes to a connection in several splits and writes down what came out of it. */

import { latin1Bytes, latin1Text } from '../../src/base/bytes.ts';
import { ClientConnection } from '../../src/http/client-connection.ts';
import { defaultHeadLimits, type HeadLimits } from '../../src/http/limits.ts';
import { ProtocolError } from '../../src/http/protocol-error.ts';
import { ServerConnection } from '../../src/http/server-connection.ts';

/** How the input is cut: whole, byte by byte, or at the given offsets. */
export type Split = 'whole' | 'bytes' | readonly number[];

export function cut(bytes: Uint8Array, split: Split): Uint8Array[] {
  if (split === 'whole') return [bytes];
  if (split === 'bytes') return Array.from(bytes, (_, i) => bytes.slice(i, i + 1));
  const parts: Uint8Array[] = [];
  let start = 0;
  for (const offset of [...split, bytes.length]) {
    parts.push(bytes.slice(start, offset));
    start = offset;
  }
  return parts.filter((part) => part.length > 0);
}

/**
 * What a server makes of `raw`, one line an event: `GET /x 1.1 none persistent`, `content: abc`,
 * `end`, `closed`, or an error's code. Neighbouring pieces of content are joined, for where they
 * are cut means nothing.
 */
export function serverEvents(
  raw: string | Uint8Array,
  split: Split = 'whole',
  options: { limits?: Partial<HeadLimits>; end?: boolean } = {},
): string[] {
  const connection = new ServerConnection({ ...defaultHeadLimits, ...options.limits });
  const events: string[] = [];
  let content = '';
  const say = (event: string): void => {
    if (content !== '') events.push(`content: ${content}`);
    content = '';
    events.push(event);
  };
  const drain = (): void => {
    for (;;) {
      const event = connection.poll();
      if (event === undefined) return;
      if (event.kind === 'request') {
        const { method, target, minorVersion } = event.head;
        const { framing } = event;
        const size = framing.kind === 'length' ? ` ${framing.bytes}` : '';
        const after = event.persistent ? 'persistent' : 'close';
        say(`${method} ${target} 1.${minorVersion} ${framing.kind}${size} ${after}`);
      } else if (event.kind === 'content') content += latin1Text(event.bytes);
      else say(event.kind);
    }
  };
  try {
    for (const part of cut(typeof raw === 'string' ? latin1Bytes(raw) : raw, split)) {
      connection.receive(part);
      drain();
    }
    if (options.end === true) {
      connection.receiveEnd();
      drain();
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    say(error.code);
    connection.receive(latin1Bytes('GET /after HTTP/1.1\r\nHost: h\r\n\r\n'));
    drain();
  }
  if (content !== '') events.push(`content: ${content}…`);
  return events;
}

/** The same for a client that sent one request a method in `methods`. */
export function clientEvents(
  methods: readonly string[],
  raw: string,
  split: Split = 'whole',
  options: { end?: boolean } = {},
): string[] {
  const connection = new ClientConnection();
  for (const method of methods) connection.expect(method);
  const events: string[] = [];
  let content = '';
  const say = (event: string): void => {
    if (content !== '') events.push(`content: ${content}`);
    content = '';
    events.push(event);
  };
  const drain = (): void => {
    for (;;) {
      const event = connection.poll();
      if (event === undefined) return;
      if (event.kind === 'interim') say(`interim ${event.head.status}`);
      else if (event.kind === 'content') content += latin1Text(event.bytes);
      else if (event.kind === 'head') {
        say(`${event.head.status} ${event.head.reason} ${event.framing.kind}`);
      } else say(event.reusable ? 'end reusable' : 'end');
    }
  };
  try {
    for (const part of cut(latin1Bytes(raw), split)) {
      connection.receive(part);
      drain();
    }
    if (options.end === true) {
      connection.receiveEnd();
      drain();
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    say(error.code);
  }
  if (content !== '') events.push(`content: ${content}…`);
  return events;
}
