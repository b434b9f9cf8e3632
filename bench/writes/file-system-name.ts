/** What file system a folder is on, in words: type, journal, device, and how it is mounted. */

import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename } from 'node:path';

/** A line of /proc/self/mountinfo, as far as it is of use here. */
export interface Mount {
  readonly point: string;
  readonly type: string;
  /** As it was given to `mount`, `/dev/vda`. */
  readonly source: string;
  /** Major and minor number, `254:0`. */
  readonly number: string;
  /** Of the mount and of the file system, each once. */
  readonly options: readonly string[];
}

/** `path` must be absolute and free of links. The layout is that of proc_pid_mountinfo(5). */
export function mountOf(mountinfo: string, path: string): Mount | undefined {
  const holds = ({ point }: Mount): boolean =>
    point === '/' || path === point || path.startsWith(`${point}/`);
  const mounts = mountinfo.split('\n').flatMap((line) => readMount(line) ?? []);
  let found: Mount | undefined;
  for (const mount of mounts.filter(holds)) {
    // Of two at one point, the later one covers the other.
    if (found === undefined || mount.point.length >= found.point.length) found = mount;
  }
  return found;
}

function readMount(line: string): Mount | undefined {
  const [before = '', after = ''] = line.split(' - ');
  const [, , number, , point, own] = before.split(' ');
  const [type, source, shared = ''] = after.split(' ');
  if (number === undefined || point === undefined || own === undefined) return undefined;
  if (type === undefined || source === undefined) return undefined;
  const options = [...new Set([...own.split(','), ...shared.split(',')])].filter(Boolean);
  return { point: unescaped(point), type, source: unescaped(source), number, options };
}

/** Blanks and the like are written as `\040`. */
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** The block device that a folder is on, as the kernel calls it: `loop0`. Throws for none. */
export function deviceOf(folder: string): string {
  const mount = mountOf(readFileSync('/proc/self/mountinfo', 'utf8'), realpathSync(folder));
  return basename(realpathSync(`/sys/dev/block/${mount?.number}`));
}

/** For example `ext4, no journal, /dev/vda (rw, relatime, discard)`. */
export function fileSystemName(folder: string): string {
  if (process.platform !== 'linux') return `a file system of ${process.platform}, not looked up`;
  const mount = mountOf(readFileSync('/proc/self/mountinfo', 'utf8'), realpathSync(folder));
  if (mount === undefined) return 'a file system that is not in /proc/self/mountinfo';
  const { type, source, options } = mount;
  return `${type}, ${journalOf(mount)}, ${source} (${options.join(', ')})`;
}

/** The kernel lists each journal of an ext file system as `DEVICE-INODE`. */
function journalOf({ type, number }: Mount): string {
  if (!/^ext[34]$/.test(type)) return 'journal not looked up';
  try {
    const device = basename(realpathSync(`/sys/dev/block/${number}`));
    const journals = readdirSync('/proc/fs/jbd2');
    return journals.some((name) => name.startsWith(`${device}-`)) ? 'journaled' : 'no journal';
  } catch {
    return 'journal not known';
  }
}
