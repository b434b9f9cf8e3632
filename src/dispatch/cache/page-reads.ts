/**
 * Reads in front of the pool: a page that the cache has is answered at once; for one that it has
 * not, all who ask before a worker has begun share one load, and what comes of it goes into the
 * cache.
 *
 * Who asks while a worker may be reading already waits for the end of that load and then asks anew:
 * the page may have changed between the worker's reading and the question, and must be seen so.
 */

import type { Clock } from '../../base/clock.ts';
import type { InstantPages } from '../../model/instant-page.ts';
import type { ReadResult } from '../../model/operation.ts';
import { type PageQuestion, readInHand } from '../../model/page-reading.ts';
import type { ResourceKey } from '../../model/resource-key.ts';
import type { CachedPage, Fill, PageCache, ReadPage } from './page-cache.ts';

/** Pages of which it is remembered that they cannot be kept: some 100 bytes each. */
const UNFIT_PAGES_MAX = 1_024;

/** For so long; then it is tried again, for a page may have shrunk, or its link may be gone. */
const UNFIT_MS = 5_000;

export interface PageRequest extends PageQuestion {
  readonly key: ResourceKey;
}

/** `page` is there when the answer was made of it, with nobody else's help. */
export type PageDone = (
  result: ReadResult,
  worker: number | undefined,
  page?: CachedPage | undefined,
) => void;

/** A reading by a worker that was asked for. */
export interface Load {
  /** Whether a worker was given it. */
  readonly isBegun: boolean;
}

/** Has a worker read, or reads what lies in memory. */
export interface PageLoader {
  readonly pages?: InstantPages | undefined;
  /** @param pageBytesMax see `ReadOperation`; absent: the request alone is answered */
  load(
    request: PageRequest,
    pageBytesMax: number | undefined,
    takenMs: number,
    done: (result: ReadResult, worker: number | undefined) => void,
  ): Load;
}

/** Somebody who asked. */
interface Reader {
  readonly request: PageRequest;
  readonly done: PageDone;
  /** Monotonic milliseconds. */
  readonly takenMs: number;
}

/** A load under way, and who waits for it. */
interface Wait {
  load: Load | undefined;
  readonly fill: Fill;
  readonly readers: Reader[];
  /** Those who came when it had begun. */
  readonly late: Reader[];
}

export class PageReads {
  readonly #cache: PageCache;
  readonly #loader: PageLoader;
  readonly #clock: Clock;
  readonly #pageBytesMax: number;
  readonly #waits = new Map<ResourceKey, Wait>();
  /** Until when, monotonic milliseconds; oldest first. */
  readonly #unfit = new Map<ResourceKey, number>();

  /** @param pageBytesMax a larger page is not kept */
  constructor(cache: PageCache, loader: PageLoader, clock: Clock, pageBytesMax: number) {
    this.#cache = cache;
    this.#loader = loader;
    this.#clock = clock;
    this.#pageBytesMax = pageBytesMax;
  }

  /** Answers from the cache, before it returns, or has the page loaded. */
  read(request: PageRequest, done: PageDone): void {
    this.#read({ request, done, takenMs: this.#clock.monotonicMs() });
  }

  /** The page was, or may have been, edited. */
  forget(key: ResourceKey): void {
    this.#cache.forget(key);
    this.#unfit.delete(key);
  }

  #read(reader: Reader): void {
    const { request, done, takenMs } = reader;
    const page = this.#cache.take(request.key);
    if (page !== undefined) {
      done(this.#resultOf(request, page), undefined, page);
      return;
    }
    const wait = this.#waits.get(request.key);
    if (wait !== undefined) {
      (wait.load?.isBegun === false ? wait.readers : wait.late).push(reader);
    } else if (this.#isUnfit(request.key)) {
      this.#loader.load(request, undefined, takenMs, done);
    } else if (!this.#loadNow(reader)) {
      this.#load(reader);
    }
  }

  /** Reads the page without a worker, where it can be done at once; false where it cannot. */
  #loadNow({ request, done }: Reader): boolean {
    const { pages } = this.#loader;
    if (pages === undefined) return false;
    const fill = this.#cache.beginFill(request.key, this.#clock.wallMs());
    const found = pages.take(request.key);
    const page = found && { state: found.state, bytes: found.bytes.slice(), file: found.file };
    const kept = this.#cache.endFill(fill, page);
    if (page !== undefined) done(this.#resultOf(request, page), undefined, kept);
    return page !== undefined;
  }

  #load(reader: Reader): void {
    const { request, takenMs } = reader;
    const { key } = request;
    const fill = this.#cache.beginFill(key, this.#clock.wallMs());
    const wait: Wait = { load: undefined, fill, readers: [reader], late: [] };
    this.#waits.set(key, wait);
    wait.load = this.#loader.load(request, this.#pageBytesMax, takenMs, (result, worker) => {
      this.#waits.delete(key);
      this.#end(wait, result, worker);
    });
  }

  #end(wait: Wait, result: ReadResult, worker: number | undefined): void {
    const page = pageIn(result);
    this.#cache.endFill(wait.fill, page);
    const [first, ...others] = wait.readers;
    if (page !== undefined) {
      for (const { request, done } of wait.readers) done(this.#resultOf(request, page), worker);
    } else {
      // There is one, and it did not come whole: it is too large.
      if (result.kind !== 'refused') this.#learnUnfit(wait.fill.key);
      first?.done(result, worker);
      // Whether there is a page at all does not depend on what is asked of it; all else does.
      const isForAll = result.kind === 'refused' && result.code !== 'precondition-failed';
      for (const { request, done, takenMs } of others) {
        if (isForAll) done(result, worker);
        else this.#loader.load(request, undefined, takenMs, done);
      }
    }
    for (const reader of wait.late) this.#read(reader);
  }

  #resultOf(request: PageRequest, { state, bytes }: Pick<ReadPage, 'state' | 'bytes'>): ReadResult {
    return readInHand(request, state, bytes, this.#clock.wallMs());
  }

  #isUnfit(key: ResourceKey): boolean {
    const untilMs = this.#unfit.get(key);
    if (untilMs === undefined) return false;
    if (this.#clock.monotonicMs() < untilMs) return true;
    this.#unfit.delete(key);
    return false;
  }

  #learnUnfit(key: ResourceKey): void {
    this.#unfit.delete(key);
    this.#unfit.set(key, this.#clock.monotonicMs() + UNFIT_MS);
    if (this.#unfit.size <= UNFIT_PAGES_MAX) return;
    for (const oldest of this.#unfit.keys()) {
      this.#unfit.delete(oldest);
      return;
    }
  }
}

/** The whole page, where a worker sent that. */
function pageIn(result: ReadResult): ReadPage | undefined {
  if (result.kind !== 'found' || result.file === undefined) return undefined;
  const { state, content, file } = result;
  return content.kind === 'whole' ? { state, bytes: content.bytes, file } : undefined;
}
