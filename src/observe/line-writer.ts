/**
 * Lines to a terminal or a pipe that may be slow: written in the background, bounded, and what is
 * dropped is counted and said, so that the log never slows the server and never lies by silence.
 */

/** Writes `bytes` some time; calls `done` once, with how many were written or what went wrong. */
export type Sink = (bytes: Uint8Array, done: (written: number | Error) => void) => void;

/** What may wait for a slow reader: a few thousand lines. */
const PENDING_BYTES_MAX = 1024 * 1024;

export class LineWriter {
  readonly #sink: Sink;
  readonly #pendingBytesMax: number;
  #lines: string[] = [];
  #pendingBytes = 0;
  #dropped = 0;
  #writing = false;
  #scheduled = false;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(sink: Sink, pendingBytesMax = PENDING_BYTES_MAX) {
    this.#sink = sink;
    this.#pendingBytesMax = pendingBytesMax;
  }

  /** Queues a line, without its end. Never waits, never throws. */
  line(text: string): void {
    if (this.#closed) return;
    if (this.#pendingBytes + text.length > this.#pendingBytesMax) {
      this.#dropped += 1;
      return;
    }
    this.#lines.push(text);
    this.#pendingBytes += text.length;
    if (this.#writing || this.#scheduled) return;
    // One write for all lines of a turn of the event loop.
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#writing) this.#flush();
    });
  }

  /** Resolves when everything queued so far has been written, or cannot be. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.#writing && !this.#scheduled && this.#lines.length === 0) resolve();
      else this.#idle.push(resolve);
    });
  }

  #flush(): void {
    if (this.#dropped > 0) {
      this.#lines.push(`(${this.#dropped} log lines dropped: the log is read too slowly)`);
      this.#dropped = 0;
    }
    if (this.#lines.length === 0 || this.#closed) {
      for (const resolve of this.#idle.splice(0)) resolve();
      return;
    }
    const bytes = new TextEncoder().encode(`${this.#lines.join('\n')}\n`);
    this.#lines = [];
    this.#writing = true;
    this.#send(bytes);
  }

  #send(bytes: Uint8Array): void {
    this.#sink(bytes, (written) => {
      if (written instanceof Error) {
        // The reader has gone (a closed pipe): nobody is left to tell.
        this.#closed = true;
        this.#lines = [];
      } else if (written < bytes.length) {
        this.#send(bytes.subarray(written));
        return;
      }
      this.#writing = false;
      this.#pendingBytes = 0;
      for (const line of this.#lines) this.#pendingBytes += line.length;
      this.#flush();
    });
  }
}
