/**
 * Looks at the files of cached pages, on the main thread: whether each is still what was read.
 *
 * A worker opens a page through no link, or follows links only where they stay inside the root. A
 * look at a path follows whatever stands in it. So a look proves something only where no link is in
 * the path: the page's own is not followed, and each folder above it is looked at too, for one that
 * was moved out of the root and left a link behind would lead to the very same file. A folder that
 * was replaced by another folder leads to another file, or to none.
 */

import { dlopen, type Pointer } from 'bun:ffi';
import { type BigIntStats, closeSync, constants, lstatSync, openSync } from 'node:fs';
import { type FileIdentity, fileMark } from '../model/file-identity.ts';
import type { FileWatch, WatchFile } from '../model/file-watch.ts';
import { keySegments, type ResourceKey } from '../model/resource-key.ts';
import { linuxLibrary, NativeMemory } from './c-library.ts';
import { basicStatusMask, noFollowFlag, pathBytesMax, typeMask } from './linux-abi.ts';
import { boundedNs, identityWords, statusIn, statxBytes, typeOf } from './statx-status.ts';

/** Folders above a page: each costs a call a look, and with more of them a worker is as fast. */
const foldersMax = 8;

/** Where the words of a status have the mode, in its lower half. */
const modeWord = 7;

export interface FileWatcher {
  readonly watch: WatchFile;
  close(): void;
}

/**
 * @param root absolute path of the served folder
 * @param portable use the calls that every system has
 */
export function createFileWatcher(root: string, portable: boolean): FileWatcher {
  const calls = portable ? undefined : takeStatx();
  if (calls === undefined) return { watch: (key) => watchByPath(root, key), close: () => {} };
  // Once and for all, as the workers have it: a root that is moved away stays the root.
  const folder = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
  const looks = new Looks(folder, calls);
  if (!looks.work()) {
    closeSync(folder);
    return createFileWatcher(root, true);
  }
  return { watch: (key) => watchByStatx(looks, key), close: () => closeSync(folder) };
}

type Statx = (
  folder: number,
  path: Pointer,
  flags: number,
  mask: number,
  status: Pointer,
) => number;

/** The C library's own `statx`, which takes no wide integers; `undefined` where it has none. */
function takeStatx(): Statx | undefined {
  const symbols = {
    statx: { args: ['i32', 'ptr', 'i32', 'u32', 'ptr'], returns: 'i32' },
  } as const;
  return linuxLibrary((name) => dlopen(name, symbols).symbols.statx);
}

/** The calls, and the one status that they all fill. */
class Looks {
  readonly #status = new NativeMemory(statxBytes);
  readonly words = this.#status.shortWords();
  readonly view = this.#status.view();

  constructor(
    readonly root: number,
    readonly statx: Statx,
  ) {}

  /** Whether the kernel, and whatever sandbox there is, lets it look. */
  work(): boolean {
    const path = new Path('.', ['.']);
    return this.isFolder(path.last);
  }

  /** Looks at a file, not through a link; true when `words` and `view` tell of it. */
  look(path: Pointer): boolean {
    return this.statx(this.root, path, noFollowFlag, basicStatusMask, this.#status.pointer) === 0;
  }

  isFolder(path: Pointer): boolean {
    if (this.statx(this.root, path, noFollowFlag, typeMask, this.#status.pointer) !== 0)
      return false;
    return typeOf((this.words[modeWord] ?? 0) & 0xffff) === 'folder';
  }
}

/** The paths of a page and of the folders above it, as C strings in memory of their own. */
class Path {
  readonly #memory: NativeMemory;
  /** From the root down. */
  readonly folders: readonly Pointer[];
  readonly last: Pointer;

  constructor(path: string, segments: readonly string[]) {
    const folders = segments.slice(0, -1).map((_, index) => segments.slice(0, index + 1).join('/'));
    const text = [...folders, path].map((each) => `${each}\0`);
    const bytes = Buffer.from(text.join(''), 'utf8');
    this.#memory = new NativeMemory(bytes.length);
    this.#memory.bytes.set(bytes);
    const pointers: Pointer[] = [];
    let offset = 0;
    for (const each of text) {
      pointers.push(this.#memory.pointerTo(offset));
      offset += Buffer.byteLength(each);
    }
    this.last = pointers.pop() ?? this.#memory.pointer;
    this.folders = pointers;
  }
}

/** The segments of a page that can be watched. */
function takeSegments(key: ResourceKey): string[] | undefined {
  const segments = keySegments(key);
  if (segments.length === 0 || segments.length > foldersMax + 1) return undefined;
  return Buffer.byteLength(key) < pathBytesMax ? segments : undefined;
}

function watchByStatx(looks: Looks, key: ResourceKey): FileWatch | undefined {
  const segments = takeSegments(key);
  if (segments === undefined) return undefined;
  const watch = new StatxWatch(looks, new Path(key, segments));
  return watch.begin() ? watch : undefined;
}

class StatxWatch implements FileWatch {
  readonly #looks: Looks;
  readonly #path: Path;
  readonly #words = new Uint32Array(identityWords.length);
  #identity: FileIdentity | undefined;

  constructor(looks: Looks, path: Path) {
    this.#looks = looks;
    this.#path = path;
  }

  get identity(): FileIdentity {
    if (this.#identity === undefined) throw new Error('a watch that never began');
    return this.#identity;
  }

  /** Remembers what stands there now; false when that is no page that can be watched. */
  begin(): boolean {
    if (!this.#look()) return false;
    const { type, identity } = statusIn(this.#looks.view);
    const { words } = this.#looks;
    for (const [index, at] of identityWords.entries()) this.#words[index] = words[at] ?? 0;
    this.#identity = identity;
    return type === 'file';
  }

  holds(): boolean {
    if (!this.#look()) return false;
    const { words } = this.#looks;
    const known = this.#words;
    for (let index = 0; index < known.length; index += 1) {
      if (known[index] !== words[identityWords[index] ?? 0]) return false;
    }
    return true;
  }

  #look(): boolean {
    const looks = this.#looks;
    const { folders, last } = this.#path;
    for (let index = 0; index < folders.length; index += 1) {
      const folder = folders[index];
      if (folder === undefined || !looks.isFolder(folder)) return false;
    }
    return looks.look(last);
  }
}

function watchByPath(root: string, key: ResourceKey): FileWatch | undefined {
  const segments = takeSegments(key);
  if (segments === undefined) return undefined;
  const look = (): FileIdentity | undefined => {
    for (let depth = 1; depth < segments.length; depth += 1) {
      const folder = statusOf(`${root}/${segments.slice(0, depth).join('/')}`);
      if (folder === undefined || typeOf(Number(folder.mode)) !== 'folder') return undefined;
    }
    const file = statusOf(`${root}/${key}`);
    if (file === undefined || typeOf(Number(file.mode)) !== 'file') return undefined;
    return {
      device: file.dev,
      inode: file.ino,
      size: file.size,
      modifiedNs: boundedNs(file.mtimeNs),
      changedNs: boundedNs(file.ctimeNs),
    };
  };
  const identity = look();
  if (identity === undefined) return undefined;
  const mark = fileMark(identity);
  const holds = (): boolean => {
    const now = look();
    return now !== undefined && fileMark(now) === mark;
  };
  return { identity, holds };
}

/** What a path stands for, a link for itself; `undefined` when that cannot be told. */
function statusOf(path: string): BigIntStats | undefined {
  try {
    return lstatSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}
