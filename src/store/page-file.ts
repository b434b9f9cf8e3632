/**
 * One open file as a page: whether it may be one, and its bytes with the identity they belong to;
 * and how any file is read and written whole.
 */

import type { FileIdentity } from '../model/messages.ts';
import type { RefusalCode } from '../model/operation.ts';
import { FileError } from './errno.ts';
import {
  type FileDescriptor,
  type FileStatus,
  type FileSystem,
  sameIdentity,
} from './file-system.ts';

/**
 * So often is a page read again that changed while it was read. One reading takes microseconds, so
 * a program that beats eight of them is writing all the time.
 */
const stableTriesMax = 8;

/** Why a file cannot be a page; `undefined` when it can. */
export function notAPage(status: FileStatus): RefusalCode | undefined {
  switch (status.type) {
    case 'file':
      return undefined;
    case 'folder':
      return 'is-folder';
    case 'other':
      return 'not-regular';
  }
}

/**
 * Fills an array of `size` bytes from `position` on; shorter when the file ends before. Never a
 * view into a shared pool: it may be transferred to another thread.
 *
 * @param memory filled in place of a new array, if it is large enough
 */
export function readFully(
  fileSystem: FileSystem,
  descriptor: FileDescriptor,
  position: number,
  size: number,
  memory?: Uint8Array,
): Uint8Array {
  const fits = memory !== undefined && size <= memory.length;
  const bytes = fits ? memory.subarray(0, size) : new Uint8Array(size);
  const filled = fillFrom(fileSystem, descriptor, bytes, position);
  return filled === size ? bytes : bytes.slice(0, filled);
}

/**
 * Writes all of `bytes` from `position` on. Throws `FileError`: then a part of them may be there.
 */
export function writeFully(
  fileSystem: FileSystem,
  descriptor: FileDescriptor,
  bytes: Uint8Array,
  position: number,
): void {
  let written = 0;
  while (written < bytes.length) {
    const rest = written === 0 ? bytes : bytes.subarray(written);
    const count = fileSystem.pwrite(descriptor, rest, position + written);
    // A call that takes nothing and names no error would be asked for ever.
    if (count === 0) throw new FileError('EIO', 'pwrite');
    written += count;
  }
}

/** Fills `target` from `position` on; returns how many bytes came before the file ended. */
export function fillFrom(
  fileSystem: FileSystem,
  descriptor: FileDescriptor,
  target: Uint8Array,
  position: number,
): number {
  let filled = 0;
  while (filled < target.length) {
    // Mostly one call is all, and a view of a new array would cost more than the call.
    const rest = filled === 0 ? target : target.subarray(filled);
    const count = fileSystem.pread(descriptor, rest, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

/**
 * The content of an open page, with the status that held before and after it was read. Without the
 * bytes when the page is above `bytesMax`; `undefined` when the page kept changing.
 *
 * @param status the page's status as it was opened
 * @param memory where the content may be put: what is returned is a view of it then
 */
export function readStable(
  fileSystem: FileSystem,
  descriptor: FileDescriptor,
  status: FileStatus,
  bytesMax: number,
  memory?: Uint8Array,
): { readonly bytes?: Uint8Array; readonly status: FileStatus } | undefined {
  let before = status;
  for (let tries = 1; tries <= stableTriesMax; tries += 1) {
    if (before.identity.size > BigInt(bytesMax)) return { status: before };
    const size = Number(before.identity.size);
    const bytes = readFully(fileSystem, descriptor, 0, size, memory);
    const after = fileSystem.fstat(descriptor);
    if (bytes.length === size && sameIdentity(before.identity, after.identity)) {
      return { bytes, status: after };
    }
    before = after;
  }
  return undefined;
}

/** Whether the content is still the one that was opened. The name may have gone to another file. */
export function sameContent(a: FileIdentity, b: FileIdentity): boolean {
  return a.size === b.size && a.modifiedNs === b.modifiedNs;
}
