/** The access log: who connected, and what became of each request. */

import type { Clock } from '../base/clock.ts';
import type { LineWriter } from './line-writer.ts';
import { combinedLine, jsonLine, type Responded, textLine } from './log-lines.ts';

export interface AccessLog {
  /** Whether it takes no notice of responses; then nobody need put an entry together. */
  readonly isOff: boolean;
  /** Whether it has a place for `Referer` and `User-Agent`; else nobody need look for them. */
  readonly wantsAgents: boolean;
  /** @param peer address and port */
  connected(peer: string): void;
  responded(entry: Responded): void;
  /** Something about the server itself: a worker lost, say. */
  note(text: string): void;
}

export const logFormats = ['text', 'combined', 'json', 'off'] as const;
export type LogFormat = (typeof logFormats)[number];

/** The log in `format`; notes are written in every one of them. */
export function createAccessLog(format: LogFormat, writer: LineWriter, clock: Clock): AccessLog {
  const note = (text: string): void => writer.line(text);
  const silent = {
    isOff: false,
    wantsAgents: false,
    connected: () => {},
    responded: () => {},
    note,
  };
  switch (format) {
    case 'off':
      return { ...silent, isOff: true };
    case 'text':
      return {
        ...silent,
        connected: (peer) => writer.line(`Connected by ${peer}`),
        responded: (entry) => writer.line(textLine(entry)),
      };
    case 'combined':
      return {
        ...silent,
        wantsAgents: true,
        responded: (entry) => writer.line(combinedLine(entry, clock.wallMs())),
      };
    case 'json':
      return {
        ...silent,
        wantsAgents: true,
        responded: (entry) => writer.line(jsonLine(entry, clock.wallMs())),
        // Every line of this format is an object, so that a program can read them all.
        note: (text) => {
          const time = new Date(clock.wallMs()).toISOString();
          writer.line(JSON.stringify({ time, note: text }));
        },
      };
  }
}
