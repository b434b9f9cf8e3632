/** Jobs: operations on their way through the pool, each with those who wait for its outcome. */

import { assert } from '../base/assert.ts';
import type {
  DoneBy,
  Edit,
  EditOperation,
  EditResult,
  ReadOperation,
  ReadResult,
  RefusalCode,
} from '../model/operation.ts';
import { refused } from '../model/operation.ts';
import { type EditRequest, refuseAll } from './edit-request.ts';
import { editRunsMax } from './limits.ts';

/** `worker`: 1-based number of the slot whose worker did it; `undefined` when none did. */
export type ReadDone = (result: ReadResult, worker: number | undefined) => void;

/**
 * A job is *answered* once, by its deadline perhaps, and *finished* once, when no thread has it.
 */
export type Job = ReadJob | EditJob;

export class ReadJob {
  readonly kind = 'read';
  /** How often it was given to a worker. */
  tries = 0;
  #done: ReadDone | undefined;

  constructor(
    readonly operation: ReadOperation,
    readonly takenMs: number,
    done: ReadDone,
  ) {
    this.#done = done;
  }

  get isAnswered(): boolean {
    return this.#done === undefined;
  }

  /** Whether a worker was given it, and so may have read already. */
  get isBegun(): boolean {
    return this.tries > 0;
  }

  /** Answers, unless the deadline has done so before. */
  finish(result: ReadResult, worker: number | undefined): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(result, worker);
  }

  refuse(code: RefusalCode): void {
    this.finish(refused(code), undefined);
  }

  expire(): void {
    this.refuse('deadline');
  }
}

/** The edits of one request, or of several that are done together, under their page's lock. */
export class EditJob {
  readonly kind = 'edit';
  /** How often it was given to a worker, since it was last started over. */
  tries = 0;
  /** Whether a worker, or the commit worker, may have it. */
  isSent = false;
  #runs = 1;
  #operation: EditOperation;
  /** Those whose edits the operation has, in its order. */
  #requests: readonly EditRequest[];
  #release: ((results: readonly EditResult[]) => void) | undefined;

  /** @param release gives the page's lock back */
  constructor(
    first: EditRequest,
    requests: readonly EditRequest[],
    release: (results: readonly EditResult[]) => void,
  ) {
    const { id, key } = first;
    this.#operation = { kind: 'edit', id, key, edits: editsOf(requests) };
    this.#requests = requests;
    this.#release = release;
    for (const request of requests) request.job = this;
  }

  get operation(): EditOperation {
    return this.#operation;
  }

  /** Whether nobody waits for it any more. */
  get isAnswered(): boolean {
    return this.#requests.every((request) => request.isAnswered);
  }

  /**
   * Leaves out what was answered by its deadline: that was said not to have happened, or not to be
   * known, and must not happen after that. For a job that nobody has.
   */
  dropAnswered(): void {
    assert(!this.isSent, 'an edit was changed while a thread may have it');
    this.#take(this.#requests.filter((request) => !request.isAnswered));
  }

  /**
   * When edits found their page changed (`unstable`), makes the job as if it was never given to a
   * worker, and returns true. Those who have other results are answered with them, and left out
   * of what is done over: so the job shrinks each time, and this counts for no run. Returns false
   * when all results are to be taken as they are: none is `unstable`, or it was done over too
   * often.
   */
  tryStartOver(results: readonly EditResult[], worker: DoneBy | undefined): boolean {
    const ends = this.#endsOf(results);
    const open = ends.filter(({ results: own }) => own.some(didNotHappen));
    if (open.length === 0) return false;
    if (open.length === ends.length) {
      if (this.#runs >= editRunsMax) return false;
      this.#runs += 1;
    }
    this.tries = 0;
    this.#take(open.map(({ request }) => request));
    // Last, for whoever is answered may ask for the next thing at once.
    for (const end of ends) if (!open.includes(end)) end.request.answer(end.results, worker);
    return true;
  }

  /** Releases the lock, then answers those whom the deadline has not answered before. */
  finish(results: readonly EditResult[], worker: DoneBy | undefined): void {
    const release = this.#release;
    assert(release !== undefined, 'an edit was finished twice');
    this.#release = undefined;
    release(results);
    for (const end of this.#endsOf(results)) end.request.answer(end.results, worker);
  }

  refuse(code: RefusalCode): void {
    this.finish(refuseAll(this.#operation.edits.length, code), undefined);
  }

  /** Goes on for these requests alone. */
  #take(requests: readonly EditRequest[]): void {
    if (requests.length === this.#requests.length) return;
    this.#requests = requests;
    this.#operation = { ...this.#operation, edits: editsOf(requests) };
  }

  /** Who gets which of the operation's results. */
  #endsOf(results: readonly EditResult[]): RequestEnd[] {
    let start = 0;
    return this.#requests.map((request) => {
      const own = results.slice(start, start + request.edits.length);
      start += own.length;
      return { request, results: own };
    });
  }
}

/** One request, and what its edits came to. */
interface RequestEnd {
  readonly request: EditRequest;
  readonly results: readonly EditResult[];
}

function didNotHappen(result: EditResult): boolean {
  return result.kind === 'refused' && result.code === 'unstable';
}

function editsOf(requests: readonly EditRequest[]): Edit[] {
  return requests.flatMap(({ edits }) => edits);
}
