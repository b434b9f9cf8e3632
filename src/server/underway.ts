/**
 * The requests under way in all connections together. While they are few, each connection may have
 * several; when they are many, only its first, so that who pipelines without end does not stand
 * before everyone else in the queue for the threads.
 */

import type { Respond } from '../app/response.ts';
import { AHEAD_REQUESTS_MAX } from '../config/limits.ts';

export class Underway {
  #count = 0;

  /** Whether a connection that has one under way may start another. */
  get hasRoom(): boolean {
    return this.#count < AHEAD_REQUESTS_MAX;
  }

  /** Counts a request from now until its answer, which is passed on to `respond`. */
  counted(respond: Respond): Respond {
    this.#count += 1;
    return (response) => {
      this.#count -= 1;
      respond(response);
    };
  }
}
