/**
 * The server's limits and their defaults. What each is for, its flag and its bounds are in
 * `limit-table.ts`; the limits of single messages are `src/http/limits.ts`'s, those of the pool
 * `src/dispatch/limits.ts`'s.
 */

export interface ServerLimits {
  /** Time for a whole head, from its first byte. */
  readonly headerTimeoutMs: number;
  /** Time between two requests of a connection. */
  readonly idleTimeoutMs: number;
  /** Content must come at this mean rate, bytes per second, once the grace is over. */
  readonly contentRateMin: number;
  readonly contentRateGraceMs: number;
  /** Time in which a client takes nothing while bytes wait for it. */
  readonly writeStallTimeoutMs: number;
  /** Responses must be taken at this mean rate, bytes per second, once the grace is over. */
  readonly writeRateMin: number;
  readonly writeRateGraceMs: number;
  /** After its last response a connection is read on for this long. */
  readonly lingerTimeoutMs: number;
  /** And for so many bytes; past them the kernel holds the peer back until the time is over. */
  readonly lingerBytesMax: number;
  /** Requests of a connection that were read and not answered yet. */
  readonly pipelinedRequestsMax: number;
  /** Bytes of content held for a connection's pipelined requests before it is read no further. */
  readonly heldContentBytesMax: number;
  /** Bytes of content held for all connections together. */
  readonly heldContentBytesTotalMax: number;
  /** Requests of a connection that run at once. */
  readonly parallelRequestsMax: number;
  /** Bytes that wait to be sent to a client before its next request is read or started. */
  readonly outboxBytesMax: number;
  /** Content of a write. */
  readonly contentBytesMax: number;
  /** Unwanted content that is read and dropped. */
  readonly discardBytesMax: number;
  /** A page above this takes no insert. */
  readonly insertPageBytesMax: number;
  /** Connections at once. */
  readonly connectionsMax: number;
  /** Time for running requests when the server stops. */
  readonly stopTimeoutMs: number;
}

const SECOND_MS = 1_000;
const KIB = 1024;
const MIB = 1024 * KIB;

/** Descriptors that are kept for pages, threads, the log and the ledger. */
export const RESERVED_FILES = 256;

export const defaultServerLimits: ServerLimits = {
  headerTimeoutMs: 10 * SECOND_MS,
  idleTimeoutMs: 60 * SECOND_MS,
  contentRateMin: 500,
  contentRateGraceMs: 10 * SECOND_MS,
  writeStallTimeoutMs: 30 * SECOND_MS,
  writeRateMin: 500,
  writeRateGraceMs: 60 * SECOND_MS,
  lingerTimeoutMs: 2 * SECOND_MS,
  lingerBytesMax: 256 * KIB,
  pipelinedRequestsMax: 32,
  heldContentBytesMax: 2 * MIB,
  heldContentBytesTotalMax: 256 * MIB,
  parallelRequestsMax: 8,
  outboxBytesMax: 1 * MIB,
  contentBytesMax: 1 * MIB,
  discardBytesMax: 64 * KIB,
  insertPageBytesMax: 16 * MIB,
  connectionsMax: 8_192,
  stopTimeoutMs: 10 * SECOND_MS,
};

/** How much of the past the store keeps. */
export interface StoreLimits {
  /** Displaced versions of one page. */
  readonly historyRevisionsMax: number;
  /** Bytes of the displaced versions of all pages. */
  readonly historyBytesMax: number;
  /** Age of an idempotency key. */
  readonly keyWindowMs: number;
  /** Idempotency keys at once. */
  readonly keysMax: number;
}

export const defaultStoreLimits: StoreLimits = {
  historyRevisionsMax: 100,
  historyBytesMax: 1024 * MIB,
  keyWindowMs: 24 * 3_600 * SECOND_MS,
  keysMax: 1_000_000,
};

/** Content up to this travels inside an outcome; above, in chunks of this size. */
export const INLINE_BYTES_MAX = 256 * KIB;
/** Content up to this is hashed for its entity tag, once a version; more would stall a worker. */
export const HASH_BYTES_MAX = 8 * MIB;
/** Content above this is not echoed by POST. */
export const ECHO_BYTES_MAX = 1 * MIB;
/**
 * Requests under way in all connections up to which one connection may have more than one: two full
 * batches for each of two threads or so. Beyond, more of them only wait, and make others wait.
 */
export const AHEAD_REQUESTS_MAX = 64;
