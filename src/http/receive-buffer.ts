/**
 * Bytes that have arrived and were not consumed yet. A lone read is parsed where it lies; only what
 * is left over is copied, so that a small rest never pins a large read.
 */

import { emptyBytes } from '../base/bytes.ts';

export class ReceiveBuffer {
  /** The storage; what is unread stands in `[start, end)`. */
  bytes: Uint8Array = emptyBytes;
  start = 0;
  end = 0;
  /** Whether `bytes` was made here and may be written to behind `end`. */
  #own = false;

  /** How many bytes are unread. */
  get length(): number {
    return this.end - this.start;
  }

  /** Appends a read. The buffer may keep `chunk` itself, so its owner must not change it. */
  push(chunk: Uint8Array): void {
    if (this.length === 0) {
      this.bytes = chunk;
      this.start = 0;
      this.end = chunk.length;
      this.#own = false;
      return;
    }
    const length = this.length;
    const needed = length + chunk.length;
    if (this.#own && this.end + chunk.length <= this.bytes.length) {
      this.bytes.set(chunk, this.end);
      this.end += chunk.length;
      return;
    }
    // Doubling makes a head that arrives byte by byte cost linear time.
    const grown = new Uint8Array(Math.max(needed * 2, 256));
    grown.set(this.bytes.subarray(this.start, this.end));
    grown.set(chunk, length);
    this.bytes = grown;
    this.start = 0;
    this.end = needed;
    this.#own = true;
  }

  /** Marks the next `count` bytes as read. */
  consume(count: number): void {
    this.start += count;
    if (this.start === this.end) this.clear();
  }

  /** Drops everything. */
  clear(): void {
    this.bytes = emptyBytes;
    this.start = 0;
    this.end = 0;
    this.#own = false;
  }

  /** Copies the unread rest out of a read that was kept as it came, before that read is let go. */
  detach(): void {
    if (this.#own || this.length === 0) return;
    this.bytes = this.bytes.slice(this.start, this.end);
    this.start = 0;
    this.end = this.bytes.length;
    this.#own = true;
  }
}
