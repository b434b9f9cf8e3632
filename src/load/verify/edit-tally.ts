/** Counts what became of the edits and reads of a run. */

import type { ExchangeResult, FailureKind } from '../../client/exchange.ts';

/** What became of an edit in the end. Closed. */
export type EditEnd =
  | 'acknowledged'
  | 'refused'
  | 'unknown'
  /** It was not done: nothing could be sent, or the page gave no room for another try. */
  | 'given-up';

/**
 * Edits in a row that were not acknowledged, after which it is no use to go on; beside two for each
 * connection, for that many can be in vain when a server is only restarted.
 */
const fruitlessMax = 200;

export class EditTally {
  readonly byStatus = new Map<number, number>();
  readonly byFailure = new Map<FailureKind, number>();
  readonly ended: Record<EditEnd, number> = {
    acknowledged: 0,
    refused: 0,
    unknown: 0,
    'given-up': 0,
  };
  /** Connections that edits were made over at the same time; the first edits have one of theirs. */
  connectionsUsed = 1;
  conflicts = 0;
  reads = 0;
  readsFailed = 0;
  #fruitless = 0;

  constructor(readonly connections: number) {}

  /** Edits that ended, in whatever way. */
  get done(): number {
    const { acknowledged, refused, unknown } = this.ended;
    return acknowledged + refused + unknown + this.ended['given-up'];
  }

  get failed(): number {
    return this.done - this.ended.acknowledged;
  }

  /** Whether the last edits were all in vain. */
  get isFruitless(): boolean {
    return this.#fruitless >= fruitlessMax + 2 * this.connections;
  }

  /** An edit has ended. */
  end(end: EditEnd): void {
    this.ended[end] += 1;
    this.#fruitless = end === 'acknowledged' ? 0 : this.#fruitless + 1;
  }

  /** An edit was answered, or not; it may be tried again. */
  answer(result: ExchangeResult): void {
    if (result.kind === 'completed') add(this.byStatus, result.head.status);
    else add(this.byFailure, result.failure);
  }

  read(succeeded: boolean): void {
    this.reads += 1;
    if (!succeeded) this.readsFailed += 1;
  }
}

function add<Key>(counts: Map<Key, number>, key: Key): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
