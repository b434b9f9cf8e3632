/**
 * Contents in memory of the kernel's own (a file without a name, `memfd_create`), sent from there
 * to sockets by `sendfile`. A write copies into pages that the kernel has to find first, and that
 * are cold; here the connection is given the pages that hold the content already.
 *
 * What is on its way to a client is these very pages, so they never change: nothing is written over
 * a content. When it goes a hole is punched, which takes whole pages out of the file; they live on
 * until the last client has them, and what comes into the place next gets others.
 */

import { dlopen, type Pointer } from 'bun:ffi';
import { closeSync, writeSync } from 'node:fs';
import { linuxLibrary, NativeMemory } from './c-library.ts';
import { moreFollows, sendNow } from './linux-abi.ts';

/**
 * Each content has so much of the file, which is sparse, for itself. A hole that ended in a page
 * would be filled with zeros, under the eyes of whoever is sent that page; so no two contents share
 * one, however large: this is that of most processors' large pages.
 */
const placeBytes = 2 * 1024 ** 2;

/** A longer head is sent another way. */
const headBytesMax = 4_096;

/** `MFD_CLOEXEC` of linux/memfd.h. */
const closeOnExec = 0x01;
/** `FALLOC_FL_KEEP_SIZE` and `FALLOC_FL_PUNCH_HOLE` of linux/falloc.h. */
const punchHole = 0x01 | 0x02;

interface Calls {
  memfd_create(name: Pointer, flags: number): number;
  send(socket: number, bytes: Pointer, count: number, flags: number): number;
  sendfile(socket: number, file: number, offset: Pointer, count: number): number;
  fallocate(file: number, mode: number, offset: number, bytes: number): number;
}

/** `undefined` where the C library lacks one of them. */
function takeCalls(): Calls | undefined {
  return linuxLibrary(
    (name) =>
      dlopen(name, {
        memfd_create: { args: ['ptr', 'u32'], returns: 'i32' },
        // What these two return fits: a head or a content is no longer than that.
        send: { args: ['i32', 'ptr', 'usize', 'i32'], returns: 'i32' },
        sendfile: { args: ['i32', 'i32', 'ptr', 'usize'], returns: 'i32' },
        fallocate: { args: ['i32', 'i32', 'i64', 'i64'], returns: 'i32' },
      }).symbols,
  );
}

/** `undefined` where the system has nothing like it, or does not allow it. */
export function openKernelMemory(): KernelMemory | undefined {
  return KernelMemory.open();
}

export class KernelMemory {
  readonly #calls: Calls;
  readonly #file: number;
  readonly #head = new NativeMemory(headBytesMax);
  readonly #offset = new NativeMemory(8);
  readonly #offsetWords = this.#offset.words();
  /** Where places begin that were used and are holes again. */
  readonly #free: number[] = [];
  /** Where the next place begins that was never used. */
  #end = 0;
  #isOpen = true;

  private constructor(calls: Calls, file: number) {
    this.#calls = calls;
    this.#file = file;
  }

  /** See {@link openKernelMemory}. */
  static open(): KernelMemory | undefined {
    const calls = takeCalls();
    if (calls === undefined) return undefined;
    const name = new NativeMemory(16);
    name.bytes.set(new TextEncoder().encode('inkwire'));
    const file = calls.memfd_create(name.pointer, closeOnExec);
    if (file < 0) return undefined;
    if (calls.fallocate(file, punchHole, 0, placeBytes) === 0) return new KernelMemory(calls, file);
    closeSync(file);
    return undefined;
  }

  /** Places that were ever used. */
  get places(): number {
    return this.#end / placeBytes;
  }

  /** Copies `content` there; `undefined` when there is no room for it. */
  keep(content: Uint8Array): KeptContent | undefined {
    if (!this.#isOpen || content.length > placeBytes) return undefined;
    const start = this.#takePlace();
    const bytes = content.length;
    try {
      for (let done = 0; done < bytes; ) {
        done += writeSync(this.#file, content, done, bytes - done, start + done);
      }
    } catch {
      // Whatever it is, the content still lies where it came from.
      this.#letGo(start);
      return undefined;
    }
    let isKept = true;
    return {
      send: (socket, head) => (isKept ? this.#send(socket, head, start, bytes) : 0),
      letGo: () => {
        if (isKept) this.#letGo(start);
        isKept = false;
      },
    };
  }

  /** Gives all back, once nobody sends any more. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#file);
  }

  #send(socket: number, head: Uint8Array, start: number, bytes: number): number {
    if (!this.#isOpen || socket < 0 || head.length > headBytesMax) return 0;
    this.#head.bytes.set(head);
    // The head waits for the content, so that both leave in one packet.
    const sent = this.#calls.send(socket, this.#head.pointer, head.length, sendNow | moreFollows);
    if (sent < head.length) return Math.max(0, sent);
    this.#offsetWords[0] = BigInt(start);
    const more = this.#calls.sendfile(socket, this.#file, this.#offset.pointer, bytes);
    return sent + Math.max(0, more);
  }

  #takePlace(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    this.#end += placeBytes;
    return this.#end - placeBytes;
  }

  #letGo(start: number): void {
    if (!this.#isOpen) return;
    // A place that is no hole is never used again.
    if (this.#calls.fallocate(this.#file, punchHole, start, placeBytes) === 0) {
      this.#free.push(start);
    }
  }
}

/** What `server/kernel-content.ts` asks for. */
interface KeptContent {
  send(socket: number, head: Uint8Array): number;
  letGo(): void;
}
