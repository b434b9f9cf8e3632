/** What the dispatcher has to say for the log. */

/** Why a worker was lost: it ended by itself, it threw, or main ended it. */
export type LossReason = 'exit' | 'error' | 'job-deadline' | 'start-deadline' | 'stream-stalled';

export type DispatchEvent =
  /** `worker` is the 1-based slot; `detail` what was thrown, where that is known. */
  | {
      readonly kind: 'worker-lost';
      readonly worker: number;
      readonly reason: LossReason;
      readonly detail?: string;
    }
  /** The slot has a worker that is ready again. */
  | { readonly kind: 'worker-replaced'; readonly worker: number }
  /** The commit worker died: no edit is taken until the server is started anew. */
  | { readonly kind: 'commit-lost'; readonly detail: string }
  /** Nor is any after a failure whose effect is not known. */
  | { readonly kind: 'read-only'; readonly detail: string }
  /** Something that the store has to say. */
  | { readonly kind: 'notice'; readonly text: string }
  /** A bug was caught in a store worker; only its own job felt it. */
  | { readonly kind: 'bug-caught'; readonly worker: number; readonly text: string };

/** The dispatcher could not be started; all its threads were ended. */
export class DispatchStartError extends Error {
  override readonly name = 'DispatchStartError';

  constructor(
    readonly code:
      | 'store-worker'
      | 'commit-worker'
      | 'start-deadline'
      | 'root-held'
      | 'store-unusable',
    readonly detail: string,
  ) {
    super(`${code}: ${detail}`);
  }
}
