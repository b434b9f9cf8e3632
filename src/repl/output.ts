/**
 * Where the REPL writes: answers to one stream, what went wrong to the other, in order, to the end.
 */

import type { Writable } from 'node:stream';

/** Hears of an answer that could not be written, though somebody reads: a full disk, say. */
export type WriteFailed = (code: string) => void;

export interface OutputStyle {
  /** Whether answers go to a terminal: control characters are then never written as they are. */
  readonly terminal: boolean;
  readonly colour: boolean;
  /**
   * Whether a person sits at a prompt: long answers are then cut, and a load shows its progress.
   */
  readonly interactive: boolean;
}

export interface Output extends OutputStyle {
  /**
   * Writes answers; resolves when the stream has taken them, false when nobody reads it any more.
   */
  write(data: string | Uint8Array): Promise<boolean>;
  /** Writes one line about what went wrong. */
  complain(line: string): Promise<void>;
  /** Columns of the terminal. */
  columns(): number;
}

/** Where the width is not known. */
const columnsDefault = 80;

interface Sink extends Writable {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** An output on two streams; the colour of complaints stays out of a file that they go to. */
export function streamOutput(
  answers: Sink,
  complaints: Sink,
  style: OutputStyle,
  failed: WriteFailed = () => {},
): Output {
  // A reader that went away, as `| head` does, is reported to each write; this takes the event.
  answers.on('error', () => {});
  complaints.on('error', () => {});
  const paints = style.colour && complaints.isTTY === true;
  return {
    ...style,
    write: (data) => written(answers, data, failed),
    async complain(line) {
      await written(complaints, paints ? `\x1b[31m${line}\x1b[39m\n` : `${line}\n`, () => {});
    },
    columns: () => Math.max(1, answers.columns ?? columnsDefault),
  };
}

/** A reader that went away is no failure: it has seen enough. */
const readerGone = new Set(['EPIPE', 'ERR_STREAM_DESTROYED']);

function written(
  stream: Writable,
  data: string | Uint8Array,
  failed: WriteFailed,
): Promise<boolean> {
  if (data.length === 0) return Promise.resolve(true);
  return new Promise((resolve) => {
    stream.write(data, (error) => {
      const ok = error === undefined || error === null;
      const code = !ok && 'code' in error ? String(error.code) : '';
      if (!ok && !readerGone.has(code)) failed(code);
      resolve(ok);
    });
  });
}
