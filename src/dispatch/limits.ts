/** The limits of the dispatcher and its pool: how much may wait, and how long. */

export interface DispatchLimits {
  /** Jobs that may wait for a worker, and edits that may be under way or wait for a lock. */
  readonly jobsQueuedMax: number;
  /** From the moment a job is taken until its asker is answered, whatever happens. */
  readonly jobDeadlineMs: number;
  /** Jobs that a worker is given at once. */
  readonly batchJobsMax: number;
  /** From the start of a thread to its ready message. */
  readonly startDeadlineMs: number;
  /** Edits that are done as one operation; 1 combines none. */
  readonly combinedEditsMax: number;
  /** Their content together. */
  readonly combinedContentBytesMax: number;
  /** The pages that they build, one for each edit, together. */
  readonly combinedPageBytesMax: number;
  /** Pages that are kept in memory, with what is kept beside them; 0 keeps none. */
  readonly cacheBytesMax: number;
}

export const defaultDispatchLimits: DispatchLimits = {
  // A quarter of a second of work at 40,000 requests per second; beyond, waiting helps nobody.
  jobsQueuedMax: 10_000,
  // Longer than any healthy disk takes, shorter than a person waits.
  jobDeadlineMs: 30_000,
  // More than this gained nothing when it was measured, and a lost batch should be small.
  batchJobsMax: 32,
  // A thread is ready in some 20 ms; a loaded machine may need a hundred times that.
  startDeadlineMs: 10_000,
  // What a publication costs is hardly felt by then, and a lost operation should be small.
  combinedEditsMax: 256,
  // Four of the largest inserts; it crosses to a worker at once, and is built into pages there.
  combinedContentBytesMax: 4 << 20,
  // Each page may be an answer, and is held until it is sent; all are built in well under a second.
  combinedPageBytesMax: 16 << 20,
  // All pages of most sites, and not felt beside what the threads need anyway.
  cacheBytesMax: 64 << 20,
};

/**
 * A larger page is not cached. Reading it anew costs little beside sending it, and a few of them
 * would put all others out of the cache.
 */
export const cachedPageBytesMax = 1 << 20;

/**
 * How often an edit is done at most while another program keeps changing its page. Whoever saves so
 * fast that an edit loses eight times does not stop by itself.
 */
export const editRunsMax = 8;

/**
 * A part of a large page that a worker reads at once, where main cannot read it: so much that what
 * the messages cost is little beside it, and no more than a disk gives in some milliseconds.
 */
export const slotBytes = 512 * 1024;

/**
 * Parts that a worker is asked for at once, of all pages together: one that it reads, one that
 * waits to be sent, and two so that neither thread waits for the other.
 */
export const slotsPerWorker = 4;

/**
 * Terminated workers that have not exited yet, because a system call holds them. At this many no
 * replacement is started until one exits: storage that hangs must not collect threads (some 4 MB
 * each) without end.
 */
export const leavingWorkersMax = 8;

/** The first replacement comes at once, the next after this; then each waits twice as long. */
export const restartDelayFirstMs = 100;

/** A worker that cannot start is tried this often, so that the server recovers by itself. */
export const restartDelayMaxMs = 5_000;

/** How long a thread that was told to stop may take before it is terminated. */
export const threadStopMs = 2_000;

/** How long the end of a terminated thread is waited for at stop; a blocked one may never end. */
export const threadEndMs = 500;

/** Deadlines are looked at this many times within a job's deadline: late by an eighth at most. */
export const sweepsPerDeadline = 8;

/** Sweeps are no further apart than this, for back-off and start deadlines hang on them too. */
export const sweepPeriodMaxMs = 250;
