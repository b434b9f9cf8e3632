/**
 * Reading a page at once, where that needs no waiting: the seams between store, dispatcher and
 * server.
 */

import type { FileMark } from './file-identity.ts';
import type { PageState } from './operation.ts';
import type { KeyBytes, ResourceKey } from './resource-key.ts';

/** A page as it was read just now. */
export interface InstantPage {
  readonly state: PageState;
  /** The whole content; only until the next reading, so whoever keeps it copies it. */
  readonly bytes: Uint8Array;
  /** What its file was, before and after it was read; to be asked before the next reading. */
  readonly file: FileMark;
}

export interface InstantPages {
  /**
   * The page, as a worker would read it now; `undefined` where only a worker can tell: the page is
   * none, is reached over a link, is large or in the making, or does not lie in memory.
   */
  take(key: ResourceKey): InstantPage | undefined;

  /**
   * The same, its content read into the memory for replies, from `at` on; what is told of it then
   * stands in the memory's `page`. False where only a worker can tell.
   */
  takeAt(key: ResourceKey | KeyBytes, at: number): boolean;
}

/** What is told of the page that was read last. */
export interface PlacedPage {
  /** Bytes of its content. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modifiedMs: number;
  /** Of an HTML page. */
  readonly needsUtf8Label: boolean;
  /** The characters of its entity tag, which is a strong one, without the quotes. */
  readonly tagText: Uint8Array;
}

/** Memory that pages are read into, replies are put together in, and sockets are sent from. */
export interface ReplyMemory {
  readonly bytes: Uint8Array;
  readonly page: PlacedPage;
  /** What `takeAt` may write over, though the page be smaller. */
  readonly readBytesMax: number;

  /**
   * Sends the bytes from `start` to `end`, as far as there is room, and returns how many went out.
   * 0 says nothing about the connection: it may be full, or gone.
   *
   * @param socket its descriptor, which must be the connection's now
   */
  send(socket: number, start: number, end: number): number;
}
