/**
 * A page as a crash may leave it: how far the names of its edits came to the disk, how far their
 * content, and what another program did to it since. It is made of files; nothing of the store's
 * own has a hand in that.
 */

import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { utf8Bytes } from '../../src/base/bytes.ts';
import type {
  EditKind,
  PageIdentity,
  Settled,
  UnfinishedEdit,
} from '../../src/store/ledger/ledger.ts';
import { key, temporaryRoot } from './support.ts';

/** `outside`: a save of another program, which an edit after it was built on. */
export type StepKind = EditKind | 'outside';

/** What became of content that was never synced. */
export type Content = 'whole' | 'zeros' | 'empty' | 'short';

/** What another program did to the page after its last edit. */
export type Since =
  | 'nothing'
  | 'saved by rename'
  | 'saved as it was before'
  | 'saved in place'
  | 'emptied in place'
  /** As a copy that keeps the times does it. */
  | 'emptied, with an older time'
  /** In the tick of the clock that the file has its time from. */
  | 'saved in place in its tick'
  | 'grown in place in its tick'
  | 'saved by rename in its tick'
  /** By a program that had the file open when it was displaced. */
  | 'saved into what was displaced'
  | 'removed'
  | 'folder in its place'
  | 'link in its place'
  | 'folder removed';

export interface Crash {
  /** A page that is there at first; not so where the first one creates it. */
  readonly steps: readonly StepKind[];
  readonly state: 'begun' | 'pending' | 'finished';
  /** Changes of names that came to the disk, two for each step. */
  readonly names: number;
  /** Whether files that were prepared and not public yet are there. */
  readonly prepared: 'there' | 'lost';
  readonly content: Content;
  readonly since: Since;
  /** Whether the last edit's content is in its file alone. */
  readonly isLarge?: boolean;
  /** Whether the page was published without an exchange. */
  readonly isPortable?: boolean;
  /** Revisions that were removed from the history. */
  readonly pruned?: readonly number[];
  /** Whether that came to the ledger alone, and not to the disk. */
  readonly isPruningLost?: boolean;
  /** How many versions the history is to keep; else more than there are. */
  readonly keptMax?: number;
}

/** A version of the page; without a text there is no page. */
export interface Version {
  readonly revision: number;
  readonly kind: StepKind | 'before';
  readonly text?: string;
  readonly identity?: PageIdentity;
}

export const pageNumber = 1;
/** Shorter than any version: a torn file is. */
export const savedText = '<p>saved</p>';
export const pageMode = 0o640;
const pageKey = 'dir/page.html';

export class CrashedPage implements Disposable {
  readonly root = temporaryRoot();
  readonly path = join(this.root, pageKey);
  /** The first is what was there before the edits. */
  readonly versions: readonly Version[];
  /** Which of them has the page's name, before anything of `since`. */
  readonly standing: number;
  unfinished: readonly UnfinishedEdit[];

  constructor(readonly crash: Crash) {
    mkdirSync(join(this.root, '.inkwire/tmp'), { recursive: true });
    mkdirSync(this.historyPath(), { recursive: true });
    mkdirSync(join(this.root, 'dir'));
    this.versions = this.#makeVersions();
    this.unfinished = this.#makeEdits();
    let standing = 0;
    for (let step = 0; step < crash.steps.length; step += 1) {
      if (this.isPublic(step)) standing = step + 1;
      this.#place(step);
    }
    this.standing = standing;
    if (this.versions[standing]?.text !== undefined) {
      if (!existsSync(this.path)) renameSync(this.#made(standing), this.path);
    }
    for (const revision of crash.isPruningLost === true ? [] : (crash.pruned ?? [])) {
      rmSync(this.historyPath(revision), { force: true });
    }
    rmSync(join(this.root, 'made'), { recursive: true });
    this.#change();
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  historyPath(revision?: number): string {
    const folder = join(this.root, `.inkwire/history/${pageNumber}`);
    return revision === undefined ? folder : join(folder, String(revision));
  }

  /** The last file in the history. */
  get displaced(): string | undefined {
    const paths = this.versions.map(({ revision }) => this.historyPath(revision));
    return paths.findLast((path) => existsSync(path));
  }

  temporaryPath(step: number): string {
    return join(this.root, '.inkwire/tmp', operationOf(step));
  }

  /** Whether the page has got the name that this step gives it. */
  isPublic(step: number): boolean {
    const { names, isPortable = false, steps } = this.crash;
    const kind = steps[step];
    const isLinkedFirst = isPortable && (kind === 'insert' || kind === 'replace');
    return names >= 2 * step + (isLinkedFirst ? 2 : 1);
  }

  /** What a start reads after one that has settled the edits, and not forgotten them. */
  settledBefore(settled: readonly Settled[]): void {
    const undone = new Set(settled.filter((one) => !one.happened).map((one) => one.operation));
    this.unfinished = this.unfinished
      .filter(({ operation }) => !undone.has(operation))
      .map((edit) => ({ ...edit, state: 'finished' }));
  }

  /** Whether the page was that before its last edit. */
  #isBefore(version: number): boolean {
    return version < this.crash.steps.length && this.versions[version]?.text !== undefined;
  }

  #made(version: number): string {
    return join(this.root, 'made', String(version));
  }

  #makeVersions(): Version[] {
    const { steps } = this.crash;
    mkdirSync(join(this.root, 'made'));
    const isThere = steps[0] !== 'create';
    const kinds = ['before', ...steps] as const;
    return kinds.map((kind, at): Version => {
      const version = { revision: at + 1, kind };
      if (kind === 'remove' || (kind === 'before' && !isThere)) return version;
      const text = `<p>${'version '.repeat(at + 1)}${at}</p>`;
      const path = this.#made(at);
      writeFileSync(path, text);
      chmodSync(path, pageMode);
      utimesSync(path, madeAt(at), madeAt(at));
      const identity = identityOf(path);
      this.#tear(at, kind);
      return { ...version, text, identity };
    });
  }

  /** What was synced, and what stood before, is whole. */
  #tear(version: number, kind: Version['kind']): void {
    const { content, steps, isLarge = false } = this.crash;
    const isSynced = kind === 'before' || (isLarge && version === steps.length);
    if (!isSynced) tearFile(this.#made(version), content);
  }

  #makeEdits(): UnfinishedEdit[] {
    const { steps, state, isLarge = false, pruned = [] } = this.crash;
    return steps.flatMap((kind, step): UnfinishedEdit[] => {
      const [before, made] = [this.versions[step], this.versions[step + 1]];
      if (kind === 'outside' || made === undefined) return [];
      const isLast = step === steps.length - 1;
      const { text, identity, revision } = made;
      return [
        {
          state: isLast ? state : 'finished',
          ...(pruned.includes(revision) && { isPruned: true }),
          ...{ operation: operationOf(step), key: key(pageKey), page: pageNumber, revision, kind },
          ...(identity !== undefined && { prepared: identity }),
          ...(text !== undefined && !(isLast && isLarge) && { content: utf8Bytes(text) }),
          ...(before?.identity !== undefined && {
            displaced: { revision: before.revision, identity: before.identity },
          }),
        },
      ];
    });
  }

  /** Brings the files of a step to where its names say. */
  #place(step: number): void {
    const { steps, names, prepared, isPortable = false } = this.crash;
    const kind = steps[step];
    const temporary = this.temporaryPath(step);
    const [before, made] = [this.#made(step), this.#made(step + 1)];
    const isBegun = names > 2 * step;
    const isTaken = names > 2 * step + 1;
    if (kind === 'outside') {
      // It has destroyed what it replaced.
      if (isBegun) rmSync(before, { force: true });
      return;
    }
    const kept = this.historyPath(this.versions[step]?.revision);
    if (this.isPublic(step) && kind !== 'create') renameSync(before, isTaken ? kept : temporary);
    if (kind === 'remove') return;
    if (isPortable && isBegun && !isTaken) {
      // A second name is there already: the old page's in the history, or the new one's.
      linkSync(kind === 'create' ? made : before, kind === 'create' ? temporary : kept);
    }
    if (!this.isPublic(step) && prepared === 'there') renameSync(made, temporary);
  }

  #change(): void {
    const { path } = this;
    switch (this.crash.since) {
      case 'nothing':
        return;
      case 'saved by rename':
        saveByRename(path, savedText);
        return;
      case 'saved as it was before':
        saveByRename(
          path,
          this.versions.findLast((_, at) => this.#isBefore(at))?.text ?? savedText,
        );
        return;
      case 'saved in place':
        writeFileSync(path, savedText);
        return;
      case 'emptied in place':
        writeFileSync(path, '');
        return;
      case 'emptied, with an older time':
        writeFileSync(path, '');
        utimesSync(path, madeAt(-1), madeAt(-1));
        return;
      case 'saved in place in its tick':
        inTick(path, () => writeFileSync(path, savedText));
        return;
      case 'grown in place in its tick':
        inTick(path, () => writeFileSync(path, savedText.repeat(20)));
        return;
      case 'saved by rename in its tick':
        inTick(path, () => saveByRename(path, savedText));
        return;
      case 'saved into what was displaced':
        if (this.displaced !== undefined) writeFileSync(this.displaced, savedText);
        return;
      case 'removed':
        rmSync(path, { force: true });
        return;
      case 'folder in its place':
        rmSync(path, { force: true });
        mkdirSync(path);
        return;
      case 'link in its place':
        rmSync(path, { force: true });
        symlinkSync('elsewhere', path);
        return;
      case 'folder removed':
        rmSync(join(path, '..'), { recursive: true });
    }
  }
}

export function operationOf(step: number): string {
  return `operation-${step}`;
}

export function identityOf(path: string): PageIdentity {
  const { dev, ino, size, mtimeNs } = lstatSync(path, { bigint: true });
  return { device: dev, inode: ino, size, modifiedNs: mtimeNs };
}

export function saveByRename(path: string, text: string): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

/** Lets a file keep its time. */
function inTick(path: string, save: () => void): void {
  const before = lstatSync(path, { throwIfNoEntry: false });
  save();
  if (before !== undefined) utimesSync(path, before.mtime, before.mtime);
}

/** Seconds since 1970, long ago: whatever a test writes later is newer. */
function madeAt(version: number): number {
  return 1_000_000_000 + version;
}

/** Leaves of a file what a power cut may leave: its time comes to the disk with its name. */
export function tearFile(path: string, content: Content): void {
  if (content === 'whole') return;
  const { size, mtime } = lstatSync(path);
  if (content === 'zeros') writeFileSync(path, new Uint8Array(size));
  else truncateSync(path, content === 'empty' ? 0 : size >> 1);
  utimesSync(path, mtime, mtime);
}
