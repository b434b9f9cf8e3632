/**
 * Every message between threads, in one place.
 *
 *   main ──MainToStore──▶ store worker ──StoreToCommit──▶ commit worker ──CommitToMain──▶ main
 *        ◀──StoreToMain──                                 ◀──MainToCommit── main
 *
 *   commit worker ──CommitToHistory──▶ history worker
 *                 ◀──HistoryToCommit──
 *                 ──CommitToSettler──▶ settle worker
 *                 ◀──SettlerToCommit──
 *
 * A store worker answers reads and refused edits itself; an edit that it prepared it hands to the
 * commit worker over a port of their own, and the commit worker answers it, as it answers the small
 * edits that main gives it without a store worker. One batch of jobs is in
 * flight a store worker: `done` ends it. The commit worker starts the history worker, which removes
 * old versions of pages, and the settle worker, which syncs the file system; it waits for neither.
 */

import type { FileIdentity } from './file-identity.ts';
import type { EditAnswer, EditResult, Idempotency, OperationId, StreamId } from './operation.ts';
import type { Pack, PreparedPack } from './packing.ts';
import type { ResourceKey } from './resource-key.ts';

export type { FileIdentity } from './file-identity.ts';

/** Names one store worker for as long as it lives; never used again for its replacement. */
export type WorkerId = number;

/** An edit that only needs to be made durable and public. */
export interface PreparedEdit {
  readonly id: OperationId;
  readonly key: ResourceKey;
  readonly change: PreparedChange;
  /** Answered once the change is public; refused edits of the operation are among them. */
  readonly results: readonly EditResult[];
  /** The idempotency keys that edits of the operation came with; absent when there is none. */
  readonly keys?: readonly PreparedKey[];
}

/** An idempotency key that an edit came with. */
export interface PreparedKey extends Idempotency {
  /** Index of the edit in the operation, and of its result. */
  readonly place: number;
  /** What is answered when the edit was done before. */
  readonly answer: EditAnswer;
}

/** A temporary file that holds a new page, whole. */
export interface PreparedFile {
  readonly temporary: string;
  /** What the file was when it was whole. */
  readonly file: FileIdentity;
  /** What it holds; absent where that is so much that the file itself is to be synced. */
  readonly content?: Uint8Array;
}

/**
 * `temporary` names the operation for good, and a file in the store's folder for temporary files:
 * the new page, or, for a removal, the place that the page is moved to.
 */
export type PreparedChange =
  | (PreparedFile & { readonly kind: 'create' })
  | (PreparedFile & { readonly kind: 'replace'; readonly read: FileIdentity })
  | { readonly kind: 'remove'; readonly temporary: string; readonly read: FileIdentity }
  /** Every edit was refused; but one that has a key may have been done before. */
  | { readonly kind: 'none' };

export type MainToStore =
  /** Operations, packed. */
  | { readonly kind: 'jobs'; readonly jobs: Pack }
  /** Fill the slab from `at` on with `bytes` bytes that lie at `position` of a stream. */
  | {
      readonly kind: 'fill';
      readonly stream: StreamId;
      readonly position: number;
      readonly bytes: number;
      readonly at: number;
    }
  /** Nobody will read the stream's file any more, and main does so least of all: close it. */
  | { readonly kind: 'close'; readonly stream: StreamId }
  /** Finish what runs, close what is open, exit. */
  | { readonly kind: 'stop' };

export type StoreToMain =
  | { readonly kind: 'ready' }
  /** Ends the batch: every job of it stands in one of the two lists. */
  | {
      readonly kind: 'done';
      /** Outcomes, packed. */
      readonly outcomes: Pack;
      /** Handed to the commit worker, which answers them. */
      readonly handed: readonly OperationId[];
    }
  /** What was to lie in the slab from `at` on lies there. */
  | { readonly kind: 'filled'; readonly at: number }
  /** It does not, and never will: the file was changed or shrank, or a read failed. */
  | { readonly kind: 'not-filled'; readonly at: number }
  /** A bug was caught (its job is answered `internal-error`); `text` is for the log alone. */
  | { readonly kind: 'caught'; readonly text: string };

/** Prepared edits, packed. */
export type StoreToCommit = { readonly kind: 'prepared'; readonly edits: PreparedPack };

export type MainToCommit =
  /** Small edits, packed: it prepares them itself. Only after it said that it does. */
  | { readonly kind: 'jobs'; readonly jobs: Pack }
  /** `port` carries `StoreToCommit` from the worker. */
  | { readonly kind: 'attach'; readonly worker: WorkerId; readonly port: MessagePort }
  /** The worker is gone: finish what it had handed over, then say `settled`. */
  | { readonly kind: 'exited'; readonly worker: WorkerId }
  /** The root is served at `url` from now on. */
  | { readonly kind: 'serving'; readonly url: string }
  | { readonly kind: 'stop' };

export type CommitToMain =
  | {
      readonly kind: 'ready';
      /** Names that differ in case only are one name in this root. */
      readonly foldsCase: boolean;
      /** It takes `jobs`. */
      readonly prepares: boolean;
    }
  /** Instead of `ready`: another process serves this root, and nothing may be published. */
  | { readonly kind: 'root-held'; readonly by: RootHolder }
  /** Instead of `ready`: the store's own files are none that can be used; why, for a person. */
  | { readonly kind: 'unusable'; readonly sentence: string }
  /** For the log. */
  | { readonly kind: 'notice'; readonly text: string }
  /** It takes no edit any more; `detail` says why, for the log. */
  | { readonly kind: 'read-only'; readonly detail: string }
  /** Of edits, packed. */
  | { readonly kind: 'outcomes'; readonly outcomes: Pack }
  /** Of `jobs`: nothing was done of these, and a store worker is to prepare them. */
  | { readonly kind: 'declined'; readonly ids: readonly OperationId[] }
  /** Every edit that the worker had handed over is answered; no more will come from it. */
  | { readonly kind: 'settled'; readonly worker: WorkerId };

export type CommitToHistory =
  /**
   * Versions that edits have displaced and that nobody needs after a crash. Three numbers each, for
   * there may be thousands a second: the page's, the revision, bytes.
   */
  | { readonly kind: 'added'; readonly files: Float64Array }
  /** Every group that was begun before `scanned` was said is known to be finished. */
  | { readonly kind: 'settled' }
  /** Say what is left to be said, close what is open, exit. */
  | { readonly kind: 'stop' };

export type HistoryToCommit =
  /** What an earlier run left is known. Nothing is removed before `settled`. */
  | { readonly kind: 'scanned' }
  /** The files of each page up to this revision are gone. */
  | {
      readonly kind: 'pruned';
      readonly pages: readonly { readonly page: number; readonly revision: number }[];
    }
  /** So many more files could not be removed, and are left alone; `failure` is for the log. */
  | { readonly kind: 'left'; readonly count: number; readonly failure: string };

export type CommitToSettler =
  /** Sync all that was written to the root's file system so far, then say so. */
  | { readonly kind: 'settle' }
  /** Close what is open, exit. */
  | { readonly kind: 'stop' };

/** One of them for each `settle`, in order. */
export type SettlerToCommit =
  | { readonly kind: 'settled' }
  /** It is not known what of it is on disk; `detail` is for the log. */
  | { readonly kind: 'settling-failed'; readonly detail: string };

/** The process that has a root's lock. */
export interface RootHolder {
  /** Its number, as far as that is known. */
  readonly process: string;
  /** Where it serves the root; absent as long as it does not. */
  readonly url?: string;
}

/** What a worker is started with. */
export interface StoreWorkerData {
  readonly worker: WorkerId;
  readonly store: StoreOptions;
  /** The worker's end of its port to the commit worker. */
  readonly commit: MessagePort;
  /**
   * One 32-bit integer: which job of its batch the worker is at, `-1` between batches. A worker
   * that dies or hangs cannot say it any more, so it is written down where main can look.
   */
  readonly progress: SharedArrayBuffer;
  /** Which files it has open: a {@link FileMarks}. When the thread is gone, main closes them. */
  readonly files: SharedArrayBuffer;
  /** Where it puts the content that main asks for, and only where main says. */
  readonly slab: SharedArrayBuffer;
}

export interface CommitWorkerData {
  readonly store: StoreOptions;
}

export interface HistoryWorkerData {
  readonly store: Pick<StoreOptions, 'root' | 'historyRevisionsMax' | 'historyBytesMax'>;
}

export interface SettleWorkerData {
  readonly store: Pick<StoreOptions, 'root'>;
}

/** How the threads open the same store. */
export interface StoreOptions {
  /** Absolute path of the served folder. */
  readonly root: string;
  readonly durability: 'sync' | 'none';
  /** How many displaced versions of a page are kept. */
  readonly historyRevisionsMax: number;
  /** And how many bytes of all pages together. */
  readonly historyBytesMax: number;
  /** How long idempotency keys are kept, milliseconds. */
  readonly keyWindowMs: number;
  /** How many idempotency keys are kept. */
  readonly keysMax: number;
  /** A page above this takes no insert. */
  readonly insertPageBytesMax: number;
  /** Content up to this size travels inside the outcome; above, it is held open. */
  readonly inlineBytesMax: number;
  /** Content up to this size is known by its hash; above, by its file's identity. */
  readonly hashBytesMax: number;
  /** How many pages a store worker holds open for main at most; more are refused as `busy`. */
  readonly openPagesMax: number;
  /** Use the portable system calls even where better ones exist. */
  readonly portable: boolean;
}
