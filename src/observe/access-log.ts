/** The access log: who connected, and what became of each request. */

import type { LineWriter } from './line-writer.ts';

/** One response, once its last byte was queued. */
export interface Responded {
  /** `?` when the bytes were no request. */
  readonly method: string;
  readonly target: string;
  readonly status: number;
  /** Bytes of content that were sent. */
  readonly bytes: number;
  /** From the request's head to the response's last byte, milliseconds. */
  readonly elapsedMs: number;
  /** The store worker that did it, from 1. */
  readonly worker?: number | undefined;
  /** Why it was not done, or not as asked. */
  readonly why?: string | undefined;
}

export interface AccessLog {
  /** @param peer address and port */
  connected(peer: string): void;
  responded(entry: Responded): void;
  /** Something about the server itself: a worker lost, say. */
  note(text: string): void;
}

export const logFormats = ['text', 'off'] as const;
export type LogFormat = (typeof logFormats)[number];

/** The log in `format`; notes are written in every one of them. */
export function createAccessLog(format: LogFormat, writer: LineWriter): AccessLog {
  const note = (text: string): void => writer.line(text);
  if (format === 'off') return { connected: () => {}, responded: () => {}, note };
  return {
    connected: (peer) => writer.line(`Connected by ${peer}`),
    responded: (entry) => writer.line(textLine(entry)),
    note,
  };
}

/** `Perform a GET request: /test.html → 200, 286 bytes, 0.4 ms, worker 2` */
export function textLine(entry: Responded): string {
  const { method, target, status, bytes, elapsedMs, worker, why } = entry;
  const asked =
    method === '?' ? 'Refuse what is no request' : `Perform a ${method} request: ${target}`;
  const facts = why === undefined ? [`${bytes} bytes`] : [why];
  facts.push(`${elapsedMs.toFixed(1)} ms`);
  if (worker !== undefined) facts.push(`worker ${worker}`);
  return `${asked} → ${status}, ${facts.join(', ')}`;
}
