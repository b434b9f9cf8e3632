/**
 * The calls by which the main thread reads a page without waiting, as plain as they can be: they
 * run for each request. They do not throw; what fails here is tried again by a store worker.
 */

import { dlopen } from 'bun:ffi';
import { closeSync, constants, openSync, statfsSync } from 'node:fs';
import { statxBytes } from './statx-status.ts';
import {
  firstLibrary,
  lastErrno,
  NativeMemory,
  openat2Number,
  preadv2Number,
  resolveBeneath,
  resolveNoMagicLinks,
  resolveNoOtherMount,
  resolveNoSymbolicLinks,
} from './system-calls.ts';

/** `RESOLVE_CACHED` of linux/openat2.h: only by names that the kernel has in memory. */
const resolveCached = 0x20;
/** `RWF_NOWAIT` of linux/fs.h. */
const noWaitFlag = 0x08;
/** `AT_EMPTY_PATH` of fcntl.h, and `STATX_BASIC_STATS`. */
const emptyPathFlag = 0x1000;
const basicStatusMask = 0x7ff;

/** Linux's PATH_MAX. */
const pathBytesMax = 4096;
const howBytes = 24;
const vectorBytes = 16;

const readFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * File systems of a local disk (linux/magic.h: ext4, XFS, Btrfs, F2FS). To open a file there whose
 * name is in memory asks nobody; a file system over a network, or of a program's own, may have to.
 */
const localFileSystems: ReadonlySet<number> = new Set([0xef53, 0x58465342, 0x9123683e, 0xf2f52010]);

const encoder = new TextEncoder();

function takeSymbols() {
  const readNumber = preadv2Number;
  if (process.platform !== 'linux' || readNumber === undefined) return undefined;
  return firstLibrary((name) => ({
    ...dlopen(name, {
      close: { args: ['i32'], returns: 'i32' },
      statx: { args: ['i32', 'ptr', 'i32', 'u32', 'ptr'], returns: 'i32' },
    }).symbols,
    // One function under two signatures.
    open: dlopen(name, {
      syscall: { args: ['i64', 'i64', 'ptr', 'ptr', 'i64'], returns: 'i32' },
    }).symbols.syscall,
    read: dlopen(name, {
      syscall: { args: ['i64', 'i64', 'ptr', 'i64', 'i64', 'i64', 'i64'], returns: 'i32' },
    }).symbols.syscall,
    readNumber,
  }));
}

type Symbols = NonNullable<ReturnType<typeof takeSymbols>>;

export class InstantCalls {
  readonly #root: number;
  readonly #symbols: Symbols;
  readonly #path = new NativeMemory(pathBytesMax);
  readonly #noPath = new NativeMemory(1);
  readonly #how = new NativeMemory(howBytes);
  readonly #vector = new NativeMemory(vectorBytes);
  readonly #content: NativeMemory;
  readonly #status = new NativeMemory(statxBytes);
  /** What `look` saw last. */
  readonly status: DataView;

  private constructor(root: number, symbols: Symbols, readBytesMax: number) {
    this.#root = root;
    this.#symbols = symbols;
    this.#content = new NativeMemory(readBytesMax);
    this.status = this.#status.view();
    const resolve =
      resolveBeneath |
      resolveNoMagicLinks |
      resolveNoSymbolicLinks |
      resolveNoOtherMount |
      resolveCached;
    this.#how.words().set([BigInt(readFlags), 0n, BigInt(resolve)]);
    this.#vector.words().set([BigInt(this.#content.pointer), BigInt(readBytesMax)]);
  }

  /**
   * Opens the served folder; `undefined` where nothing can be read without waiting. Throws what
   * `node:fs` throws where there is no such folder.
   *
   * @param root its absolute path
   * @param readBytesMax the most that `read` reads
   */
  static open(root: string, readBytesMax: number): InstantCalls | undefined {
    const symbols = takeSymbols();
    if (symbols === undefined || !localFileSystems.has(statfsSync(root).type)) return undefined;
    const folder = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
    const calls = new InstantCalls(folder, symbols, readBytesMax);
    // An older kernel does not know the flag, and a sandbox may forbid the call.
    const probe = calls.open('.');
    if (probe >= 0) {
      calls.shut(probe);
      return calls;
    }
    closeSync(folder);
    return undefined;
  }

  /** What `read` has read, at its front. */
  get content(): Uint8Array {
    return this.#content.bytes;
  }

  /** Opens a file beneath the root, through no link, and no mount but the root's own; or -1. */
  open(path: string): number {
    const { bytes, pointer } = this.#path;
    const { read: taken, written } = encoder.encodeInto(path, bytes);
    if (taken < path.length || written >= pathBytesMax) return -1;
    bytes[written] = 0;
    return this.#symbols.open(openat2Number, this.#root, pointer, this.#how.pointer, howBytes);
  }

  /** Reads from the beginning what lies in memory, and returns how many bytes that is; or -1. */
  read(descriptor: number): number {
    const { read, readNumber } = this.#symbols;
    return read(readNumber, descriptor, this.#vector.pointer, 1, 0, 0, noWaitFlag);
  }

  /** Why `read` failed, if nothing was called since. */
  errno(): string {
    return lastErrno();
  }

  /** Looks at an open file; true when `status` tells of it. */
  look(descriptor: number): boolean {
    const path = this.#noPath.pointer;
    const { pointer } = this.#status;
    return this.#symbols.statx(descriptor, path, emptyPathFlag, basicStatusMask, pointer) === 0;
  }

  shut(descriptor: number): void {
    this.#symbols.close(descriptor);
  }

  /** Closes the served folder. */
  close(): void {
    closeSync(this.#root);
  }
}
