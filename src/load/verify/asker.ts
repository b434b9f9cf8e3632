/** One connection of a run: sends a request at a time, takes the times, and judges the outcome. */

import type { Clock } from '../../base/clock.ts';
import type { Client, Completed, ExchangeResult } from '../../client/exchange.ts';
import { Repeater } from '../../client/repeater.ts';
import { hasKeyField, keyField, takesKey } from '../../client/repetition.ts';
import type { FieldLine, RequestMessage } from '../../http/message.ts';

export interface Ask {
  readonly method: string;
  readonly target: string;
  /** These take the place of the run's own. */
  readonly fields?: readonly FieldLine[];
  /** These are sent unless the run has a field of the name. */
  readonly defaults?: readonly FieldLine[];
  readonly content?: Uint8Array;
  /** Whether it may be sent again: an edit, or a look at a page. */
  readonly repeats?: true;
}

export interface Asked {
  readonly result: ExchangeResult;
  /** Whether that is not the answer to the first try. */
  readonly isRepeated?: boolean;
  /** Just before it was first sent, and just after the answer, by the monotonic clock. */
  readonly invokedMs: number;
  readonly answeredMs: number;
}

/** What a run says of requests that are sent again. */
export interface Retry {
  /** How often what is sent now may be. */
  max(): number;
  /** Hears of each time. */
  told(): void;
}

/** What became of an edit, by its answer alone. Closed. */
export type EditOutcome =
  /** It was done. */
  | 'acknowledged'
  /** It was not done. */
  | 'refused'
  /** Nobody knows. */
  | 'unknown'
  /** No byte of it was sent. */
  | 'unsent';

export class Asker {
  readonly #repeater: Repeater;

  constructor(
    readonly client: Client,
    /** Fields that go with every request. */
    readonly fields: readonly FieldLine[],
    readonly clock: Clock,
    /** Names each write; absent: they go without idempotency keys. */
    readonly nextKey?: () => string,
    /** Absent: nothing is sent again. */
    readonly retry?: Retry,
  ) {
    this.#repeater = new Repeater(client, clock);
  }

  /** Stops what it asks, also while that waits to be sent again. */
  cancel(): void {
    this.#repeater.cancel();
  }

  async ask({ method, target, fields, defaults, content, repeats }: Ask): Promise<Asked> {
    const request: RequestMessage = {
      method,
      target,
      fields: this.#keyed(method, this.#merged(fields ?? [], defaults ?? [])),
      ...(content !== undefined && { content }),
    };
    const invokedMs = this.clock.monotonicMs();
    const { retry } = this;
    const { result, repetitions } = await this.#repeater.exchange(request, {
      repetitionsMax: repeats === true ? (retry?.max() ?? 0) : 0,
      told: async () => retry?.told(),
    });
    const answeredMs = this.clock.monotonicMs();
    return { result, isRepeated: repetitions > 0, invokedMs, answeredMs };
  }

  #keyed(method: string, fields: readonly FieldLine[]): readonly FieldLine[] {
    if (this.nextKey === undefined || !takesKey(method) || hasKeyField(fields)) return fields;
    return [...fields, keyField(this.nextKey())];
  }

  #merged(fields: readonly FieldLine[], defaults: readonly FieldLine[]): readonly FieldLine[] {
    if (fields.length === 0 && defaults.length === 0) return this.fields;
    const kept = this.fields.filter(([name]) => !holds(fields, name));
    return [...kept, ...defaults.filter(([name]) => !holds(kept, name)), ...fields];
  }
}

function holds(fields: readonly FieldLine[], name: string): boolean {
  return fields.some(([other]) => other.toLowerCase() === name.toLowerCase());
}

/** "Accepted" (RFC 9110 section 15.3.3) leaves open whether it is ever done. */
const acceptedStatus = 202;
export const preconditionFailedStatus = 412;

export function outcomeOf(result: ExchangeResult): EditOutcome {
  if (result.kind === 'failed') return result.sent ? 'unknown' : 'unsent';
  const { status } = result.head;
  if (status >= 500 || status === acceptedStatus) return 'unknown';
  return status < 300 ? 'acknowledged' : 'refused';
}

/** What came back, for a sentence: `was answered 404`, or why there was no answer. */
export function answerText(result: ExchangeResult): string {
  if (result.kind === 'failed') {
    return result.failure === 'cancelled' ? 'was stopped' : `was not answered: ${result.message}`;
  }
  return `was answered ${result.head.status}`;
}

/** The response that is a page: with the status 200, and content without a coding. */
export function takePage(result: ExchangeResult): Completed | undefined {
  if (result.kind === 'failed' || result.head.status !== 200) return undefined;
  const coding = result.head.fields.combined('content-encoding') ?? 'identity';
  return coding.toLowerCase() === 'identity' ? result : undefined;
}
