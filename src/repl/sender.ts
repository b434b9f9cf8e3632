/**
 * Sends the requests of lines to one server, writes under a key each, again where the person has
 * allowed it, and tells what is repeated.
 */

import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Endpoint, ExchangeResult } from '../client/exchange.ts';
import { createClient } from '../client/http-client.ts';
import { Repeater } from '../client/repeater.ts';
import type { FieldLine, RequestMessage } from '../http/message.ts';
import { repetitionLine } from './failure.ts';
import type { RequestLine } from './language.ts';
import type { Output } from './output.ts';
import { type LoadedContent, messageOf, templateOf } from './request.ts';

export interface SenderOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Longest wait for one response, milliseconds. */
  readonly timeoutMs: number;
  /** How often a request may be sent again whose line says nothing of it; absent: never. */
  readonly retry?: number;
  /** Whether writes go without idempotency keys. */
  readonly noKeys?: boolean;
  readonly output: Output;
}

/** A request that was sent, and what it came to. */
export interface Sent {
  readonly line: RequestLine;
  readonly request: RequestMessage;
  readonly result: ExchangeResult;
  /** How often it was sent again. */
  readonly repetitions: number;
}

export class Sender {
  readonly #repeater: Repeater;

  constructor(
    readonly endpoint: Endpoint,
    readonly options: SenderOptions,
  ) {
    const { clock, timeoutMs } = options;
    this.#repeater = new Repeater(createClient(endpoint, { clock, timeoutMs }), clock);
  }

  /** @param standing fields that go with every request */
  async send(
    line: RequestLine,
    content: LoadedContent,
    standing: readonly FieldLine[],
  ): Promise<Sent> {
    const { endpoint, options } = this;
    const { retry = 0, output } = options;
    const key = this.newKey();
    const request = messageOf(templateOf(line, content, endpoint.authority, standing, key));
    const repetitionsMax = line.retry ?? retry;
    const { result, repetitions } = await this.#repeater.exchange(request, {
      repetitionsMax,
      told: (repetition) =>
        output.complain(repetitionLine(repetition, repetitionsMax, request, endpoint)),
    });
    return { line, request, result, repetitions };
  }

  /** A name that no other request has; `undefined` when writes go without. */
  newKey(): string | undefined {
    return this.options.noKeys === true ? undefined : this.options.random.uuid();
  }

  /** Stops what runs. */
  cancel(): void {
    this.#repeater.cancel();
  }

  close(): void {
    this.#repeater.client.close();
  }
}
