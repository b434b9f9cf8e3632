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
import type { ReplyMemory } from '../model/instant-page.ts';
import type { AccessLog } from '../observe/access-log.ts';
import { ContentBudget } from './content-budget.ts';
import type { InstantReader } from './instant-reader.ts';
import { JointSends } from './joint-sends.ts';
import type { KeepInKernel } from './kernel-content.ts';
import { Listener } from './listener.ts';
import { LoopTurn } from './loop-turn.ts';
import { PlainReads, type PlainReadsParts } from './plain-reads.ts';
import { Plans } from './plans.ts';
import { DateStamp } from './reply.ts';
import { StreamTurns } from './stream-turns.ts';
import { Underway } from './underway.ts';

export interface ListenerParts {
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  readonly log: AccessLog;
  readonly reader: InstantReader | undefined;
  /** Where the dispatcher reads small pages to, without a worker; absent where it cannot. */
  readonly pages: ReplyMemory | undefined;
  /** Keeps contents for sockets; absent where the system cannot. */
  readonly memory: { readonly keep: KeepInKernel } | undefined;
}

/** Listens, and answers from now on. Throws what `Bun.listen` throws. */
export function openListener(config: ServeConfig, parts: ListenerParts): Listener {
  const { clock, log, reader, memory } = parts;
  const context = appContext(config, parts);
  const date = new DateStamp(clock);
  const turn = new LoopTurn(clock);
  const sends = new JointSends(turn);
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
    sends,
    plain: plainReads(config, parts, context, { date, turn, sends }),
    turns: new StreamTurns(),
    reader,
    fields: corsVary(config.allowedOrigins),
    intake: (head) => intake(context, head),
  });
}

/** Only where nothing is cached: what is in memory is answered quicker still. */
function plainReads(
  { dispatchLimits, headLimits, allowedOrigins }: ServeConfig,
  { dispatcher, pages: memory }: ListenerParts,
  context: AppContext,
  parts: Pick<PlainReadsParts, 'date' | 'turn' | 'sends'>,
): PlainReads | undefined {
  if (memory === undefined || dispatchLimits.cacheBytesMax > 0) return undefined;
  if (dispatcher.foldsCase) return undefined;
  const fields = corsVary(allowedOrigins);
  const { targetBytesMax } = headLimits;
  return new PlainReads(context, { ...parts, memory, fields, targetBytesMax });
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
