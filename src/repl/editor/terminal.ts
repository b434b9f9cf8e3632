/**
 * The terminal as the editor sees it: keys in, text out, a size. It is raw for the whole session,
 * so that Ctrl-C is a key that stops a request and not a signal that ends the program.
 */

import type { ReadStream, WriteStream } from 'node:tty';
import { assert } from '../../base/assert.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import { BoundedFifo } from '../../base/fifo.ts';
import { type Key, KeyDecoder } from './keys.ts';

/**
 * Keys that are typed or pasted ahead while something runs: more than any paste. Reading stops at
 * the half, for a key that was dropped would join two lines to one that nobody wrote; the other
 * half is room for the read that was under way.
 */
const keysAheadMax = 1_048_576;
const keysAheadPaused = keysAheadMax / 2;
/** An Escape with nothing behind it for so long is the key: sequences come in one piece. */
const escapeWaitMs = 50;

const bracketedPasteOn = '\x1b[?2004h';
const bracketedPasteOff = '\x1b[?2004l';
const bell = '\x07';

/** What the editor waits for: a key, a new size, or the end of the terminal. */
export type TerminalEvent = Key | { readonly kind: 'resize' } | { readonly kind: 'hang-up' };

export class Terminal {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #clock: Clock;
  readonly #decoder = new KeyDecoder();
  readonly #text = new TextDecoder();
  readonly #ahead = new BoundedFifo<TerminalEvent>(keysAheadMax);
  #waiting: ((event: TerminalEvent) => void) | undefined;
  #escapeTimer: Timer | undefined;
  #onInterrupt: (() => void) | undefined;
  /** No key comes any more. */
  #ended = false;
  #closed = false;
  #paused = false;

  constructor(input: ReadStream, output: WriteStream, clock: Clock) {
    this.#input = input;
    this.#output = output;
    this.#clock = clock;
    input.on('data', this.#take);
    input.on('end', this.hangUp);
    input.on('error', this.hangUp);
    output.on('error', this.hangUp);
    output.on('resize', this.#resized);
    this.#enter();
  }

  get columns(): number {
    // Some terminals say 0 before their first size is known.
    return this.#output.columns > 0 ? this.#output.columns : 80;
  }

  get rows(): number {
    return this.#output.rows > 0 ? this.#output.rows : 24;
  }

  /** Whether more keys are there already, so that a redraw can wait for them. */
  get hasMore(): boolean {
    return this.#ahead.size > 0;
  }

  write(text: string): void {
    if (!this.#closed) this.#output.write(text);
  }

  ring(): void {
    this.write(bell);
  }

  /** The next event. One caller at a time. */
  next(): Promise<TerminalEvent> {
    const event = this.#ahead.takeFirst();
    if (this.#paused && this.#ahead.size < keysAheadPaused) this.#pause(false);
    if (event !== undefined) return Promise.resolve(event);
    if (this.#ended) return Promise.resolve({ kind: 'hang-up' });
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /**
   * While `task` runs, Ctrl-C calls `onInterrupt` and drops what was typed ahead: whoever stops a
   * line does not want those behind it either.
   */
  async whileRunning<T>(task: Promise<T>, onInterrupt: () => void): Promise<T> {
    this.#onInterrupt = onInterrupt;
    try {
      return await task;
    } finally {
      this.#onInterrupt = undefined;
    }
  }

  /** Gives the terminal back to the shell until the process is continued. */
  suspend(): void {
    this.#leave();
    process.once('SIGCONT', () => {
      this.#enter();
      this.#offer({ kind: 'resize' });
    });
    // The whole group, as the terminal itself would: what started this process must stop as well,
    // or the shell never comes back.
    process.kill(0, 'SIGTSTP');
  }

  /** Leaves raw mode and lets the process end. */
  close(): void {
    this.#escapeTimer?.cancel();
    this.#input.off('data', this.#take);
    this.#output.off('resize', this.#resized);
    this.#leave();
    this.#ended = true;
    this.#closed = true;
    this.#input.unref();
  }

  /**
   * The terminal is gone, or the process was told to end: what runs is stopped, and no key comes.
   */
  readonly hangUp = (): void => {
    if (this.#ended) return;
    this.#ended = true;
    this.#ahead.takeAll();
    this.#onInterrupt?.();
    this.#offer({ kind: 'hang-up' });
  };

  readonly #take = (chunk: Buffer | string): void => {
    const text = typeof chunk === 'string' ? chunk : this.#text.decode(chunk, { stream: true });
    this.#escapeTimer?.cancel();
    for (const key of this.#decoder.push(text)) this.#offer(key);
    if (!this.#decoder.undecided) return;
    this.#escapeTimer = this.#clock.after(escapeWaitMs, () => {
      for (const key of this.#decoder.flush()) this.#offer(key);
    });
  };

  readonly #resized = (): void => this.#offer({ kind: 'resize' });

  #offer(event: TerminalEvent): void {
    if (event.kind === 'interrupt' && this.#onInterrupt !== undefined) {
      this.#ahead.takeAll();
      if (this.#paused) this.#pause(false);
      this.#onInterrupt();
      return;
    }
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      waiting(event);
      return;
    }
    assert(this.#ahead.tryPush(event), 'more keys ahead than were read');
    if (!this.#paused && this.#ahead.size >= keysAheadPaused) this.#pause(true);
  }

  #pause(paused: boolean): void {
    this.#paused = paused;
    if (paused) this.#input.pause();
    else this.#input.resume();
  }

  #enter(): void {
    this.#input.setRawMode(true);
    this.#input.resume();
    this.write(bracketedPasteOn);
  }

  #leave(): void {
    this.write(bracketedPasteOff);
    this.#input.pause();
    try {
      this.#input.setRawMode(false);
    } catch {
      // The terminal is gone, and its mode with it.
    }
  }
}
