/**
 * Every limit that has a flag: the one table from which the flags, their check, their help and the
 * documents are made. The defaults stay with the parts that the limits belong to.
 */

import type { DispatchLimits } from '../dispatch/limits.ts';
import type { HeadLimits } from '../http/limits.ts';
import type { ServerLimits, StoreLimits } from './limits.ts';

/** A rate is in bytes per second. */
export type LimitUnit = 'duration' | 'size' | 'count' | 'rate';

export interface LimitRow {
  /** The flag as Commander names it: `headerTimeout` is `--header-timeout`. */
  readonly option: string;
  readonly unit: LimitUnit;
  /** Bounds of what the flag takes: milliseconds, bytes or a number. */
  readonly min: number;
  readonly max: number;
  /** In the help and in the documents. */
  readonly what: string;
  /** Why the default is what it is. */
  readonly reason: string;
  readonly past: string;
}

type Rows<Key extends string> = Readonly<Record<Key, LimitRow>>;

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;

/** A shorter time could pass between two looks at the deadlines. */
const TIMEOUT_MIN_MS = 100;

/** Limits of a message's head. That of a reason phrase has no flag: a server reads none. */
export const headRows = {
  targetBytesMax: {
    option: 'maxTarget',
    unit: 'size',
    min: 1,
    max: 64 * KIB,
    what: 'request target',
    reason: 'RFC 9112 section 3 asks for 8,000 bytes at least',
    past: '414, close',
  },
  methodBytesMax: {
    option: 'maxMethod',
    unit: 'size',
    min: 7,
    max: KIB,
    what: 'method',
    reason: 'the longest registered one has 17; OPTIONS, the longest known here, has 7',
    past: '501, close',
  },
  sectionBytesMax: {
    option: 'maxSection',
    unit: 'size',
    min: KIB,
    max: MIB,
    what: 'header section; trailers the same',
    reason: 'it is what one connection may pin before it has asked for anything',
    past: '431, close',
  },
  fieldBytesMax: {
    option: 'maxField',
    unit: 'size',
    min: 256,
    max: MIB,
    what: 'one header line',
    reason: 'a few large cookies',
    past: '431, close',
  },
  fieldsMax: {
    option: 'maxFields',
    unit: 'count',
    min: 1,
    max: 1_000,
    what: 'header lines',
    reason: 'each costs work in every later look-up',
    past: '431, close',
  },
  chunkExtensionBytesMax: {
    option: 'maxChunkExtensions',
    unit: 'size',
    min: 0,
    max: 64 * KIB,
    what: 'chunk extensions of one content',
    reason: 'they carry nothing, so a flood of them is an attack',
    past: '400, close',
  },
} as const satisfies Rows<Exclude<keyof HeadLimits, 'reasonBytesMax'>>;

export const serverRows = {
  contentBytesMax: {
    option: 'maxContent',
    unit: 'size',
    min: 0,
    max: 16 * MIB,
    what: 'content of a write',
    reason: 'it is held whole, in each connection and on its way to a thread; 16 MiB is the most',
    past: '413, close',
  },
  discardBytesMax: {
    option: 'maxDiscard',
    unit: 'size',
    min: 0,
    max: 16 * MIB,
    what: 'content of a request that takes none',
    reason: 'it is read and dropped to keep the connection; beyond, a new one is cheaper',
    past: 'the answer, then close',
  },
  insertPageBytesMax: {
    option: 'maxInsertPage',
    unit: 'size',
    min: KIB,
    max: 64 * MIB,
    what: 'page that takes an insert',
    reason: 'each insert reads, parses and writes the page whole',
    past: '409, classic 400',
  },
  headerTimeoutMs: {
    option: 'headerTimeout',
    unit: 'duration',
    min: TIMEOUT_MIN_MS,
    max: HOUR_MS,
    what: 'time for a head, from its first byte',
    reason: 'who sends slower only holds a place',
    past: '408, close',
  },
  contentRateMin: {
    option: 'minContentRate',
    unit: 'rate',
    min: 0,
    max: MIB,
    what: 'mean rate at which content must come',
    reason: 'slower than the slowest modem; it does not count while the server is not reading',
    past: '408, close',
  },
  contentRateGraceMs: {
    option: 'contentGrace',
    unit: 'duration',
    min: TIMEOUT_MIN_MS,
    max: HOUR_MS,
    what: 'time before that rate counts',
    reason: 'a lost packet or two, sent again',
    past: '408, close',
  },
  writeStallTimeoutMs: {
    option: 'writeTimeout',
    unit: 'duration',
    min: TIMEOUT_MIN_MS,
    max: HOUR_MS,
    what: 'time in which a client takes nothing of its answer',
    reason: 'a client that takes nothing for this long is gone',
    past: 'reset',
  },
  writeRateMin: {
    option: 'minWriteRate',
    unit: 'rate',
    min: 0,
    max: MIB,
    what: 'mean rate at which a client must take an answer',
    reason: 'who takes a byte now and then never stalls, and holds a file open',
    past: 'reset',
  },
  writeRateGraceMs: {
    option: 'writeGrace',
    unit: 'duration',
    min: TIMEOUT_MIN_MS,
    max: HOUR_MS,
    what: 'time before that rate counts',
    reason: 'a phone in a tunnel',
    past: 'reset',
  },
  idleTimeoutMs: {
    option: 'idleTimeout',
    unit: 'duration',
    min: TIMEOUT_MIN_MS,
    max: 24 * HOUR_MS,
    what: 'time between two requests',
    reason: "longer than a person's pause on a page",
    past: 'close, without an answer',
  },
  lingerTimeoutMs: {
    option: 'lingerTimeout',
    unit: 'duration',
    min: 0,
    max: 60 * SECOND_MS,
    what: 'time in which a connection is read on after its last answer',
    reason: 'to close on a client that still sends would reset it, and lose the answer',
    past: 'close',
  },
  lingerBytesMax: {
    option: 'maxLinger',
    unit: 'size',
    min: 0,
    max: 16 * MIB,
    what: 'bytes that are read on after the last answer',
    reason: 'what was on its way when the answer was sent',
    past: 'reading waits until that time is over',
  },
  pipelinedRequestsMax: {
    option: 'maxPipelined',
    unit: 'count',
    min: 1,
    max: 1_000,
    what: 'requests of a connection that are not answered yet',
    reason: 'enough to keep every thread busy, and no more than one client should have',
    past: 'reading waits',
  },
  heldContentBytesMax: {
    option: 'maxHeld',
    unit: 'size',
    min: 1,
    max: 64 * MIB,
    what: 'content held for those requests',
    reason: 'two of the largest writes: one at work, one behind it',
    past: 'reading waits',
  },
  heldContentBytesTotalMax: {
    option: 'maxHeldTotal',
    unit: 'size',
    min: MIB,
    max: 64 * 1024 * MIB,
    what: 'content of writes held for all connections together',
    reason: 'many slow uploads must not fill the memory of a small machine',
    past: '503 with `Retry-After`, close',
  },
  parallelRequestsMax: {
    option: 'maxParallel',
    unit: 'count',
    min: 1,
    max: 256,
    what: 'requests of a connection that run at once',
    reason: 'more would read pages long before the client can take them',
    past: 'the next waits for one of them',
  },
  outboxBytesMax: {
    option: 'maxUnsent',
    unit: 'size',
    min: 1,
    max: 64 * MIB,
    what: 'bytes that wait for a client',
    reason: 'who does not read its answers gets no more of them made',
    past: 'no further request is read',
  },
  connectionsMax: {
    option: 'maxConnections',
    unit: 'count',
    min: 1,
    max: 1_000_000,
    what: 'connections at once',
    reason:
      'fewer where the system allows fewer files; what these leave is for pages that are being sent',
    past: '503 with `Retry-After`, close; reset when 64 others are being told so',
  },
  stopTimeoutMs: {
    option: 'stopTimeout',
    unit: 'duration',
    min: 0,
    max: HOUR_MS,
    what: 'time for what runs when the server is stopped',
    reason: 'what starts and stops services waits about as long before it kills',
    past: 'reset',
  },
} as const satisfies Rows<keyof ServerLimits>;

/** How much of the past is kept. */
export const storeRows = {
  historyRevisionsMax: {
    option: 'history',
    unit: 'count',
    min: 0,
    max: 1_000_000,
    what: 'displaced versions of a page',
    reason: 'a day of work on a page',
    past: 'the oldest one goes',
  },
  historyBytesMax: {
    option: 'historyBytes',
    unit: 'size',
    min: 0,
    max: 512 * 1024 * MIB,
    what: 'displaced versions of all pages',
    reason: 'a part of any disk that people have',
    past: 'the oldest one goes',
  },
  keyWindowMs: {
    option: 'idempotencyWindow',
    unit: 'duration',
    min: SECOND_MS,
    max: 30 * 24 * HOUR_MS,
    what: 'time for which an idempotency key is known',
    reason: 'longer than any client tries again',
    past: 'the same key is a new request',
  },
  keysMax: {
    option: 'maxKeys',
    unit: 'count',
    min: 1,
    max: 100_000_000,
    what: 'idempotency keys that are known',
    reason: 'some 100 bytes of the ledger each',
    past: 'the oldest one is forgotten',
  },
} as const satisfies Rows<keyof StoreLimits>;

/** Limits of the pool. Those that concern only threads have no flag. */
export const dispatchRows = {
  jobDeadlineMs: {
    option: 'jobTimeout',
    unit: 'duration',
    min: TIMEOUT_MIN_MS,
    max: HOUR_MS,
    what: 'time for the work on a page',
    reason: 'longer than any healthy disk takes, shorter than a person waits',
    past: '503; a store worker at work is replaced',
  },
  jobsQueuedMax: {
    option: 'maxJobs',
    unit: 'count',
    min: 1,
    max: 1_000_000,
    what: 'jobs that wait for a thread; edits under way or waiting for a page',
    reason: 'a quarter of a second of work; beyond, waiting helps nobody',
    past: '503 with `Retry-After`',
  },
  cacheBytesMax: {
    option: 'cache',
    unit: 'size',
    min: 0,
    max: 64 * 1024 * MIB,
    what: 'pages in memory, with what is kept beside them; 0 keeps none',
    reason: 'all pages of most sites, and not felt beside what the threads need anyway',
    past: 'the page that was asked for longest ago goes',
  },
} as const satisfies Rows<
  Extract<keyof DispatchLimits, 'jobDeadlineMs' | 'jobsQueuedMax' | 'cacheBytesMax'>
>;
