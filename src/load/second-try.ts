/** Which requests of a run are sent again, and after how long. Pure. */

import { unreachable } from '../base/assert.ts';
import { pauseAfterRefusal, pauseMs } from '../client/repetition.ts';
import type { Ticket } from './intake.ts';
import type { LoadFailure } from './load.ts';

/** What a request came to that may be tried again: a failure, or 503. */
export type RepeatCause = LoadFailure | 'unavailable';

/**
 * How long to wait before `ticket` is sent again, milliseconds; `undefined` when it is not to be.
 *
 * @param wallMs for a `Retry-After` that is a date
 */
export function pauseBeforeSecondTry(
  { request, repetitions }: Ticket,
  cause: RepeatCause,
  wallMs: number,
): number | undefined {
  if (repetitions >= request.retry) return undefined;
  switch (cause) {
    case 'connect':
      // Nothing was sent, so it harms nobody, whatever it is.
      return pauseMs(repetitions);
    case 'reset':
    case 'closed':
    case 'timeout':
      return request.repeatable ? pauseMs(repetitions) : undefined;
    case 'unavailable':
      if (!request.repeatable) return undefined;
      return pauseAfterRefusal(request.memo.retryAfter, repetitions, wallMs);
    case 'parse':
    case 'expectation':
      return undefined;
    default:
      return unreachable(cause);
  }
}
