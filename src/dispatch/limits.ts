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
};

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
