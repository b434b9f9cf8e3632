/**
 * The calls by which the main thread reads a page without waiting, as plain as they can be: they
 * run for each request. They do not throw; what fails here is tried again by a store worker.
 */

import { dlopen } from 'bun:ffi';
import { closeSync, constants, openSync, statfsSync } from 'node:fs';
import type { KeyBytes } from '../model/resource-key.ts';
import { linuxLibrary, NativeMemory } from './c-library.ts';
import {
  basicStatusMask,
  emptyPathFlag,
  howBytes,
  noWaitFlag,
  openat2Number,
  pathBytesMax,
  preadv2Number,
  resolveBeneath,
  resolveCached,
  resolveNoMagicLinks,
  resolveNoOtherMount,
  resolveNoSymbolicLinks,
  sendNow,
  vectorBytes,
} from './linux-abi.ts';
import { statxBytes } from './statx-status.ts';
import { lastErrno } from './system-calls.ts';

const readFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * File systems of a local disk (linux/magic.h: ext4, XFS, Btrfs, F2FS). To open a file there whose
 * name is in memory asks nobody; a file system over a network, or of a program's own, may have to.
 */
const localFileSystems: ReadonlySet<number> = new Set([0xef53, 0x58465342, 0x9123683e, 0xf2f52010]);

/** As `TextEncoder.encodeInto`, but that it makes no object. */
const { utf8Write } = Buffer.prototype;

function takeSymbols() {
  const readNumber = preadv2Number;
  if (readNumber === undefined) return undefined;
  return linuxLibrary((name) => ({
    ...dlopen(name, {
      close: { args: ['i32'], returns: 'i32' },
      // What it returns fits: no reply in this memory is longer.
      send: { args: ['i32', 'ptr', 'usize', 'i32'], returns: 'i32' },
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

/** Returns how many bytes it took; `undefined` where it may be too long. */
function putText(memory: Uint8Array, path: string): number | undefined {
  // A character takes three bytes at most; of a pair, each half counts for one.
  if (path.length * 3 >= pathBytesMax) return undefined;
  return utf8Write.call(memory, path, 0, pathBytesMax);
}

function putBytes(memory: Uint8Array, { bytes, start, end }: KeyBytes): number | undefined {
  const length = end - start;
  if (length >= pathBytesMax) return undefined;
  for (let at = 0; at < length; at += 1) memory[at] = bytes[start + at] ?? 0;
  return length;
}

type Symbols = NonNullable<ReturnType<typeof takeSymbols>>;

export class InstantCalls {
  readonly #root: number;
  readonly #symbols: Symbols;
  readonly #path = new NativeMemory(pathBytesMax);
  readonly #noPath = new NativeMemory(1);
  readonly #how = new NativeMemory(howBytes);
  readonly #vector = new NativeMemory(vectorBytes);
  readonly #vectorView = this.#vector.view();
  readonly #content: NativeMemory;
  readonly #status = new NativeMemory(statxBytes);
  /** What `look` saw last. */
  readonly status: DataView;
  /** The same in words of 32 bits. */
  readonly statusWords: Uint32Array;

  private constructor(root: number, symbols: Symbols, memoryBytes: number, readBytesMax: number) {
    this.#root = root;
    this.#symbols = symbols;
    this.#content = new NativeMemory(memoryBytes);
    this.status = this.#status.view();
    this.statusWords = this.#status.shortWords();
    const resolve =
      resolveBeneath |
      resolveNoMagicLinks |
      resolveNoSymbolicLinks |
      resolveNoOtherMount |
      resolveCached;
    this.#how.words().set([BigInt(readFlags), 0n, BigInt(resolve)]);
    this.#vector.words().set([0n, BigInt(readBytesMax)]);
  }

  /**
   * Opens the served folder; `undefined` where nothing can be read without waiting. Throws what
   * `node:fs` throws where there is no such folder.
   *
   * @param root its absolute path
   * @param memoryBytes of the memory that is read into
   * @param readBytesMax the most that `read` reads
   */
  static open(root: string, memoryBytes: number, readBytesMax: number): InstantCalls | undefined {
    const symbols = takeSymbols();
    if (symbols === undefined || !localFileSystems.has(statfsSync(root).type)) return undefined;
    const folder = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
    const calls = new InstantCalls(folder, symbols, memoryBytes, readBytesMax);
    // An older kernel does not know the flag, and a sandbox may forbid the call.
    const probe = calls.open('.');
    if (probe >= 0) {
      calls.shut(probe);
      return calls;
    }
    closeSync(folder);
    return undefined;
  }

  /** What `read` reads into. */
  get memory(): Uint8Array {
    return this.#content.bytes;
  }

  /** Opens a file beneath the root, through no link, and no mount but the root's own; or -1. */
  open(path: string | KeyBytes): number {
    const { bytes, pointer } = this.#path;
    const length = typeof path === 'string' ? putText(bytes, path) : putBytes(bytes, path);
    if (length === undefined) return -1;
    bytes[length] = 0;
    return this.#symbols.open(openat2Number, this.#root, pointer, this.#how.pointer, howBytes);
  }

  /**
   * Reads from the file's beginning what lies in the kernel's memory, to `at` on in this one, and
   * returns how many bytes that is; or -1.
   */
  read(descriptor: number, at: number): number {
    const { read, readNumber } = this.#symbols;
    // In halves, for a wide integer would be an object; every system that has the call, as Bun
    // runs on it, puts the lower half first.
    const target = this.#content.pointer + at;
    const lower = target >>> 0;
    this.#vectorView.setUint32(0, lower, true);
    this.#vectorView.setUint32(4, (target - lower) / 2 ** 32, true);
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

  /** Sends what stands in the memory, and returns how many bytes went out; or -1. */
  send(socket: number, start: number, end: number): number {
    const from = this.#content.pointerTo(start);
    return this.#symbols.send(socket, from, end - start, sendNow);
  }

  /** Closes the served folder. */
  close(): void {
    closeSync(this.#root);
  }
}
