/** The commit worker's side of the history worker: starts it, and tells it what edits displaced. */

import { unreachable } from '../../base/assert.ts';
import type { Clock, Timer } from '../../base/clock.ts';
import { startThread, type Thread } from '../../base/thread.ts';
import type { CommitToHistory, HistoryToCommit, HistoryWorkerData } from '../../model/messages.ts';
import type { HistoryPlace } from '../history-folder.ts';
import type { HistoryFile } from './kept-files.ts';

/** Files that are gathered for one message: a thousand cost little more than one. */
export const gatheredFilesMax = 1_000;

/** How long fewer are gathered: the other thread need not wake for each edit. */
export const gatherMs = 100;

export interface HistoryPruner {
  /**
   * A group was published and finished, and has moved these files into the history. To be called
   * after each group, also with none.
   *
   * The ledger may still have the group as pending: that it is finished is written down with the
   * next one. After a crash it is then settled by what lies in the history. So the files are told
   * to the thread, and may be removed, only once this is called again.
   */
  added(files: readonly HistoryFile[]): void;
  /** Ends the thread; what it says on its way out is still heard. May be called again. */
  close(): void;
  /** Resolves when the thread has ended. */
  readonly exited: Promise<void>;
}

/** What the commit worker hears, and is asked; a group may be under way, and wait for its sync. */
export interface PrunerOwner {
  /** Whether no group was begun since recovery: then what lies in the history is nobody's work. */
  isUntouched(): boolean;
  /** The files of these pages up to these revisions are gone, and may be forgotten. */
  pruned(pages: readonly HistoryPlace[]): void;
  /** For the log; told once for files that could not be removed, and once for a lost thread. */
  failed(text: string): void;
}

/**
 * Starts the thread. The history lies there, and recovery is done. If the thread is lost, nothing
 * is pruned until the next start.
 *
 * It ends with the thread that started it, however that ends; and that one can end only with it, so
 * while a system call holds the one, the other stays too.
 *
 * @param url the thread's entry point
 */
export function startPruner(
  url: URL,
  data: HistoryWorkerData,
  owner: PrunerOwner,
  clock: Clock,
): HistoryPruner {
  return new PrunerLink(url, data, owner, clock);
}

class PrunerLink implements HistoryPruner {
  readonly #owner: PrunerOwner;
  readonly #clock: Clock;
  readonly #thread: Thread<CommitToHistory>;
  /** Of the last group, which the ledger may still have as pending. */
  #pending: readonly HistoryFile[] = [];
  /** Three numbers a file, of groups that are known to be finished. */
  readonly #gathered = new Float64Array(3 * gatheredFilesMax);
  #gatheredLength = 0;
  #timer: Timer | undefined;
  /** The scan is over, and what it found may be the work of a group that is pending. */
  #isScanPending = false;
  #isLeftTold = false;
  #state: 'running' | 'closing' | 'gone' = 'running';
  #detail = 'its thread ended';

  constructor(url: URL, data: HistoryWorkerData, owner: PrunerOwner, clock: Clock) {
    this.#owner = owner;
    this.#clock = clock;
    this.#thread = startThread<CommitToHistory, HistoryToCommit>(url, 'history', data, [], {
      message: (message) => this.#take(message),
      error: (text) => {
        this.#detail = text;
        // What it threw ends it; asked again, in case that it does not.
        this.#thread.terminate();
      },
      exit: () => this.#lost(),
    });
  }

  get exited(): Promise<void> {
    return this.#thread.exited;
  }

  added(files: readonly HistoryFile[]): void {
    if (this.#state !== 'running') return;
    for (const file of this.#pending) this.#gather(file);
    this.#pending = files;
    if (this.#gatheredLength > 0) {
      this.#timer ??= this.#clock.after(gatherMs, () => this.#post());
    }
    if (this.#isScanPending) this.#settle();
  }

  close(): void {
    if (this.#state !== 'running') return;
    this.#timer?.cancel();
    this.#state = 'closing';
    this.#thread.post({ kind: 'stop' });
  }

  #gather({ page, revision, bytes }: HistoryFile): void {
    const at = this.#gatheredLength;
    this.#gathered[at] = page;
    this.#gathered[at + 1] = revision;
    this.#gathered[at + 2] = bytes;
    this.#gatheredLength = at + 3;
    if (this.#gatheredLength === this.#gathered.length) this.#post();
  }

  #post(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const files = this.#gathered.slice(0, this.#gatheredLength);
    this.#gatheredLength = 0;
    this.#thread.post({ kind: 'added', files }, [files.buffer]);
  }

  #take(message: HistoryToCommit): void {
    switch (message.kind) {
      case 'scanned':
        if (this.#owner.isUntouched()) this.#settle();
        else this.#isScanPending = true;
        break;
      case 'pruned':
        this.#owner.pruned(message.pages);
        break;
      case 'left':
        this.#tellLeft(message);
        break;
      default:
        unreachable(message);
    }
  }

  /** Called when the groups that were begun before the scan was over are known to be finished. */
  #settle(): void {
    this.#isScanPending = false;
    this.#thread.post({ kind: 'settled' });
  }

  /** Once: the disk that fails for one file may fail for thousands. */
  #tellLeft({ count, failure }: { readonly count: number; readonly failure: string }): void {
    if (this.#isLeftTold) return;
    this.#isLeftTold = true;
    const files = count === 1 ? 'a file' : `${count} files`;
    this.#owner.failed(
      `${files} of the history could not be removed, and may be at the next start: ${failure}`,
    );
  }

  #lost(): void {
    const wasRunning = this.#state === 'running';
    this.#state = 'gone';
    this.#timer?.cancel();
    this.#pending = [];
    if (!wasRunning) return;
    this.#owner.failed(`the history is not pruned until the next start: ${this.#detail}`);
  }
}
