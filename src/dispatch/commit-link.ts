/** Main's side of the commit worker: the edits that wait for its word, and what its end means. */

import { assert, unreachable } from '../base/assert.ts';
import { startThread, type Thread } from '../base/thread.ts';
import type {
  CommitToMain,
  CommitWorkerData,
  MainToCommit,
  RootHolder,
  WorkerId,
} from '../model/messages.ts';
import type { EditOutcome, OperationId } from '../model/operation.ts';
import { unpackOutcomes } from '../model/packing.ts';

/** What the pool hears from the commit worker. */
export interface CommitOwner {
  commitReady(): void;
  /** Another process serves the same root. */
  rootHeld(by: RootHolder): void;
  /** The store's own files cannot be used; `sentence` says why. */
  storeUnusable(sentence: string): void;
  /** It has something for the log. */
  commitNotice(text: string): void;
  /** It runs on, and refuses every edit. */
  commitReadOnly(detail: string): void;
  published(outcome: EditOutcome): void;
  /** It has not done these, and store workers are to prepare them. */
  declined(ids: readonly OperationId[]): void;
  /** Everything that `worker` had handed over is answered. */
  settled(worker: WorkerId): void;
  /** It runs no more: nothing can be published, and nobody will say what was. */
  commitLost(detail: string): void;
}

export class CommitLink {
  readonly thread: Thread<MainToCommit>;
  isReady = false;
  /** Known once it is ready. */
  foldsCase = false;
  /** Whether it takes small edits as they are; known once it is ready. */
  prepares = false;
  isGone = false;
  /** It takes no edit any more. */
  isReadOnly = false;
  #detail = 'the commit worker ended';

  constructor(
    url: URL,
    data: CommitWorkerData,
    readonly owner: CommitOwner,
  ) {
    this.thread = startThread<MainToCommit, CommitToMain>(url, 'commit', data, [], {
      message: (message) => this.#take(message),
      error: (text) => {
        this.#detail = text;
        // What it threw ends it; asked again, in case that it does not.
        this.thread.terminate();
      },
      exit: () => {
        this.isGone = true;
        owner.commitLost(this.#detail);
      },
    });
  }

  /** Gives it the other end of a store worker's port. */
  attach(worker: WorkerId, port: MessagePort): void {
    if (this.isGone) port.close();
    else this.thread.post({ kind: 'attach', worker, port }, [port]);
  }

  #take(message: CommitToMain): void {
    switch (message.kind) {
      case 'ready':
        this.isReady = true;
        this.foldsCase = message.foldsCase;
        this.prepares = message.prepares;
        this.owner.commitReady();
        break;
      case 'root-held':
        this.owner.rootHeld(message.by);
        break;
      case 'unusable':
        this.owner.storeUnusable(message.sentence);
        break;
      case 'notice':
        this.owner.commitNotice(message.text);
        break;
      case 'read-only':
        this.isReadOnly = true;
        this.owner.commitReadOnly(message.detail);
        break;
      case 'outcomes':
        for (const outcome of unpackOutcomes(message.outcomes)) {
          assert(outcome.kind === 'edit', 'the commit worker answered a read');
          this.owner.published(outcome);
        }
        break;
      case 'declined':
        this.owner.declined(message.ids);
        break;
      case 'settled':
        this.owner.settled(message.worker);
        break;
      default:
        unreachable(message);
    }
  }
}
