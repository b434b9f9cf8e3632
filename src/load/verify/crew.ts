/** The connections of a run, and the run's end: who asks through them stops when it comes. */

import type { Clock, Timer } from '../../base/clock.ts';
import { createClient } from '../../client/http-client.ts';
import { Asker } from './asker.ts';
import type { Stopping, VerifyPlan } from './verify.ts';

/**
 * How long what is under way may go on once the person stops the run, milliseconds: a server that
 * is well answers within, so that few outcomes stay unknown.
 */
const stopGraceMs = 1_000;

export class Crew {
  readonly #plan: VerifyPlan;
  readonly #clock: Clock;
  readonly #askers = new Set<Asker>();
  #cancelled = false;
  #cleaning = false;
  #dropped = false;
  #gaveUp: string | undefined;
  #grace: Timer | undefined;
  #keys = 0;
  #retried = 0;

  constructor(plan: VerifyPlan, clock: Clock) {
    this.#plan = plan;
    this.#clock = clock;
  }

  /** Whether no further edit is to be sent. */
  get stopped(): boolean {
    return this.#cancelled || this.#gaveUp !== undefined;
  }

  /** Whether the person stopped it. */
  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** Whether not even an answer is waited for any more. */
  get dropped(): boolean {
    return this.#dropped;
  }

  get stopping(): Stopping {
    if (this.#dropped) return 'dropping';
    return this.#cancelled ? 'asked' : 'no';
  }

  /** Why nothing more is sent, when that is not the person's doing. */
  get gaveUp(): string | undefined {
    return this.#gaveUp;
  }

  /** How often something was sent again. */
  get retried(): number {
    return this.#retried;
  }

  /** Another connection; nothing is connected before it is first used. */
  hire(): Asker {
    const { endpoint, timeoutMs, fields, keyPrefix, retry = 0 } = this.#plan;
    const client = createClient(endpoint, { clock: this.#clock, timeoutMs });
    const nextKey = (): string => {
      this.#keys += 1;
      return `${keyPrefix}-${this.#keys}`;
    };
    const told = (): void => {
      this.#retried += 1;
    };
    // Nobody waits for a server that may never come back once the run is to end.
    const max = (): number => (this.stopped ? 0 : retry);
    const keys = keyPrefix === undefined ? undefined : nextKey;
    const asker = new Asker(client, fields, this.#clock, keys, { max, told });
    this.#askers.add(asker);
    return asker;
  }

  /** Does `work` through each of `count` connections of its own at the same time. */
  async together(count: number, work: (asker: Asker, index: number) => Promise<void>) {
    const askers = Array.from({ length: count }, () => this.hire());
    await Promise.all(askers.map((asker, index) => work(asker, index)));
    for (const asker of askers) {
      asker.client.close();
      this.#askers.delete(asker);
    }
  }

  giveUp(why: string): void {
    this.#gaveUp ??= why;
  }

  cancel(): void {
    if (this.#cancelled) {
      this.#dropped = true;
      this.#dropRunning();
      return;
    }
    this.#cancelled = true;
    // Cleaning takes the time it takes; who does not want to wait for it asks again.
    if (this.#cleaning) return;
    this.#grace = this.#clock.after(stopGraceMs, () => this.#dropRunning());
  }

  /** The grace is over: what is asked from now on is about what was done, and may take its time. */
  endGrace(): void {
    this.#grace?.cancel();
  }

  /** From now on what was made is removed: only a further {@link cancel} may drop that. */
  beginCleaning(): void {
    this.endGrace();
    this.#cleaning = true;
    this.#dropped = false;
  }

  close(): void {
    this.endGrace();
    for (const { client } of this.#askers) client.close();
    this.#askers.clear();
  }

  #dropRunning(): void {
    for (const asker of this.#askers) asker.cancel();
  }
}
