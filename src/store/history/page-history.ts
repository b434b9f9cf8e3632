/** The history of one page: its versions, and the content of each as far as it is kept. */

import { pauseThread } from '../../base/clock.ts';
import type { EntityTag } from '../../model/entity-tag.ts';
import { pagePath } from '../../model/page-name.ts';
import type { ResourceKey } from '../../model/resource-key.ts';
import { SequentialContent } from '../content-stream.ts';
import { closeQuietly, modifiedMsOf } from '../file-system.ts';
import type { PastRevision, RevisionKind } from '../ledger/ledger.ts';
import { FileContent } from '../open-content.ts';
import type { ContentStream } from '../store.ts';
import { isFileOf, type LookParts, lookAtPage, type PageLook } from './page-look.ts';
import type { VersionFile } from './version-files.ts';

/** The page as it is, whatever the ledger knows of it. */
export const now = 'now';

/** Which version: a number that the ledger gave, or the page as it is. */
export type VersionName = number | typeof now;

export interface Version {
  /** `now` for a page that another program has saved, and no edit has displaced yet. */
  readonly revision: VersionName;
  readonly kind: RevisionKind;
  /** Milliseconds since 1970. */
  readonly timeMs: number;
  /** Bytes; absent for a removal. */
  readonly size?: number;
  /** Absent for a removal, and where it is not known. */
  readonly tag?: EntityTag;
  /** Whether the page is that version. */
  readonly isNow: boolean;
  /** Whether its content can be had. */
  readonly isKept: boolean;
}

export interface Versions {
  /** The newest first; none for a page that never was. */
  readonly versions: readonly Version[];
  /** The page is not there, though no edit has removed it. */
  readonly isGone: boolean;
}

/** The content of a version, or why there is none. */
export type VersionContent =
  | { readonly kind: 'content'; readonly content: ContentStream; readonly isNow: boolean }
  /** The version is the page's removal. */
  | { readonly kind: 'removal' }
  /** No version has that number; `newest` is the highest that one has. */
  | { readonly kind: 'unknown'; readonly newest?: number }
  /** There was one, and it is kept no more. */
  | { readonly kind: 'dropped' }
  /** Another program saved over it, or took it away, before an edit could keep it. */
  | { readonly kind: 'overwritten' }
  /** The page as it is: there is none. */
  | { readonly kind: 'missing' };

/** A file that is moved while it is looked for is where it belongs after microseconds. */
const triesMax = 4;
const tryPauseMs = 5;

/** Every method throws `FileError` and `LedgerFailed`. */
export class PageHistory {
  readonly #parts: LookParts;

  constructor(
    parts: LookParts,
    readonly key: ResourceKey,
  ) {
    this.#parts = parts;
  }

  /** Absolute, as people write it: `/notes/a b.html`. */
  get path(): string {
    return `/${this.key}`;
  }

  /** As a request target has it. */
  get urlPath(): string {
    return pagePath(this.key);
  }

  versions(): Versions {
    const look = this.#look();
    const { revisions, now: page } = look;
    const [newest] = revisions;
    const kept = this.#keptRevisions(look);
    const versions = revisions.map((revision) => this.#version(revision, look, kept));
    const isGone = page.kind === 'missing' && newest !== undefined && newest.version !== undefined;
    if (page.kind !== 'outside') return { versions, isGone };
    const { identity, tag } = page;
    const outside: Version = {
      revision: now,
      kind: 'outside',
      timeMs: modifiedMsOf({ ...identity, changedNs: 0n }),
      size: Number(identity.size),
      ...(tag !== undefined && { tag }),
      isNow: true,
      isKept: true,
    };
    return { versions: [outside, ...versions], isGone };
  }

  /** The newest revision that happened; 0 when there is none. */
  newest(): number {
    return this.#look().revisions[0]?.revision ?? 0;
  }

  /** The page's entity tag, as the server gives it; a word when it has none. */
  tag(): EntityTag | 'missing' | 'unstable' {
    const file = this.#parts.files.page(this.key);
    if (file === undefined) return 'missing';
    try {
      return this.#parts.tagOf(file, this.key) ?? 'unstable';
    } finally {
      this.#close(file);
    }
  }

  /** Whoever gets the content closes it. */
  content(name: VersionName): VersionContent {
    for (let tries = 1; ; tries += 1) {
      const found = name === now ? this.#pageNow() : this.#revision(name);
      const mayMove = found.kind === 'dropped' || found.kind === 'overwritten';
      if (!mayMove || tries >= triesMax) return found;
      pauseThread(tryPauseMs);
    }
  }

  #look(): PageLook {
    return lookAtPage(this.#parts, this.key);
  }

  #version(revision: PastRevision, look: PageLook, kept: ReadonlySet<number>): Version {
    const { now: page } = look;
    const isNow =
      page.kind === 'revision'
        ? page.revision === revision.revision
        : page.kind === 'missing' && revision === look.revisions[0] && !revision.version;
    const { kind, timeMs, version } = revision;
    const about = { revision: revision.revision, kind, timeMs, isNow };
    if (version === undefined) return { ...about, isKept: false };
    const size = Number(version.identity.size);
    const isKept = isNow || kept.has(revision.revision);
    const tag = version.tag ?? (isKept ? this.#tagOf(revision, look, isNow) : undefined);
    return { ...about, size, isKept, ...(tag !== undefined && { tag }) };
  }

  /**
   * The tag of a version that the ledger knows none of: another program has saved it, or it is
   * large. That of a large one is made of its file's stamps, which a move into the history changes.
   */
  #tagOf(revision: PastRevision, look: PageLook, isNow: boolean): EntityTag | undefined {
    const file = this.#fileOf(revision, look);
    if (file === undefined) return undefined;
    try {
      const isSteady = isNow || file.status.identity.size <= BigInt(this.#parts.hashBytesMax);
      return isSteady ? this.#parts.tagOf(file, this.key) : undefined;
    } finally {
      this.#close(file);
    }
  }

  #keptRevisions(look: PageLook): ReadonlySet<number> {
    const { revisions } = look;
    const [newest] = revisions;
    if (newest === undefined) return new Set();
    // Before the history: what is on its way there may have come there when that is looked at.
    const moved = revisions.filter((revision) => {
      const file = this.#fileUnderWay(revision, look);
      if (file !== undefined) this.#close(file);
      return file !== undefined;
    });
    const kept = this.#parts.files.keptRevisions(newest.page);
    return new Set([...moved.map(({ revision }) => revision), ...kept]);
  }

  #pageNow(): VersionContent {
    const file = this.#parts.files.page(this.key);
    return file === undefined ? { kind: 'missing' } : this.#contentOf(file, true);
  }

  #revision(number: number): VersionContent {
    const look = this.#look();
    const { revisions } = look;
    const index = revisions.findIndex(({ revision }) => revision === number);
    const revision = revisions[index];
    if (revision === undefined) return missingRevision(number, revisions);
    if (revision.version === undefined) return { kind: 'removal' };
    const isNow = look.now.kind === 'revision' && look.now.revision === number;
    const file = this.#fileOf(revision, look);
    if (file !== undefined) return this.#contentOf(file, isNow);
    // What an edit displaces is kept; so what another program's save follows was never displaced.
    const later = index === 0 ? undefined : revisions[index - 1];
    const wasDisplaced = later !== undefined && later.kind !== 'outside';
    return { kind: wasDisplaced ? 'dropped' : 'overwritten' };
  }

  #contentOf({ descriptor, status: { identity } }: VersionFile, isNow: boolean): VersionContent {
    const open = new FileContent(this.#parts.fileSystem, descriptor, identity);
    const content = new SequentialContent(open, Number(identity.size));
    return { kind: 'content', content, isNow };
  }

  /** The page itself, or its place in the history, or, for a moment, where it is displaced. */
  #fileOf(revision: PastRevision, look: PageLook): VersionFile | undefined {
    const { files } = this.#parts;
    const isNow = look.now.kind === 'revision' && look.now.revision === revision.revision;
    const page = isNow ? this.#pageIfStill(revision) : undefined;
    const kept = (): VersionFile | undefined => files.kept(revision.page, revision.revision);
    return page ?? kept() ?? this.#fileUnderWay(revision, look);
  }

  #pageIfStill(revision: PastRevision): VersionFile | undefined {
    const file = this.#parts.files.page(this.key);
    if (file === undefined || isFileOf(revision, file.status.identity)) return file;
    const tag = revision.version?.tag;
    if (tag !== undefined && this.#parts.tagOf(file, this.key)?.opaque === tag.opaque) return file;
    this.#close(file);
    return undefined;
  }

  #fileUnderWay(revision: PastRevision, { moving }: PageLook): VersionFile | undefined {
    const operation = moving.get(revision.revision);
    const file = operation === undefined ? undefined : this.#parts.files.underWay(operation);
    if (file === undefined || isFileOf(revision, file.status.identity)) return file;
    this.#close(file);
    return undefined;
  }

  #close({ descriptor }: VersionFile): void {
    closeQuietly(this.#parts.fileSystem, descriptor);
  }
}

function missingRevision(number: number, revisions: readonly PastRevision[]): VersionContent {
  const newest = revisions[0]?.revision;
  const oldest = revisions.at(-1)?.revision;
  if (newest === undefined || oldest === undefined) return { kind: 'unknown' };
  return number >= 1 && number < oldest ? { kind: 'dropped' } : { kind: 'unknown', newest };
}
