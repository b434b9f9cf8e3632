/**
 * Replies whose bytes are made once and sent again and again, head and content in one piece: two
 * writes cost twice as much as one. Only the date in them changes, once a second.
 */

import { concatBytes, emptyBytes, equalBytes } from '../base/bytes.ts';
import type { CachedPage } from '../dispatch/cache/page-cache.ts';
import type { KeepInKernel, KernelContent } from './kernel-content.ts';
import { type DateStamp, dateOffset } from './reply.ts';

/** A part of a page, or its whole once more under another head, is not kept above this. */
const COPY_BYTES_MAX = 64 * 1024;

/**
 * Contents of these sizes are kept by the kernel too: for less, a copy costs no more than a call;
 * of more, what the copy is made into is warm again before it is full.
 */
const KERNEL_BYTES_MIN = 12 * 1024;
const KERNEL_BYTES_MAX = 128 * 1024;

/** Of one page: as a whole, its 304, its HEAD, a few ranges, for older clients. */
const REPLIES_MAX = 16;

/** What a reply costs beside its bytes. */
const REPLY_RECORD_BYTES = 256;

export class ReadyReply {
  /** How many of its bytes are the head. */
  readonly headBytes: number;
  #bytes: Uint8Array;
  readonly #dateAt: number;
  #second: number;
  #kernelContent: KernelContent | undefined;
  /** Not asked yet. */
  #keep: (() => KernelContent | undefined) | undefined;

  /** @param keep has its content kept by the kernel; absent where that is not worth it */
  constructor(
    bytes: Uint8Array,
    headBytes: number,
    dateAt: number,
    second: number,
    keep?: () => KernelContent | undefined,
  ) {
    this.#bytes = bytes;
    this.headBytes = headBytes;
    this.#dateAt = dateAt;
    this.#second = second;
    this.#keep = keep;
  }

  /** Never to be kept beyond the present call: the date in it changes. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /**
   * Its content as the kernel has it, from the first time that this is asked: many a reply is made
   * and never given again.
   */
  get kernelContent(): KernelContent | undefined {
    if (this.#keep !== undefined) {
      this.#kernelContent = this.#keep();
      this.#keep = undefined;
    }
    return this.#kernelContent;
  }

  /** Its page is gone: who remembers it holds no bytes any more. */
  letGo(): void {
    this.#bytes = emptyBytes;
    this.#keep = undefined;
    this.#kernelContent?.letGo();
    this.#kernelContent = undefined;
  }

  /** Dates it. */
  redate(date: DateStamp): void {
    if (date.second === this.#second) return;
    this.#second = date.second;
    this.bytes.set(date.bytes, this.#dateAt);
  }

  /** Whether its head is this one but for the date, and its content as long. */
  isLike(head: Uint8Array, dateAt: number, dateEnd: number, contentBytes: number): boolean {
    return (
      this.bytes.length === head.length + contentBytes &&
      this.headBytes === head.length &&
      equalBytes(this.bytes.subarray(0, dateAt), head.subarray(0, dateAt)) &&
      equalBytes(this.bytes.subarray(dateEnd, head.length), head.subarray(dateEnd))
    );
  }
}

/**
 * What is left of a reply behind `taken` bytes, to be kept: a head of its own, and the content.
 *
 * @param headBytes how many of `bytes` are the head
 */
export function restOfReply(bytes: Uint8Array, headBytes: number, taken: number): Uint8Array[] {
  if (taken >= headBytes) return [bytes.subarray(taken)];
  return [bytes.slice(taken, headBytes), bytes.subarray(headBytes)];
}

/** The replies that were made of pages; they live as long as these, and in the cache's bounds. */
export class ReadyReplies {
  readonly #replies = new WeakMap<CachedPage, ReadyReply[]>();
  readonly #keepInKernel: KeepInKernel | undefined;

  /** @param keepInKernel absent where the kernel keeps nothing */
  constructor(keepInKernel?: KeepInKernel) {
    this.#keepInKernel = keepInKernel;
  }

  /**
   * The reply of this head and content; `undefined` when it is not worth its room, or has none.
   *
   * @param head dated with `date`
   * @param content all of the page, a part of it, or nothing
   */
  of(
    page: CachedPage,
    status: number,
    head: Uint8Array,
    content: Uint8Array,
    date: DateStamp,
  ): ReadyReply | undefined {
    const dateAt = dateOffset(status);
    const dateEnd = dateAt + date.bytes.length;
    const known = this.#replies.get(page) ?? [];
    const same = known.find((reply) => reply.isLike(head, dateAt, dateEnd, content.length));
    if (same !== undefined) return same;
    // The page moves into the first reply that holds all of it, and so is not kept twice.
    const moves = content === page.bytes && content.buffer.byteLength === content.byteLength;
    if (known.length >= REPLIES_MAX || (!moves && content.length > COPY_BYTES_MAX))
      return undefined;
    const copied = moves ? 0 : content.length;
    if (!page.book(head.length + copied + REPLY_RECORD_BYTES)) return undefined;
    const bytes = concatBytes([head, content]);
    if (moves) page.moveTo(bytes.subarray(head.length));
    const keep = this.#keeper(page, bytes.subarray(head.length));
    const reply = new ReadyReply(bytes, head.length, dateAt, date.second, keep);
    this.#replies.set(page, [...known, reply]);
    page.whenGone(() => this.#letGo(page));
    return reply;
  }

  #keeper(page: CachedPage, content: Uint8Array): (() => KernelContent | undefined) | undefined {
    const keep = this.#keepInKernel;
    if (keep === undefined || content.length < KERNEL_BYTES_MIN) return undefined;
    if (content.length > KERNEL_BYTES_MAX) return undefined;
    return () => (page.book(content.length) ? keep(content) : undefined);
  }

  /** Connections remember plans, and so pages, for longer than the cache has room for them. */
  #letGo(page: CachedPage): void {
    for (const reply of this.#replies.get(page) ?? []) reply.letGo();
    this.#replies.delete(page);
  }
}
