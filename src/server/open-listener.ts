/** Opens the listener, with all that it needs of the codec and the application behind it. */

import { isLoopback } from '../app/admission.ts';
import { intake } from '../app/app.ts';
import type { AppContext } from '../app/context.ts';
import { corsVary } from '../app/cors.ts';
import type { Clock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { ECHO_BYTES_MAX } from '../config/limits.ts';
import type { ServeConfig } from '../config/serve-config.ts';
import type { Dispatcher } from '../dispatch/dispatcher.ts';
import type { AccessLog } from '../observe/access-log.ts';
import { ContentBudget } from './content-budget.ts';
import type { InstantReader } from './instant-reader.ts';
import { JointSends } from './joint-sends.ts';
import type { KeepInKernel } from './kernel-content.ts';
import { Listener } from './listener.ts';
import { LoopTurn } from './loop-turn.ts';
import { PlainReads } from './plain-reads.ts';
import { Plans } from './plans.ts';
import { DateStamp } from './reply.ts';
import { StreamTurns } from './stream-turns.ts';
import { Underway } from './underway.ts';

export interface ListenerParts {
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly log: AccessLog;
  readonly reader: InstantReader | undefined;
  /** Whether the dispatcher can read small pages without a worker. */
  readonly readsAtOnce: boolean;
  /** Keeps contents for sockets; absent where the system cannot. */
  readonly memory: { readonly keep: KeepInKernel } | undefined;
}

/** Listens, and answers from now on. Throws what `Bun.listen` throws. */
export function openListener(config: ServeConfig, parts: ListenerParts): Listener {
  const { clock, log, reader, memory } = parts;
  const context = appContext(config, parts);
  const date = new DateStamp(clock);
  const turn = new LoopTurn();
  return new Listener(config.host, config.port, {
    clock,
    limits: config.limits,
    headLimits: config.headLimits,
    log,
    underway: new Underway(),
    budget: new ContentBudget(config.limits.heldContentBytesTotalMax),
    date,
    turn,
    plans: new Plans(date, config.headLimits, memory && ((content) => memory.keep(content))),
    sends: new JointSends(turn),
    plain: plainReads(config, parts, context, date),
    turns: new StreamTurns(),
    reader,
    fields: corsVary(config.allowedOrigins),
    intake: (head) => intake(context, head),
  });
}

/** Only where nothing is cached: what is in memory is answered quicker still. */
function plainReads(
  { dispatchLimits, headLimits, allowedOrigins }: ServeConfig,
  { dispatcher, readsAtOnce }: ListenerParts,
  context: AppContext,
  date: DateStamp,
): PlainReads | undefined {
  if (!readsAtOnce || dispatchLimits.cacheBytesMax > 0 || dispatcher.foldsCase) return undefined;
  return new PlainReads(context, date, corsVary(allowedOrigins), headLimits.targetBytesMax);
}

/** What the application is told of the configuration. */
function appContext(config: ServeConfig, { dispatcher, clock }: ListenerParts): AppContext {
  return {
    dispatcher,
    clock,
    random: systemRandom,
    semantics: config.semantics,
    startPage: config.startPage,
    requireConditional: config.requireConditional,
    echoBytesMax: ECHO_BYTES_MAX,
    admission: {
      loopback: isLoopback(config.host),
      allowedHosts: config.allowedHosts,
      allowedOrigins: config.allowedOrigins,
    },
    cacheRules: config.cacheRules,
  };
}
