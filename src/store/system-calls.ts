/**
 * The file calls that `node:fs` lacks, through the C library: names relative to an open folder, and
 * Linux's `openat2`. Each returns what the kernel returned; -1 is turned into a `FileError`.
 */

import { dlopen, type Pointer, read } from 'bun:ffi';
import { constants as systemConstants } from 'node:os';
import { assert } from '../base/assert.ts';
import { firstLibrary, NativeMemory } from './c-library.ts';
import { FileError } from './errno.ts';
import {
  basicStatusMask,
  emptyPathFlag,
  howBytes,
  noFollowFlag,
  noWaitFlag,
  openat2Number,
  pathBytesMax,
  preadv2Number,
  renameat2Number,
  statxNumber,
  vectorBytes,
} from './linux-abi.ts';
import { statxBytes } from './statx-status.ts';

/** `RENAME_NOREPLACE`, `RENAME_EXCHANGE` of linux/fs.h. */
const linuxRename = { unlessTaken: 1, exchange: 2 };
/** `RENAME_EXCL`, `RENAME_SWAP` of macOS's sys/stdio.h. */
const darwinRename = { unlessTaken: 4, exchange: 2 };

/** A call that signals keep interrupting is tried this often before the error is believed. */
const interruptedTriesMax = 100;

const isLinux = process.platform === 'linux';

/** Whether there is a call that syncs all of a file system. */
export const canSyncFileSystem = isLinux;

/** `LOCK_EX | LOCK_NB` of sys/file.h, the same everywhere. */
const lockNow = 0x02 | 0x04;

/** `AT_REMOVEDIR` of fcntl.h. */
const removeFolderFlag = isLinux ? 0x200 : 0x80;

const symbols = {
  // `openat` is variadic. Without O_CREAT it reads no fourth argument, so none is declared, and the
  // differing convention for variadic arguments on Apple's arm64 never comes into play.
  openat: { args: ['i32', 'ptr', 'i32'], returns: 'i32' },
  readlinkat: { args: ['i32', 'ptr', 'ptr', 'usize'], returns: 'i32' },
  mkdirat: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  renameat: { args: ['i32', 'ptr', 'i32', 'ptr'], returns: 'i32' },
  linkat: { args: ['i32', 'ptr', 'i32', 'ptr', 'i32'], returns: 'i32' },
  unlinkat: { args: ['i32', 'ptr', 'i32'], returns: 'i32' },
  flock: { args: ['i32', 'i32'], returns: 'i32' },
} as const;

const linuxSymbols = {
  syncfs: { args: ['i32'], returns: 'i32' },
  syscall: { args: ['i64', 'i64', 'ptr', 'ptr', 'i64'], returns: 'i32' },
  __errno_location: { args: [], returns: 'ptr' },
} as const;

/** The same function once more, for a library gives each name one signature. */
const linuxRenameSymbols = {
  syscall: { args: ['i64', 'i64', 'ptr', 'i64', 'ptr', 'i64'], returns: 'i32' },
} as const;

const linuxStatusSymbols = {
  syscall: { args: ['i64', 'i64', 'ptr', 'i64', 'i64', 'ptr'], returns: 'i32' },
} as const;

const linuxReadSymbols = {
  syscall: { args: ['i64', 'i64', 'ptr', 'i64', 'i64', 'i64', 'i64'], returns: 'i32' },
} as const;

const darwinSymbols = {
  __error: { args: [], returns: 'ptr' },
  renameatx_np: { args: ['i32', 'ptr', 'i32', 'ptr', 'u32'], returns: 'i32' },
} as const;

const errnoNames = new Map<number, string>(
  Object.entries(systemConstants.errno).map(([name, number]) => [number, name]),
);
// Linux has one number under two names; the table in `errno.ts` knows them by these.
errnoNames.set(systemConstants.errno.EAGAIN, 'EAGAIN');
errnoNames.set(systemConstants.errno.EOPNOTSUPP, 'EOPNOTSUPP');

const library = firstLibrary((name) => dlopen(name, symbols)).symbols;
const linux = isLinux ? firstLibrary((name) => dlopen(name, linuxSymbols)).symbols : undefined;
const linuxRenaming = isLinux
  ? firstLibrary((name) => dlopen(name, linuxRenameSymbols)).symbols
  : undefined;
const linuxStatus = isLinux
  ? firstLibrary((name) => dlopen(name, linuxStatusSymbols)).symbols
  : undefined;
const linuxReading = isLinux
  ? firstLibrary((name) => dlopen(name, linuxReadSymbols)).symbols
  : undefined;
const darwin = isLinux ? undefined : firstLibrary((name) => dlopen(name, darwinSymbols)).symbols;

/** Why the last call of this thread failed. */
export function lastErrno(): string {
  const at = linux !== undefined ? linux.__errno_location() : (darwin?.__error() ?? null);
  return at === null ? 'EIO' : (errnoNames.get(read.i32(at, 0)) ?? 'EIO');
}

const encoder = new TextEncoder();

export class SystemCalls {
  readonly #name = new NativeMemory(pathBytesMax);
  readonly #secondName = new NativeMemory(pathBytesMax);
  /** The C string of no characters. */
  readonly #nothing = new NativeMemory(1);
  readonly #how = new NativeMemory(howBytes);
  readonly #howWords = this.#how.words();
  readonly #vector = new NativeMemory(vectorBytes);
  readonly #vectorWords = this.#vector.words();
  readonly #status = new NativeMemory(statxBytes);
  readonly #statusView = this.#status.view();

  openat(folder: number, name: string, flags: number): number {
    const path = this.#put(this.#name, name, 'openat');
    return this.#check('openat', () => library.openat(folder, path, flags));
  }

  openat2(folder: number, path: string, flags: number, resolve: number): number {
    if (linux === undefined) throw new FileError('ENOSYS', 'openat2');
    const { syscall } = linux;
    const at = this.#put(this.#name, path, 'openat2');
    this.#howWords[0] = BigInt(flags);
    this.#howWords[1] = 0n;
    this.#howWords[2] = BigInt(resolve);
    const how = this.#how.pointer;
    return this.#check('openat2', () => syscall(openat2Number, folder, at, how, howBytes));
  }

  /**
   * What a name stands for, as Linux's `struct statx`, which is the same on every architecture; to
   * be read before the next call. Throws `ENOSYS` where there is no such call.
   */
  statx(folder: number, name: string): DataView {
    return this.#statx(folder, this.#put(this.#name, name, 'statx'), noFollowFlag);
  }

  /** The same of an open file. */
  statxOpen(descriptor: number): DataView {
    return this.#statx(descriptor, this.#nothing.pointer, emptyPathFlag);
  }

  #statx(folder: number, path: Pointer, flags: number): DataView {
    const number = statxNumber;
    if (linuxStatus === undefined || number === undefined) throw new FileError('ENOSYS', 'statx');
    const { syscall } = linuxStatus;
    const { pointer } = this.#status;
    this.#check('statx', () => syscall(number, folder, path, flags, basicStatusMask, pointer));
    return this.#statusView;
  }

  readlinkat(folder: number, name: string): string {
    const path = this.#put(this.#name, name, 'readlinkat');
    const target = this.#secondName;
    const length = this.#check('readlinkat', () =>
      library.readlinkat(folder, path, target.pointer, pathBytesMax),
    );
    // A target that fills the memory may have been cut off, so it is not to be trusted.
    if (length >= pathBytesMax) throw new FileError('ENAMETOOLONG', 'readlinkat');
    return new TextDecoder().decode(target.bytes.slice(0, length));
  }

  /**
   * Reads from `position` what the page cache holds of the next `bytes` bytes into the front of
   * `memory`, and returns how many they are; 0 at the end of the file. Never waits for a disk:
   * throws `EAGAIN` when the first of them is not there, `EOPNOTSUPP` on a file system that cannot
   * tell, `ENOSYS` where there is no such call.
   */
  readNow(descriptor: number, memory: NativeMemory, bytes: number, position: number): number {
    const number = preadv2Number;
    if (linuxReading === undefined || number === undefined) {
      throw new FileError('ENOSYS', 'preadv2');
    }
    assert(bytes <= memory.bytes.length, `${bytes} bytes into memory of ${memory.bytes.length}`);
    const { syscall } = linuxReading;
    this.#vectorWords[0] = BigInt(memory.pointer);
    this.#vectorWords[1] = BigInt(bytes);
    const { pointer } = this.#vector;
    // The kernel takes the position in two halves, of which one holds all of it on 64 bits.
    return this.#check('preadv2', () =>
      syscall(number, descriptor, pointer, 1, position, 0, noWaitFlag),
    );
  }

  mkdirat(folder: number, name: string, mode: number): void {
    const path = this.#put(this.#name, name, 'mkdirat');
    this.#check('mkdirat', () => library.mkdirat(folder, path, mode));
  }

  renameat(from: number, fromName: string, to: number, toName: string): void {
    const source = this.#put(this.#name, fromName, 'renameat');
    const target = this.#put(this.#secondName, toName, 'renameat');
    this.#check('renameat', () => library.renameat(from, source, to, target));
  }

  /** Throws `ENOSYS` where there is no such call, `EINVAL` on a file system that cannot do it. */
  exchangeat(from: number, fromName: string, to: number, toName: string): void {
    this.#renameSpecially('exchange', from, fromName, to, toName);
  }

  /** Throws `EEXIST` where the new name is taken; else as {@link exchangeat}. */
  renameUnlessTakenat(from: number, fromName: string, to: number, toName: string): void {
    this.#renameSpecially('unlessTaken', from, fromName, to, toName);
  }

  /** Throws `ENOSYS` where there is no such call. */
  syncfs(descriptor: number): void {
    if (linux === undefined) throw new FileError('ENOSYS', 'syncfs');
    const { syncfs } = linux;
    this.#check('syncfs', () => syncfs(descriptor));
  }

  linkat(from: number, fromName: string, to: number, toName: string): void {
    const source = this.#put(this.#name, fromName, 'linkat');
    const target = this.#put(this.#secondName, toName, 'linkat');
    this.#check('linkat', () => library.linkat(from, source, to, target, 0));
  }

  unlinkat(folder: number, name: string): void {
    const path = this.#put(this.#name, name, 'unlinkat');
    this.#check('unlinkat', () => library.unlinkat(folder, path, 0));
  }

  rmdirat(folder: number, name: string): void {
    const path = this.#put(this.#name, name, 'rmdirat');
    this.#check('rmdirat', () => library.unlinkat(folder, path, removeFolderFlag));
  }

  lock(descriptor: number): void {
    this.#check('flock', () => library.flock(descriptor, lockNow));
  }

  #renameSpecially(
    how: keyof typeof linuxRename,
    from: number,
    fromName: string,
    to: number,
    toName: string,
  ): void {
    const source = this.#put(this.#name, fromName, 'renameat2');
    const target = this.#put(this.#secondName, toName, 'renameat2');
    if (darwin !== undefined) {
      const { renameatx_np } = darwin;
      const flag = darwinRename[how];
      this.#check('renameat2', () => renameatx_np(from, source, to, target, flag));
      return;
    }
    const number = renameat2Number;
    if (linuxRenaming === undefined || number === undefined) {
      throw new FileError('ENOSYS', 'renameat2');
    }
    const { syscall } = linuxRenaming;
    const flag = linuxRename[how];
    this.#check('renameat2', () => syscall(number, from, source, to, target, flag));
  }

  /** Puts `text` into `memory` as a C string and returns where it begins. */
  #put(memory: NativeMemory, text: string, call: string): Pointer {
    const { read: taken, written } = encoder.encodeInto(text, memory.bytes);
    if (taken < text.length || written >= pathBytesMax) throw new FileError('ENAMETOOLONG', call);
    memory.bytes[written] = 0;
    return memory.pointer;
  }

  #check(call: string, run: () => number): number {
    for (let tries = 1; ; tries += 1) {
      const result = run();
      if (result >= 0) return result;
      const errno = lastErrno();
      if (errno !== 'EINTR' || tries >= interruptedTriesMax) throw new FileError(errno, call);
    }
  }
}
