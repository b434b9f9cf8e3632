/** What the methods work with, and the shape that they share. */

import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { AdmissionRules } from './admission.ts';
import type { CacheRule } from './cache-rules.ts';
import type { RoutedRequest } from './request.ts';
import type { Respond } from './response.ts';
import type { Semantics } from './semantics.ts';

/** What the methods work with. */
export interface AppContext {
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly semantics: Semantics;
  /** Whether `/` without an index page shows the built-in start page. */
  readonly startPage: boolean;
  /** Whether a page is replaced or removed only under a condition. */
  readonly requireConditional: boolean;
  /** Content above this is not echoed by POST. */
  readonly echoBytesMax: number;
  readonly admission: AdmissionRules;
  readonly cacheRules: readonly CacheRule[];
  readonly random: Random;
}

/** A method's work: reads what it needs from the request and responds once. */
export type Handler = (
  context: AppContext,
  request: RoutedRequest,
  content: Uint8Array,
  respond: Respond,
) => void;
