/** The C library: where it is, and memory for its calls. */

import { type Pointer, ptr } from 'bun:ffi';

const isLinux = process.platform === 'linux';

const libraryNames = isLinux
  ? ['libc.so.6', `libc.musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`]
  : ['libSystem.B.dylib'];

/** Calls `open` with each name in turn; throws the last failure. */
export function firstLibrary<T>(open: (name: string) => T): T {
  let failure: unknown = new Error('no C library is known for this platform');
  for (const name of libraryNames) {
    try {
      return open(name);
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** The same for what Linux alone has; `undefined` elsewhere, and where the library is too old. */
export function linuxLibrary<T>(open: (name: string) => T): T | undefined {
  if (!isLinux) return undefined;
  try {
    return firstLibrary(open);
  } catch {
    return undefined;
  }
}

/**
 * Memory that the kernel reads or writes. It is held by a field for as long as its pointer is, and
 * the ArrayBuffer exists before the pointer is taken: a pointer keeps nothing alive, and small
 * arrays move when their `.buffer` is first asked for.
 */
export class NativeMemory {
  readonly #buffer: ArrayBuffer;
  readonly bytes: Uint8Array;
  readonly pointer: Pointer;

  constructor(size: number) {
    this.#buffer = new ArrayBuffer(size);
    this.bytes = new Uint8Array(this.#buffer);
    this.pointer = ptr(this.bytes);
  }

  /** A pointer into it. */
  pointerTo(offset: number): Pointer {
    return (this.pointer + offset) as Pointer;
  }

  words(): BigUint64Array {
    return new BigUint64Array(this.#buffer);
  }

  /** Its words of 32 bits. */
  shortWords(): Uint32Array {
    return new Uint32Array(this.#buffer);
  }

  view(): DataView {
    return new DataView(this.#buffer);
  }
}
