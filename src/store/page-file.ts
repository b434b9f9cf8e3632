/**
 * One open file as a page: whether it may be one, and its bytes with the identity they belong to.
 */

import type { FileIdentity } from '../model/messages.ts';
import type { RefusalCode } from '../model/operation.ts';
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
 * Fills a new array of `size` bytes from `position` on; shorter when the file ends before. Never a
 * view into a shared pool: it may be transferred to another thread.
 */
export function readFully(
  fileSystem: FileSystem,
  descriptor: FileDescriptor,
  position: number,
  size: number,
): Uint8Array {
  const bytes = new Uint8Array(size);
  const filled = fillFrom(fileSystem, descriptor, bytes, position);
  return filled === size ? bytes : bytes.slice(0, filled);
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
    const count = fileSystem.pread(descriptor, target.subarray(filled), position + filled);
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
 */
export function readStable(
  fileSystem: FileSystem,
  descriptor: FileDescriptor,
  status: FileStatus,
  bytesMax: number,
): { readonly bytes?: Uint8Array; readonly status: FileStatus } | undefined {
  let before = status;
  for (let tries = 1; tries <= stableTriesMax; tries += 1) {
    if (before.identity.size > BigInt(bytesMax)) return { status: before };
    const size = Number(before.identity.size);
    const bytes = readFully(fileSystem, descriptor, 0, size);
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
