/** What a session is given: its socket, and what all sessions of a server share. */

import type { Intake } from '../app/app.ts';
import type { Clock } from '../base/clock.ts';
import type { ServerLimits } from '../config/limits.ts';
import type { HeadLimits } from '../http/limits.ts';
import type { FieldLine, RequestHead } from '../http/message.ts';
import type { AccessLog } from '../observe/access-log.ts';
import type { ContentBudget } from './content-budget.ts';
import type { InstantReader } from './instant-reader.ts';
import type { JointSends } from './joint-sends.ts';
import type { LoopTurn } from './loop-turn.ts';
import type { PlainReads } from './plain-reads.ts';
import type { Plans } from './plans.ts';
import type { DateStamp } from './reply.ts';
import type { StreamTurns } from './stream-turns.ts';
import type { Underway } from './underway.ts';

/** The socket as a session needs it. */
export interface Wire {
  /** Returns the bytes taken, -1 when the connection is gone. */
  write(bytes: Uint8Array): number;
  pause(): void;
  resume(): void;
  /** Sends FIN and goes on reading. */
  shutdown(): void;
  /** Closes for good. */
  end(): void;
  /** Resets. */
  terminate(): void;
}

export interface SessionContext {
  readonly clock: Clock;
  readonly limits: ServerLimits;
  readonly headLimits: HeadLimits;
  readonly log: AccessLog;
  readonly underway: Underway;
  /** Content that the requests of all sessions hold. */
  readonly budget: ContentBudget;
  readonly date: DateStamp;
  readonly turn: LoopTurn;
  /** How the sessions share the turns of the event loop while they send large contents. */
  readonly turns: StreamTurns;
  /** Reads large contents without waiting; absent where that cannot be done. */
  readonly reader?: InstantReader | undefined;
  /** What was answered before, and can be again. */
  readonly plans: Plans;
  /** By which replies go out that are made at once. */
  readonly sends: JointSends;
  /** Answers plain requests straight; absent where that cannot be done. */
  readonly plain?: PlainReads | undefined;
  /** What the response to bytes that are no request carries. */
  readonly fields: readonly FieldLine[];
  /** What is to happen for a request; called in order of arrival. */
  readonly intake: (head: RequestHead) => Intake;
}
