/**
 * Sends one request until it is answered, as often as it may: what is never repeated by itself, and
 * what is, stands in `repetition.ts`.
 */

import type { Clock, Timer } from '../base/clock.ts';
import type { RequestMessage } from '../http/message.ts';
import type { Client, ExchangeResult } from './exchange.ts';
import { pauseBeforeRepeat } from './repetition.ts';

/** A repetition that is about to come. */
export interface Repetition {
  /** What the try before it came to. */
  readonly result: ExchangeResult;
  /** Which repetition it is, from 1 on. */
  readonly number: number;
  /** After how long it is sent. */
  readonly pauseMs: number;
}

export interface Repeated {
  /**
   * What the last try came to. A failure counts as `sent` when bytes of any try went out, so that
   * the outcome is unknown though the last one found no server.
   */
  readonly result: ExchangeResult;
  /** How often it was sent again. */
  readonly repetitions: number;
}

export interface RepeatOptions {
  /** How often it may be sent again; 0: never. */
  readonly repetitionsMax: number;
  /** Hears of each repetition before its wait. */
  readonly told?: (repetition: Repetition) => Promise<void>;
}

export class Repeater {
  #cancelled = false;
  #pause: { readonly timer: Timer; readonly end: () => void } | undefined;

  constructor(
    readonly client: Client,
    readonly clock: Clock,
  ) {}

  /** One at a time, as the client; it never rejects but as that does. */
  async exchange(request: RequestMessage, options: RepeatOptions): Promise<Repeated> {
    const { repetitionsMax, told } = options;
    this.#cancelled = false;
    let sent = false;
    for (let repetitions = 0; ; repetitions += 1) {
      const result = await this.client.exchange(request);
      sent ||= result.kind === 'completed' || result.sent;
      const pauseMs =
        repetitions < repetitionsMax
          ? pauseBeforeRepeat(request, result, repetitions, this.clock.wallMs())
          : undefined;
      if (pauseMs === undefined) {
        return { result: result.kind === 'failed' ? { ...result, sent } : result, repetitions };
      }
      await told?.({ result, number: repetitions + 1, pauseMs });
      await this.#wait(pauseMs);
      if (this.#cancelled) {
        const failed = { kind: 'failed', failure: 'cancelled', message: 'cancelled' } as const;
        return { result: { ...failed, sent }, repetitions };
      }
    }
  }

  /** Ends the running exchange with `cancelled`, also while it waits to be sent again. */
  cancel(): void {
    this.#cancelled = true;
    this.client.cancel();
    this.#pause?.timer.cancel();
    this.#pause?.end();
  }

  #wait(ms: number): Promise<void> {
    if (this.#cancelled) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.clock.after(ms, resolve);
      this.#pause = { timer, end: resolve };
    });
  }
}
