/** Linux's `struct statx` (linux/stat.h), read: the same on every architecture. */

import { constants } from 'node:fs';
import type { FileStatus } from './file-system.ts';

export const statxBytes = 256;

/** Offsets of its members. */
const statxAt = {
  links: 16,
  user: 20,
  group: 24,
  mode: 28,
  inode: 32,
  size: 40,
  changed: 96,
  modified: 112,
  deviceMajor: 136,
  deviceMinor: 140,
} as const;

/**
 * The words of 32 bits that make a file's identity, and with the first its type: the halves of the
 * inode, of the size, of the seconds of both times, their nanoseconds, and the device.
 */
export const identityWords: readonly number[] = [7, 8, 9, 10, 11, 24, 25, 26, 28, 29, 30, 34, 35];

export const permissionBits = 0o7777n;

const nanosecondsPerSecond = 1_000_000_000n;
const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The last time that 64 bits hold, in the year 2262; whatever crosses a thread has no more. */
const timeMaxNs = 2n ** 63n - 1n;

/** A file may have a later time, or one long before 1970. */
export function boundedNs(timeNs: bigint): bigint {
  if (timeNs > timeMaxNs) return timeMaxNs;
  return timeNs < -timeMaxNs ? -timeMaxNs : timeNs;
}

export function typeOf(mode: number): FileStatus['type'] {
  const kind = mode & constants.S_IFMT;
  return kind === constants.S_IFREG ? 'file' : kind === constants.S_IFDIR ? 'folder' : 'other';
}

export function statusIn(view: DataView): FileStatus {
  const word = (at: number): number => view.getUint32(at, littleEndian);
  const time = (at: number): bigint =>
    boundedNs(view.getBigInt64(at, littleEndian) * nanosecondsPerSecond + BigInt(word(at + 8)));
  const mode = view.getUint16(statxAt.mode, littleEndian);
  return {
    type: typeOf(mode),
    identity: {
      device: deviceOf(word(statxAt.deviceMajor), word(statxAt.deviceMinor)),
      inode: view.getBigUint64(statxAt.inode, littleEndian),
      size: view.getBigUint64(statxAt.size, littleEndian),
      modifiedNs: time(statxAt.modified),
      changedNs: time(statxAt.changed),
    },
    mode: mode & Number(permissionBits),
    user: word(statxAt.user),
    group: word(statxAt.group),
    links: word(statxAt.links),
  };
}

/** What is asked of a status often, without the wide integers that cost most. */
export interface QuickStatus {
  readonly isFile: boolean;
  readonly changedSeconds: number;
  readonly changedNanoseconds: number;
}

/** Bytes. */
export function sizeIn(view: DataView): number {
  return wideAt(view, statxAt.size);
}

/** Milliseconds since 1970, as `modifiedMsOf` has them. */
export function modifiedMsIn(view: DataView): number {
  return (wideAt(view, statxAt.modified) * 1e9 + wordAt(view, statxAt.modified + 8)) / 1e6;
}

export function quickStatusIn(view: DataView): QuickStatus {
  return {
    isFile: typeOf(view.getUint16(statxAt.mode, littleEndian)) === 'file',
    changedSeconds: wideAt(view, statxAt.changed),
    changedNanoseconds: wordAt(view, statxAt.changed + 8),
  };
}

function wordAt(view: DataView, at: number): number {
  return view.getUint32(at, littleEndian);
}

/** A signed integer of 64 bits, rounded where a number cannot hold it. */
function wideAt(view: DataView, at: number): number {
  const [low, high] = littleEndian ? [at, at + 4] : [at + 4, at];
  return view.getInt32(high, littleEndian) * 0x1_0000_0000 + wordAt(view, low);
}

/** The last device that was put together: a thread mostly looks at one, and wide integers cost. */
let lastDevice = { major: 0, minor: 0, number: 0n };

function deviceOf(major: number, minor: number): bigint {
  if (major !== lastDevice.major || minor !== lastDevice.minor) {
    lastDevice = { major, minor, number: deviceNumberOf(major, minor) };
  }
  return lastDevice.number;
}

/** The number that `fstat` has for a device, as the C library puts it together. */
function deviceNumberOf(major: number, minor: number): bigint {
  const [high, low] = [BigInt(major), BigInt(minor)];
  return (
    ((high & 0xfffff000n) << 32n) |
    ((high & 0xfffn) << 8n) |
    ((low & 0xffffff00n) << 12n) |
    (low & 0xffn)
  );
}
