/** What tells one version of a file from another: compared, as a text, and when it is trusted. */

/** What a file was when it was read: enough to tell that another program changed it since. */
export interface FileIdentity {
  readonly device: bigint;
  readonly inode: bigint;
  readonly size: bigint;
  readonly modifiedNs: bigint;
  readonly changedNs: bigint;
}

/** A file's identity as text: equal texts are one version of one file. */
export type FileMark = string;

/** A file that changed this recently may change again under the same stamps. */
const STAMP_GRANULE_MS = 20;
/** The same on a file system that keeps whole seconds. */
const COARSE_GRANULE_MS = 2_000;

export function fileMark(identity: FileIdentity): FileMark {
  const { device, inode, size, modifiedNs, changedNs } = identity;
  return `${device}.${inode}.${size}.${modifiedNs}.${changedNs}`;
}

/**
 * Whether a change of the file from `nowMs` on would surely show in its identity.
 *
 * @param nowMs the wall clock, before the file was read
 */
export function isSettled({ changedNs }: Pick<FileIdentity, 'changedNs'>, nowMs: number): boolean {
  const coarse = changedNs % 1_000_000_000n === 0n;
  return isOld(Number(changedNs / 1_000_000n), coarse, nowMs);
}

/** The same, told by the two numbers that the kernel has for a time. */
export function isSettledAt(seconds: number, nanoseconds: number, nowMs: number): boolean {
  const changedMs = seconds * 1_000 + Math.floor(nanoseconds / 1_000_000);
  return isOld(changedMs, nanoseconds === 0, nowMs);
}

function isOld(changedMs: number, coarse: boolean, nowMs: number): boolean {
  return nowMs - changedMs >= (coarse ? COARSE_GRANULE_MS : STAMP_GRANULE_MS);
}
