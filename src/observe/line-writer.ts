/**
 * Lines to a terminal, a pipe or a file that may be slow or full: written in the background,
 * bounded, and what is dropped is counted and said, so that the log never slows the server and
 * never lies by silence.
 */

/** Writes `bytes` some time; calls `done` once, with how many were written or what went wrong. */
export type Sink = (bytes: Uint8Array, done: (written: number | Error) => void) => void;

/** What may wait for a slow reader: a few thousand lines. */
const PENDING_BYTES_MAX = 1024 * 1024;

/** The reader has gone, as behind a `head`: nobody is left to tell. */
const readerGone = 'EPIPE';

/** Hears why lines are lost: once, until a write succeeds again. */
export type WriteFailed = (code: string) => void;

export class LineWriter {
  readonly #sink: Sink;
  readonly #pendingBytesMax: number;
  readonly #failed: WriteFailed;
  #lines: string[] = [];
  #pendingBytes = 0;
  /** Lines that found no room. */
  #dropped = 0;
  /** Lines that were lost in a write that failed. */
  #lost = 0;
  #isFailing = false;
  /** Whether what was written last ended within a line. */
  #isTorn = false;
  #writing = false;
  #scheduled = false;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(sink: Sink, pendingBytesMax = PENDING_BYTES_MAX, failed: WriteFailed = () => {}) {
    this.#sink = sink;
    this.#pendingBytesMax = pendingBytesMax;
    this.#failed = failed;
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
    const own = this.#lines;
    const lines = [...this.#lostNote(), ...own, ...this.#droppedNote()];
    if (this.#closed || lines.length === 0) {
      this.#rest();
      return;
    }
    const text = `${this.#isTorn ? '\n' : ''}${lines.join('\n')}\n`;
    this.#lines = [];
    this.#writing = true;
    const missing = { dropped: this.#dropped, lost: this.#lost };
    this.#send(new TextEncoder().encode(text), false, (error, isTorn) => {
      this.#writing = false;
      if (error !== undefined) {
        this.#isTorn ||= isTorn === true;
        this.#fail(error, own.length);
        return;
      }
      this.#isTorn = false;
      this.#isFailing = false;
      // These were said.
      this.#dropped -= missing.dropped;
      this.#lost -= missing.lost;
      this.#pendingBytes = 0;
      for (const line of this.#lines) this.#pendingBytes += line.length;
      this.#flush();
    });
  }

  /** Writes all of `bytes`, or says what went wrong, and whether a part was written. */
  #send(bytes: Uint8Array, isBegun: boolean, done: (error?: Error, isTorn?: boolean) => void) {
    this.#sink(bytes, (written) => {
      if (written instanceof Error) done(written, isBegun);
      else if (written < bytes.length) this.#send(bytes.subarray(written), true, done);
      else done();
    });
  }

  /** @param count lines that were being written */
  #fail(error: Error, count: number): void {
    const code = 'code' in error ? String(error.code) : error.name;
    this.#closed = code === readerGone;
    if (!this.#closed) {
      this.#lost += count + this.#lines.length;
      if (!this.#isFailing) this.#failed(code);
      this.#isFailing = true;
    }
    this.#lines = [];
    this.#pendingBytes = 0;
    // Tried again with the next line: by itself, it would ask a full disk in a loop.
    this.#rest();
  }

  #rest(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #lostNote(): string[] {
    if (this.#lost === 0) return [];
    return [`(${this.#lost} log lines dropped: the log could not be written)`];
  }

  #droppedNote(): string[] {
    if (this.#dropped === 0) return [];
    return [`(${this.#dropped} log lines dropped: the log is read too slowly)`];
  }
}
