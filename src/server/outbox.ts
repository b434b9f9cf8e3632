/**
 * Bytes on their way to a client. The kernel takes what it has room for; the rest waits here, and
 * nothing is ever cut off by a close that came too early.
 */

import { assert } from '../base/assert.ts';
import { concatBytes, emptyBytes } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import type { KernelContent } from './kernel-content.ts';
import { type ReadyReply, restOfReply } from './ready-reply.ts';

/** Sends what it can and returns how many bytes it took; -1 when the connection is gone. */
export type WriteBytes = (bytes: Uint8Array) => number;

/** Up to this size to wake who waits for a reply takes longer than to write it. */
const SMALL_BYTES_MAX = 4 * 1024;

/** A reply that came ready. */
export type SentReply = Pick<ReadyReply, 'bytes' | 'headBytes'> &
  Partial<Pick<ReadyReply, 'kernelContent'>>;

/**
 * The same for a reply whose content the kernel has already, as much as goes out without a copy; 0
 * where there is no such way, or no room, or no connection any more.
 */
export type SendReply = (content: KernelContent, head: Uint8Array) => number;

/** The same for a reply in the memory for replies. */
export type SendPlaced = (start: number, end: number) => number;

/** Pieces are joined up to this size: one system call costs more than the copy. */
const GATHER_BYTES_MAX = 64 * 1024;

/**
 * Where ready replies are put together that go out at once. All outboxes share it: what is in it is
 * sent, or copied out of it, before the call ends in which it came there.
 */
const gathered = new Uint8Array(GATHER_BYTES_MAX);
/** Whose bytes are in it. */
let gatherer: Outbox | undefined;

export class Outbox {
  /** A ready reply that came while nothing waited: alone it is sent as it lies. */
  #lone: Uint8Array | undefined;
  /** How many of its bytes are the head. */
  #loneHeadBytes = 0;
  /** What to ask for its content when it is sent, for its page may go until then. */
  #loneReply: SentReply | undefined;
  /** Where a reply stands that lies in the memory for replies, and that memory, while it waits. */
  #placedIn: Uint8Array | undefined;
  #placedStart = 0;
  #placedEnd = 0;
  /** Bytes of later ones in `gathered`. */
  #gatheredBytes = 0;
  #pieces: Uint8Array[] = [];
  #size = 0;
  #sinceMs = 0;
  #progressMs = 0;
  #taken = 0;
  #gone = false;
  /** Somebody holds bytes back that the kernel had no room for. */
  #held = false;
  /** It had none when it was asked last, and nothing has told of room since. */
  #full = false;
  readonly #write: WriteBytes;
  readonly #clock: Clock;
  readonly #sendReply: SendReply | undefined;
  readonly #sendPlaced: SendPlaced | undefined;

  constructor(write: WriteBytes, clock: Clock, sendReply?: SendReply, sendPlaced?: SendPlaced) {
    this.#write = write;
    this.#clock = clock;
    this.#sendReply = sendReply;
    this.#sendPlaced = sendPlaced;
  }

  /** Bytes that wait here. */
  get size(): number {
    return this.#size;
  }

  /**
   * Since when bytes have been waiting without a pause, here or with whom they are passed on for,
   * when the kernel last took some, and how many it took meanwhile; `undefined` when nothing waits.
   * Times are monotonic milliseconds.
   */
  get waiting(): { sinceMs: number; progressMs: number; bytes: number } | undefined {
    if (this.#size === 0 && !this.#held) return undefined;
    return { sinceMs: this.#sinceMs, progressMs: this.#progressMs, bytes: this.#taken };
  }

  /** Whether all that waits is one small reply that came ready. */
  get hasSmallReply(): boolean {
    return this.#lone !== undefined && this.#size <= SMALL_BYTES_MAX;
  }

  /**
   * Queues a reply whose bytes may change once this turn of the event loop is over; `flush` must be
   * called before that, and sends it or keeps a copy of what could change. May send what came
   * before it.
   */
  pushReady(reply: SentReply): void {
    if (this.#placedIn !== undefined) this.#keepReady();
    const { bytes, headBytes } = reply;
    const { length } = bytes;
    const readyBytes = this.#lone?.length ?? this.#gatheredBytes;
    if (readyBytes > 0 && readyBytes + length > GATHER_BYTES_MAX) this.flush();
    if (this.#gone) return;
    if (this.#size === 0) {
      this.#lone = bytes;
      this.#loneHeadBytes = headBytes;
      this.#loneReply = reply;
    } else if (this.#pieces.length > 0) {
      this.#pieces.push(...restOfReply(bytes, headBytes, 0));
    } else {
      if (this.#lone !== undefined) this.#gather(this.#lone);
      this.#lone = undefined;
      this.#gather(bytes);
    }
    this.#size += length;
  }

  /**
   * The same with a reply that stands in the memory for replies, from `start` to `end`.
   *
   * @param memory all of it
   */
  pushPlaced(memory: Uint8Array, start: number, end: number): void {
    if (this.#size > 0 || this.#gone) {
      this.push(memory.slice(start, end));
      return;
    }
    this.#placedIn = memory;
    this.#placedStart = start;
    this.#placedEnd = end;
    this.#size = end - start;
  }

  /** Queues `bytes`, which must not change any more; `flush` sends them. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.#gone) return;
    if (this.#size === 0) this.#beginToWait();
    else this.#keepReady();
    this.#pieces.push(bytes);
    this.#size += bytes.length;
  }

  /** Whether it is worth to pass bytes: none wait here, and the kernel may have room. */
  get hasRoom(): boolean {
    return this.#size === 0 && !this.#full;
  }

  /** The kernel may have room again. */
  roomAgain(): void {
    this.#full = false;
  }

  /**
   * Sends of `bytes` what the kernel has room for, keeps nothing of them, and returns how many went
   * out; -1 when the connection is gone. The rest is to be passed again. Nothing may wait here.
   */
  pass(bytes: Uint8Array): number {
    assert(this.#size === 0, 'bytes were passed before those that wait');
    const taken = this.#gone ? -1 : this.#write(bytes);
    if (taken < 0) {
      this.#gone = true;
      this.clear();
    } else if (taken === bytes.length) {
      this.#held = false;
    } else {
      if (!this.#held) this.#beginToWait();
      this.#held = true;
      this.#full = true;
      this.#progress(taken);
    }
    return taken;
  }

  #gather(bytes: Uint8Array): void {
    if (gatherer !== undefined && gatherer !== this) gatherer.#keepReady();
    gatherer = this;
    gathered.set(bytes, this.#gatheredBytes);
    this.#gatheredBytes += bytes.length;
  }

  /** Moves what came ready to the pieces, in memory that does not change. */
  #keepReady(): void {
    const placed = this.#takePlaced();
    if (placed === undefined && this.#lone === undefined && this.#gatheredBytes === 0) return;
    this.#beginToWait();
    const lone = this.#lone;
    if (placed !== undefined) this.#pieces.push(placed);
    else if (lone !== undefined) this.#pieces.push(...restOfReply(lone, this.#loneHeadBytes, 0));
    else this.#pieces.push(gathered.slice(0, this.#gatheredBytes));
    this.#lone = undefined;
    this.#gatheredBytes = 0;
  }

  /** Sends until nothing is left or the kernel takes no more. False when the connection is gone. */
  flush(): boolean {
    if (this.#placedIn !== undefined) this.#flushPlaced();
    else if (this.#lone !== undefined) this.#flushLone(this.#lone);
    else if (this.#gatheredBytes > 0) this.#flushGathered();
    else this.#flushPieces();
    return !this.#gone;
  }

  #flushPlaced(): void {
    const sent = this.#sendPlaced?.(this.#placedStart, this.#placedEnd) ?? 0;
    if (sent === this.#size) {
      this.#placedIn = undefined;
      this.#size = 0;
      return;
    }
    this.#placedStart += sent;
    const rest = this.#takePlaced() ?? emptyBytes;
    // The socket is to hear of what is left, as below.
    const taken = this.#write(rest);
    this.#account(taken < 0 ? taken : sent + taken);
    if (this.#size > 0) this.#pieces.push(rest.subarray(taken));
  }

  /** A copy of what is left of the reply in the memory for replies. */
  #takePlaced(): Uint8Array | undefined {
    const placed = this.#placedIn?.slice(this.#placedStart, this.#placedEnd);
    this.#placedIn = undefined;
    return placed;
  }

  #flushLone(lone: Uint8Array): void {
    this.#lone = undefined;
    const sent = this.#sendContent(lone);
    // The socket is to hear of what is left: it tells of room only after a write of its own.
    const rest = sent === 0 ? lone : lone.subarray(sent);
    const taken = rest.length > 0 ? this.#write(rest) : 0;
    this.#account(taken < 0 ? taken : sent + taken);
    if (this.#size === 0) return;
    this.#pieces.push(...restOfReply(lone, this.#loneHeadBytes, sent + taken));
  }

  /** Sends what can be sent without a copy. */
  #sendContent(lone: Uint8Array): number {
    const content = this.#loneReply?.kernelContent;
    this.#loneReply = undefined;
    if (this.#sendReply === undefined || content === undefined) return 0;
    return this.#sendReply(content, lone.subarray(0, this.#loneHeadBytes));
  }

  #flushGathered(): void {
    const end = this.#gatheredBytes;
    this.#gatheredBytes = 0;
    const taken = this.#account(this.#write(gathered.subarray(0, end)));
    if (this.#size > 0) this.#pieces.push(gathered.slice(taken, end));
  }

  /**
   * Of what came ready, behind which nothing waits, so many bytes were taken, -1 when the
   * connection is gone; returns how many.
   */
  #account(taken: number): number {
    if (taken < 0) {
      this.#gone = true;
      this.clear();
      return 0;
    }
    this.#size -= taken;
    if (this.#size > 0) {
      this.#beginToWait();
      this.#taken = taken;
    }
    return taken;
  }

  #flushPieces(): void {
    while (this.#size > 0 && !this.#gone) {
      const piece = this.#takePieces();
      const taken = this.#write(piece);
      if (taken < 0) {
        this.#gone = true;
        this.clear();
        break;
      }
      this.#progress(taken);
      this.#size -= taken;
      if (taken < piece.length) {
        this.#pieces.unshift(piece.subarray(taken));
        break;
      }
    }
  }

  /** Drops what waits: nobody will read it. */
  clear(): void {
    this.#placedIn = undefined;
    this.#lone = undefined;
    this.#gatheredBytes = 0;
    this.#pieces = [];
    this.#size = 0;
    this.#held = false;
  }

  #beginToWait(): void {
    this.#sinceMs = this.#clock.monotonicMs();
    this.#progressMs = this.#sinceMs;
    this.#taken = 0;
  }

  #progress(taken: number): void {
    if (taken > 0) this.#progressMs = this.#clock.monotonicMs();
    this.#taken += taken;
  }

  /** Takes the first pieces, joined. */
  #takePieces(): Uint8Array {
    const [first] = this.#pieces;
    let bytes = 0;
    let count = 0;
    for (const piece of this.#pieces) {
      if (count > 0 && bytes + piece.length > GATHER_BYTES_MAX) break;
      bytes += piece.length;
      count += 1;
    }
    const taken = this.#pieces.splice(0, count);
    return count === 1 && first !== undefined ? first : concatBytes(taken);
  }
}
