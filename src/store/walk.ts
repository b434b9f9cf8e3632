/**
 * Opens a path below a folder component by component: each is opened relative to the one before,
 * never through a link, and a relative link inside the root is followed by hand.
 *
 * The rule is that of `openat2` with `RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS`, and so is its
 * strength: every folder stays open while it is walked, so swapping one for a link in between
 * changes nothing. `..` in a link's target goes back to the folder that was walked.
 */

import { constants } from 'node:fs';
import { FileError, hasErrno } from './errno.ts';
import { closeQuietly, type FileDescriptor, type FileSystem } from './file-system.ts';
import { isStoreFolder } from './layout.ts';

/** Linux's own bound on links in one path. */
const linksMax = 40;

/** Links may make a path longer than it was sent; a target of 4 KiB holds 2,048 segments. */
const segmentsMax = 10_000;

export interface Walk {
  readonly fileSystem: FileSystem;
  readonly root: FileDescriptor;
  readonly segments: readonly string[];
  /** Flags for the last component; `O_NOFOLLOW` is added. */
  readonly flags: number;
  /** Whether relative links that stay inside the root are followed; else any link is `ELOOP`. */
  readonly followLinks: boolean;
}

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** Opens the last segment, as a descriptor of its own. Throws `FileError`. */
export function openByWalk(walk: Walk): FileDescriptor {
  const { fileSystem, root, flags } = walk;
  // The last folder is the one that the walk stands in; the root is the caller's and stays open.
  const folders: FileDescriptor[] = [];
  const pending = [...walk.segments].reverse();
  let links = 0;
  let steps = 0;
  try {
    for (let segment = pending.pop(); segment !== undefined; segment = pending.pop()) {
      steps += 1;
      if (steps > segmentsMax) throw new FileError('ELOOP', 'walk');
      if (segment === '' || segment === '.') continue;
      if (segment === '..') {
        leave(fileSystem, folders);
        continue;
      }
      if (folders.length === 0 && isStoreFolder(segment)) throw new FileError('ENOENT', 'walk');
      const folder = folders.at(-1) ?? root;
      const last = pending.length === 0;
      const opened = step(fileSystem, folder, segment, last ? flags : folderFlags);
      if (typeof opened === 'number') {
        if (last) return opened;
        folders.push(opened);
        continue;
      }
      links += 1;
      if (!walk.followLinks || links > linksMax) throw new FileError('ELOOP', 'walk');
      if (opened.target.startsWith('/')) throw new FileError('EXDEV', 'walk');
      pending.push(...opened.target.split('/').reverse());
    }
    // The path ended in `.` or `..` of a link, so it names a folder that was only passed through.
    throw new FileError('EISDIR', 'walk');
  } finally {
    for (const folder of folders) closeQuietly(fileSystem, folder);
  }
}

/** Opens one component, or tells where the link that stands there leads. */
function step(
  fileSystem: FileSystem,
  folder: FileDescriptor,
  name: string,
  flags: number,
): FileDescriptor | { readonly target: string } {
  try {
    return fileSystem.openat(folder, name, flags | constants.O_NOFOLLOW);
  } catch (error) {
    // A link is ELOOP, and ENOTDIR when a folder was asked for; FreeBSD and macOS have EMLINK too.
    if (!hasErrno(error, 'ELOOP', 'ENOTDIR', 'EMLINK')) throw error;
    const target = targetOf(fileSystem, folder, name);
    if (target === undefined) throw error;
    return { target };
  }
}

function targetOf(
  fileSystem: FileSystem,
  folder: FileDescriptor,
  name: string,
): string | undefined {
  try {
    return fileSystem.readlinkat(folder, name);
  } catch (error) {
    if (hasErrno(error, 'EINVAL')) return undefined;
    throw error;
  }
}

/** Goes up one folder; past the root there is nothing. */
function leave(fileSystem: FileSystem, folders: FileDescriptor[]): void {
  const left = folders.pop();
  if (left === undefined) throw new FileError('EXDEV', 'walk');
  closeQuietly(fileSystem, left);
}
