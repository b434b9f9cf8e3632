/**
 * Pages in memory, bounded by bytes; what was used longest ago goes first. A page stays only as
 * long as its file is the one that was read: who takes it out looks each time.
 */

import { assert } from '../../base/assert.ts';
import { emptyBytes } from '../../base/bytes.ts';
import type { FileMark } from '../../model/file-identity.ts';
import { fileMark, isSettled } from '../../model/file-identity.ts';
import type { FileWatch, WatchFile } from '../../model/file-watch.ts';
import type { PageState } from '../../model/operation.ts';
import type { ResourceKey } from '../../model/resource-key.ts';

/** What a page costs beside its bytes: its record, its watch, its places in tables. */
export const pageRecordBytes = 1_024;

/** A reading of a page that is to go into the cache; made before the page is read. */
export interface Fill {
  readonly key: ResourceKey;
  /** The wall clock before the page was read. */
  readonly beganMs: number;
  /** An edit of the page came between: what was read may be older than that. */
  isStale: boolean;
}

/** A page as it was read. */
export interface ReadPage {
  readonly state: PageState;
  readonly bytes: Uint8Array;
  /** What its file was, before and after it was read. */
  readonly file: FileMark;
}

export class PageCache {
  readonly #bytesMax: number;
  readonly #watchFile: WatchFile;
  /** Least recently used first. */
  readonly #pages = new Map<ResourceKey, CachedPage>();
  readonly #fills = new Map<ResourceKey, Set<Fill>>();
  #bytes = 0;

  constructor(bytesMax: number, watchFile: WatchFile) {
    this.#bytesMax = bytesMax;
    this.#watchFile = watchFile;
  }

  /** Bytes that are held, records included. */
  get bytes(): number {
    return this.#bytes;
  }

  /** How many pages it has. */
  get size(): number {
    return this.#pages.size;
  }

  /** The page, if it is here and its file is still the one that was read. */
  take(key: ResourceKey): CachedPage | undefined {
    const page = this.#pages.get(key);
    if (page === undefined || !page.isCurrent()) return undefined;
    page.touch();
    return page;
  }

  /** To be called before a page is read that is to be kept, and ended with `endFill`. */
  beginFill(key: ResourceKey, nowMs: number): Fill {
    const fill: Fill = { key, beganMs: nowMs, isStale: false };
    const fills = this.#fills.get(key);
    if (fills === undefined) this.#fills.set(key, new Set([fill]));
    else fills.add(fill);
    return fill;
  }

  /**
   * Keeps the page that was read, where that is sure to be what a reader would find now, and where
   * every later change is sure to be seen; returns it then.
   *
   * @param page absent when there was none
   */
  endFill(fill: Fill, page?: ReadPage): CachedPage | undefined {
    const fills = this.#fills.get(fill.key);
    assert(fills?.delete(fill) === true, 'a fill was ended twice');
    if (fills.size === 0) this.#fills.delete(fill.key);
    if (page === undefined || fill.isStale) return undefined;
    const watch = this.#watchFile(fill.key);
    if (watch === undefined || fileMark(watch.identity) !== page.file) return undefined;
    if (!isSettled(watch.identity, fill.beganMs)) return undefined;
    return this.#keep(fill.key, page, watch);
  }

  /** The page was, or may have been, edited: it goes, and so does what was read before now. */
  forget(key: ResourceKey): void {
    for (const fill of this.#fills.get(key) ?? []) fill.isStale = true;
    const page = this.#pages.get(key);
    if (page !== undefined) this.drop(page);
  }

  #keep(key: ResourceKey, { state, bytes }: ReadPage, watch: FileWatch): CachedPage | undefined {
    const old = this.#pages.get(key);
    if (old !== undefined) this.drop(old);
    if (bytes.length + pageRecordBytes > this.#bytesMax) return undefined;
    const page = new CachedPage(key, state, bytes, watch, this);
    this.#pages.set(key, page);
    this.#bytes += page.cost;
    this.#shrink(page);
    return page;
  }

  /** It was used, and goes later than others. */
  touch(page: CachedPage): void {
    if (!page.isKept) return;
    this.#pages.delete(page.key);
    this.#pages.set(page.key, page);
  }

  /** Makes room for bytes that a page costs from now on; false when there can be none. */
  grow(page: CachedPage, bytes: number): boolean {
    if (!page.isKept || page.cost + bytes > this.#bytesMax) return false;
    this.#bytes += bytes;
    this.#shrink(page);
    return true;
  }

  drop(page: CachedPage): void {
    if (!page.isKept) return;
    this.#pages.delete(page.key);
    this.#bytes -= page.cost;
    page.letGo();
  }

  /** Drops others until all fits. */
  #shrink(spared: CachedPage): void {
    for (const page of this.#pages.values()) {
      if (this.#bytes <= this.#bytesMax) return;
      if (page !== spared) this.drop(page);
    }
    assert(this.#bytes <= this.#bytesMax, 'one page fills more than the cache');
  }
}

/** One version of a page. */
export class CachedPage {
  #isKept = true;
  #bytes: Uint8Array;
  #tellGone: (() => void) | undefined;
  #extraBytes = 0;
  readonly #watch: FileWatch;
  readonly #cache: PageCache;

  constructor(
    readonly key: ResourceKey,
    readonly state: PageState,
    bytes: Uint8Array,
    watch: FileWatch,
    cache: PageCache,
  ) {
    this.#bytes = bytes;
    this.#watch = watch;
    this.#cache = cache;
  }

  /** Whether it is in the cache. */
  get isKept(): boolean {
    return this.#isKept;
  }

  /** Its content, which nobody may change; empty when it is not in the cache any more. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Bytes that it costs the cache. */
  get cost(): number {
    return this.#bytes.length + this.#extraBytes + pageRecordBytes;
  }

  /** Whether a reader who comes now finds this version. Looks at the file. */
  isCurrent(): boolean {
    if (!this.#isKept) return false;
    if (this.#watch.holds()) return true;
    this.#cache.drop(this);
    return false;
  }

  /** It was used: it goes later than others. */
  touch(): void {
    this.#cache.touch(this);
  }

  /** Books bytes that are made of it and kept with it; false when there is no room for them. */
  book(bytes: number): boolean {
    if (!this.#cache.grow(this, bytes)) return false;
    this.#extraBytes += bytes;
    return true;
  }

  /** Has `tell` called when it leaves the cache; one caller may ask for that. */
  whenGone(tell: () => void): void {
    this.#tellGone = tell;
  }

  /** It leaves the cache. Whoever remembers it for longer must not hold its bytes. */
  letGo(): void {
    this.#isKept = false;
    this.#bytes = emptyBytes;
    this.#tellGone?.();
  }

  /** Has the same content at another place, so that it is not kept twice. */
  moveTo(bytes: Uint8Array): void {
    assert(bytes.length === this.#bytes.length, 'a content of another length');
    this.#bytes = bytes;
  }
}
