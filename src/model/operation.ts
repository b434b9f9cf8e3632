/**
 * What crosses a thread boundary: operations on pages and their outcomes. Plain values only, so
 * that they can be posted, recorded and compared. HTTP is not spoken here.
 */

import type { ByteRange, RangeRequest } from './byte-range.ts';
import type { Conditions } from './conditions.ts';
import type { EntityTag } from './entity-tag.ts';
import type { FileMark } from './file-identity.ts';
import type { ResourceKey } from './resource-key.ts';

/** Unique in one run of the server; given by the dispatcher. */
export type OperationId = number;

/** Names a content that a worker holds open; equals the id of the operation that opened it. */
export type StreamId = OperationId;

export type Operation = ReadOperation | EditOperation;

/** Who did it: a store worker, by the 1-based number of its slot, or the commit worker. */
export type DoneBy = number | 'commit';

export interface ReadOperation {
  readonly kind: 'read';
  readonly id: OperationId;
  readonly key: ResourceKey;
  /** `metadata` answers everything but the content. */
  readonly want: 'content' | 'metadata';
  readonly conditions: Conditions;
  /** Which parts of the content; absent: all of it. */
  readonly range?: RangeRequest;
  /**
   * A page up to this size is wanted whole and with its file's identity, whatever is asked besides:
   * who has it in hand answers for itself, and others like it. A store may take no notice.
   */
  readonly pageBytesMax?: number;
}

/**
 * Edits of one page, to be done in order as one publication: each is judged against the page as the
 * ones before it left it, one that is refused leaves the others alone.
 */
export interface EditOperation {
  readonly kind: 'edit';
  readonly id: OperationId;
  readonly key: ResourceKey;
  readonly edits: readonly Edit[];
}

export type Edit = InsertEdit | ReplaceEdit | RemoveEdit;

/** Whether the outcome carries the page as the edit left it. */
export type EditAnswer = 'page' | 'minimal';

/**
 * How content goes in: `text` is escaped and set as `<h2> text </h2>`, `heading` is markup that is
 * set as `<h2> markup </h2>`, `markup` goes in as it is.
 */
export type InsertForm = 'text' | 'heading' | 'markup';

/** Which request an edit is, so that one that is sent again is not done again. */
export interface Idempotency {
  /** The client's name for the request: 1 to 255 characters. */
  readonly key: string;
  /** A digest in base64url: equal for equal requests, and for no others. */
  readonly fingerprint: string;
}

interface AnyEdit {
  readonly conditions: Conditions;
  /** Absent for a request without a key: each arrival counts. */
  readonly idempotency?: Idempotency;
}

/** Puts content into the body of a page that exists. */
export interface InsertEdit extends AnyEdit {
  readonly kind: 'insert';
  readonly form: InsertForm;
  /** As it was sent; whether it is UTF-8, and not empty, is judged with the page. */
  readonly content: Uint8Array;
  readonly answer: EditAnswer;
}

/** Makes the page hold exactly `content`. */
export interface ReplaceEdit extends AnyEdit {
  readonly kind: 'replace';
  /** Whether a missing page, with its folders, is made; else it is `not-found`. */
  readonly create: boolean;
  readonly content: Uint8Array;
  readonly answer: EditAnswer;
}

/** Removes a page that exists. */
export interface RemoveEdit extends AnyEdit {
  readonly kind: 'remove';
}

/** What is known of a page's state beside its content. */
export interface PageState {
  /** Bytes. */
  readonly size: number;
  /** Modification time, milliseconds since 1970, with the file system's fraction. */
  readonly modifiedMs: number;
  /** Strong, from the content; absent where the content was not hashed. */
  readonly tag?: EntityTag;
  /** True when the content holds a byte above 127, is valid UTF-8 and names no charset itself. */
  readonly needsUtf8Label?: boolean;
}

/** A file that a store worker holds open for a stream, and the version of it that was judged. */
export interface OpenFile {
  readonly descriptor: number;
  /** Bytes. */
  readonly size: number;
  /** When it was modified, nanoseconds since 1970 in digits: they are more than a number holds. */
  readonly modifiedNs: string;
}

/** Content that is at hand, that is held open in a store worker, or that was not asked for. */
export type OutcomeContent =
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  /** `file` is absent where only the worker can read it. */
  | { readonly kind: 'open'; readonly stream: StreamId; readonly file?: OpenFile }
  | { readonly kind: 'none' };

export type Outcome = ReadOutcome | EditOutcome;

export interface ReadOutcome {
  readonly kind: 'read';
  readonly id: OperationId;
  readonly result: ReadResult;
}

export type ReadResult =
  | {
      readonly kind: 'found';
      readonly state: PageState;
      /** The whole content, or that of `ranges`, one after the other. */
      readonly content: OutcomeContent;
      readonly ranges?: readonly ByteRange[];
      /** There when the page was wanted whole, and is: nothing else of the operation was judged. */
      readonly file?: FileMark;
    }
  /** No range that was asked for lies in the content. */
  | { readonly kind: 'unsatisfiable'; readonly state: PageState }
  | { readonly kind: 'not-modified'; readonly state: PageState }
  | Refused;

/** One result for each edit of the operation, in order. */
export interface EditOutcome {
  readonly kind: 'edit';
  readonly id: OperationId;
  readonly results: readonly EditResult[];
}

export type EditResult =
  | {
      readonly kind: 'inserted' | 'created' | 'replaced';
      readonly state: PageState;
      /** The page as this edit left it; absent when the answer was to be minimal. */
      readonly page?: Uint8Array;
    }
  | { readonly kind: 'removed' }
  | Replayed
  | Refused;

/** What an edit comes to when it happens. */
export type EditDone = 'inserted' | 'created' | 'replaced' | 'removed';

/** The edit happened before, under the same idempotency key; nothing was done now. */
export interface Replayed {
  readonly kind: 'replayed';
  readonly of: EditDone;
  /** The page as the edit left it; absent after a removal, and when no history holds it. */
  readonly state?: PageState;
  /** Absent also when the answer was to be minimal. */
  readonly page?: Uint8Array;
}

/** Nothing was changed, except where the code says that it is not known. */
export interface Refused {
  readonly kind: 'refused';
  readonly code: RefusalCode;
  /**
   * A short word for the person who asked, where the code alone does not help: what a fragment
   * leaves open (`<!--`), which charset a page has. Never a path outside the root.
   */
  readonly detail?: string;
}

/** Why an operation was not done. Closed: `app/refusal.ts` maps every one to a status. */
export type RefusalCode =
  /** No such page, or one that is to look as if missing. */
  | 'not-found'
  /** A folder stands where a page was named. */
  | 'is-folder'
  /** The operating system denies it. */
  | 'forbidden'
  /** The folder of the server's own file system takes no write at this place (another mount). */
  | 'other-mount'
  /** The page is reached through a symbolic link, so it would have two names. */
  | 'symbolic-link'
  /** The file has several hard links, so it would have two names. */
  | 'hard-links'
  /** A FIFO, socket or device. */
  | 'not-regular'
  /** A file stands where the path needs a folder. */
  | 'parent-not-folder'
  /** Another program kept changing the page while it was read. */
  | 'unstable'
  /** Only .html and .htm take inserts. */
  | 'not-html'
  /** Larger than a page that takes an insert may be. */
  | 'page-too-large'
  /** A frameset page has no body. */
  | 'page-frameset'
  /** UTF-16, UTF-32 or ISO-2022. */
  | 'page-charset'
  /** The page ends inside something that it never closes, which would swallow an insert. */
  | 'page-open'
  | 'content-empty'
  | 'content-not-utf8'
  /** The fragment does not close what it opens; the detail names it. */
  | 'fragment-open'
  /** The fragment holds html, head, body or frameset tags, or a doctype; the detail names it. */
  | 'fragment-structure'
  | 'precondition-failed'
  /** The idempotency key was used for another request. */
  | 'key-reused'
  /** No space, or a quota. */
  | 'storage-full'
  /** The storage failed in another way, or the file system is read-only. */
  | 'storage-error'
  /** A bug was caught before anything was published. */
  | 'internal-error'
  /** The queue of jobs is full. */
  | 'busy'
  /** The thread that had the job died; the edit did not happen. */
  | 'worker-lost'
  /** A read took longer than a job may. */
  | 'deadline'
  /** An edit may or may not have happened. */
  | 'outcome-unknown'
  /** Since a failure whose effect is not known, the server takes no edit. */
  | 'read-only';

/** Makes a refusal. */
export function refused(code: RefusalCode, detail?: string): Refused {
  return detail === undefined ? { kind: 'refused', code } : { kind: 'refused', code, detail };
}
