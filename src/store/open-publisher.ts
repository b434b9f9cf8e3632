/**
 * Opens the store for writing, once and for this process alone: its folder, its lock, its ledger;
 * settles what the last run left, and only then empties the temporary folder.
 */

import type { Clock } from '../base/clock.ts';
import { type Random, systemRandom } from '../base/random.ts';
import type { PreparedEdit, RootHolder, StoreOptions } from '../model/messages.ts';
import { type EditOutcome, type RefusalCode, refused } from '../model/operation.ts';
import { Beneath } from './beneath.ts';
import { FileError, refusalOfError } from './errno.ts';
import { FilePublisher } from './file-publisher.ts';
import type { FileSystem } from './file-system.ts';
import type { HistoryPruner, PrunerOwner } from './history/pruner-link.ts';
import { HistoryFolder } from './history-folder.ts';
import { ledgerPathOf, storeFolderName } from './layout.ts';
import { sharedLogPagesMax } from './ledger/checkpoint.ts';
import { type Ledger, LedgerFailed, LedgerFull, LedgerUnusable } from './ledger/ledger.ts';
import { openLedger } from './ledger/open-ledger.ts';
import { emptyTemporaryFolder, makeStoreFolder, syncStoreFolder } from './open-store.ts';
import { PageChanger } from './page-change.ts';
import type { StartSettler } from './page-settling.ts';
import { recover } from './recover.ts';
import { lockRoot, type RootLock } from './root-lock.ts';
import { type Publisher, publishLater } from './store.ts';
import { TemporaryFolder } from './temporary.ts';

/**
 * How long after the store is open the history is looked at for what is too much. Nobody waits for
 * that, and who waits for the first answers of a server shall have the processor meanwhile.
 */
export const prunerDelayMs = 250;

/** What the store is opened with. */
export interface PublisherSeams {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly random?: Random;
  /** Starts what keeps the history within its bounds; without it the history only grows. */
  readonly startPruner?: (owner: PrunerOwner) => HistoryPruner;
  /** Starts what syncs the pages; without it they are synced one by one. */
  readonly startSettler?: StartSettler;
  /** Called with a line for the log. */
  readonly onNotice?: (text: string) => void;
}

export type OpenedPublisher =
  | {
      readonly kind: 'open';
      readonly publisher: Publisher;
      /** Says where the root is served, for whoever finds it locked. */
      readonly announce: (url: string) => void;
      readonly close: () => void;
    }
  /** Another process has the root. */
  | { readonly kind: 'held'; readonly by: RootHolder }
  /** What stands there as the ledger is none that can be used; the sentence says why. */
  | { readonly kind: 'unusable'; readonly sentence: string };

type Open = Extract<OpenedPublisher, { kind: 'open' }>;

/**
 * A root that takes no writes is opened all the same: then every edit is refused for that reason,
 * and pages can be read. Whoever starts it is told, for nothing else shows it before an edit comes.
 */
export function openPublisher(options: StoreOptions, seams: PublisherSeams): OpenedPublisher {
  return openOnce(options, seams, seams.onNotice);
}

/** @param onRefusing is told why every edit is refused, where it is not the last run's fault */
function openOnce(
  options: StoreOptions,
  seams: PublisherSeams,
  onRefusing: PublisherSeams['onNotice'] = () => {},
): OpenedPublisher {
  let lock: RootLock;
  try {
    makeStoreFolder(options.root, seams.fileSystem);
    lock = lockRoot(options.root, seams.fileSystem);
  } catch (error) {
    const publisher = new RefusingPublisher(refusalOfError(error, 'storage'));
    if (error instanceof FileError) onRefusing(noEdits(error));
    return { kind: 'open', publisher, announce: () => {}, close: () => {} };
  }
  if (lock.kind === 'held') return lock;
  const { announce, release } = lock;
  try {
    const { publisher, close } = openLocked(options, seams, release);
    const first: Open = { kind: 'open', publisher, announce, close };
    const reopening = new ReopeningPublisher(first, () => openOnce(options, seams));
    return {
      kind: 'open',
      publisher: reopening,
      announce: (url) => reopening.announce(url),
      close: () => reopening.close(),
    };
  } catch (error) {
    if (error instanceof LedgerUnusable && error.code !== 'storage') {
      release();
      return { kind: 'unusable', sentence: error.message };
    }
    if (!isStorageFailure(error)) throw error;
    const publisher = new RefusingPublisher('read-only', error.message);
    return { kind: 'open', publisher, announce, close: release };
  }
}

function noEdits({ errno }: FileError): string {
  return (
    `no edit is taken until the server is started anew, for ${storeFolderName} cannot be written ` +
    `in the root (${errno}); expected a root folder that the server may write to`
  );
}

function openLocked(
  options: StoreOptions,
  seams: PublisherSeams,
  release: () => void,
): { readonly publisher: FilePublisher; readonly close: () => void } {
  const { root, portable } = options;
  const { fileSystem, clock } = seams;
  const closers = [release];
  const close = (): void => {
    for (const closeOne of closers.splice(0).reverse()) closeOne();
  };
  const closing = <T extends { close(): void }>(part: T): T => {
    closers.push(() => part.close());
    return part;
  };
  try {
    const { startSettler } = seams;
    const isSynced = options.durability === 'sync';
    const logPagesMax = isSynced && startSettler !== undefined ? sharedLogPagesMax : undefined;
    const ledgerOptions = { ...options, ...(logPagesMax !== undefined && { logPagesMax }) };
    const ledgerSeams = { fileSystem, clock };
    const ledger: Ledger = closing(openLedger(ledgerPathOf(root), ledgerOptions, ledgerSeams));
    if (isSynced) syncStoreFolder(root, fileSystem);
    const beneath = closing(new Beneath(fileSystem, root, portable));
    const random = seams.random ?? systemRandom;
    const temporary = closing(new TemporaryFolder(fileSystem, root, random));
    const history = closing(new HistoryFolder(fileSystem, root));
    const changer = new PageChanger(fileSystem, history, portable);
    ledger.beginPagesAfter(() => history.highestPage());
    const parts = { fileSystem, beneath, temporary, history, changer, ledger };
    recover({ ...parts, historyRevisionsMax: options.historyRevisionsMax });
    emptyTemporaryFolder(root, temporary.descriptor, fileSystem);
    let pruner: HistoryPruner | undefined;
    const publisher = closing(
      new FilePublisher(options, {
        ...{ ...parts, clock },
        ...(startSettler !== undefined && { startSettler }),
        onFinished: (files) => pruner?.added(files),
      }),
    );
    // What is displaced before that lies in the history by then, where its scan will find it.
    const prunerStart = clock.after(prunerDelayMs, () => {
      pruner = seams.startPruner?.({
        isUntouched: () => publisher.isUntouched,
        pruned: (pages) => {
          if (closers.length > 0) publisher.forget(pages);
        },
        failed: (text) => seams.onNotice?.(text),
      });
    });
    closers.push(() => {
      prunerStart.cancel();
      pruner?.close();
    });
    return { publisher, close };
  } catch (error) {
    // The lock is the caller's until this has returned.
    closers.shift();
    close();
    throw error;
  }
}

function isStorageFailure(error: unknown): error is Error {
  return (
    error instanceof FileError ||
    error instanceof LedgerUnusable ||
    error instanceof LedgerFull ||
    error instanceof LedgerFailed
  );
}

/**
 * Whoever removes the folder may still be at it while it is made anew, and take away what was just
 * made. So many times, some milliseconds, it is made again.
 */
const reopenTriesMax = 8;

/**
 * Opens the store anew when its folder was removed while the server runs: `git clean -fdX` does
 * just that. The history and the keys of before are gone with it; edits start over, and go on.
 */
class ReopeningPublisher implements Publisher {
  #publisher: Publisher;
  #close: () => void;
  #announce: (url: string) => void;
  #url: string | undefined;

  constructor(
    { publisher, announce, close }: Open,
    readonly open: () => OpenedPublisher,
  ) {
    this.#publisher = publisher;
    this.#close = close;
    this.#announce = announce;
  }

  get failure(): string | undefined {
    return this.#publisher.failure;
  }

  publish(group: readonly PreparedEdit[]): EditOutcome[] {
    const outcomes = this.#publisher.publish(group);
    this.#reopenIfRemoved();
    return outcomes;
  }

  #reopenIfRemoved(): void {
    const current = this.#publisher;
    const isRemoved = current instanceof FilePublisher && current.isRemoved;
    // What kept it from being opened anew, a full disk for one, may be over.
    const isWaiting = current instanceof RefusingPublisher && current.failure === undefined;
    if (isRemoved || isWaiting) this.#reopen();
  }

  publishLater(
    group: readonly PreparedEdit[],
    done: (outcomes: readonly EditOutcome[]) => void,
  ): void {
    publishLater(this.#publisher, group, (outcomes) => {
      this.#reopenIfRemoved();
      done(outcomes);
    });
  }

  announce(url: string): void {
    this.#url = url;
    this.#announce(url);
  }

  close(): void {
    this.#close();
  }

  #reopen(): void {
    for (let tries = 1; tries <= reopenTriesMax; tries += 1) {
      this.#close();
      this.#close = () => {};
      this.#announce = () => {};
      const opened = this.open();
      if (opened.kind !== 'open') {
        this.#publisher = new RefusingPublisher('read-only', notReopened(opened));
        return;
      }
      this.#publisher = opened.publisher;
      this.#close = opened.close;
      this.#announce = opened.announce;
      // The new lock file says nothing yet.
      if (this.#url !== undefined) this.#announce(this.#url);
      if (!(opened.publisher instanceof RefusingPublisher)) return;
    }
  }
}

function notReopened(opened: Exclude<OpenedPublisher, Open>): string {
  const reason =
    opened.kind === 'held' ? `process ${opened.by.process} serves it` : opened.sentence;
  return `the folder ${storeFolderName} was removed, and cannot be made anew: ${reason}`;
}

/** Publishes nothing, for one reason. */
class RefusingPublisher implements Publisher {
  /** @param failure why it is so, for the log, where that is not as it should be */
  constructor(
    readonly code: RefusalCode,
    readonly failure?: string,
  ) {}

  publish(group: readonly PreparedEdit[]): EditOutcome[] {
    return group.map(({ id, results }) => ({
      kind: 'edit',
      id,
      results: results.map(() => refused(this.code)),
    }));
  }
}
