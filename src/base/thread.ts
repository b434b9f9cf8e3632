/** Threads: the seam that starts one and reports what becomes of it. */

import { Worker } from 'node:worker_threads';

/** What its owner hears of a thread: messages, at most one error, and exactly one exit. */
export interface ThreadOwner<In> {
  message(message: In): void;
  /** Something was thrown and not caught there; the exit follows. */
  error(text: string): void;
  /** The thread runs no code any more. Nothing follows. */
  exit(): void;
}

export interface Thread<Out> {
  /** Posts a message; one to a thread that is gone is dropped. */
  post(message: Out, transfer?: (ArrayBuffer | MessagePort)[]): void;
  /**
   * Asks for the end, at once and without clearing up. A thread that is blocked in a system call
   * ends only after it.
   */
  terminate(): void;
  /** Resolves, and never rejects, when `exit` has been reported. */
  readonly exited: Promise<void>;
}

/**
 * Starts the module at `url` with `data`; of that, `transfer` is handed over. Throws nothing.
 *
 * @param name what the system's tools call the thread, `top -H` for one; Linux shows 15 characters
 */
export function startThread<Out, In>(
  url: URL,
  name: string,
  data: unknown,
  transfer: MessagePort[],
  owner: ThreadOwner<In>,
): Thread<Out> {
  const exited = Promise.withResolvers<void>();
  let failed = false;
  let gone = false;
  let terminated = false;
  function fail(reason: unknown): void {
    if (failed || gone) return;
    failed = true;
    owner.error(reason instanceof Error ? (reason.stack ?? reason.message) : String(reason));
  }
  function end(): void {
    if (gone) return;
    gone = true;
    owner.exit();
    exited.resolve();
  }
  let worker: Worker;
  try {
    worker = new Worker(url, { name, workerData: data, transferList: transfer });
  } catch (error) {
    // Reported in a turn of its own, for the owner does not have the thread in its hands yet.
    setImmediate(() => {
      fail(error);
      end();
    });
    return { post() {}, terminate() {}, exited: exited.promise };
  }
  worker.on('message', (message: In) => {
    if (!gone) owner.message(message);
  });
  worker.on('messageerror', fail);
  worker.on('error', fail);
  worker.on('exit', end);
  return {
    post(message, list = []) {
      if (!gone) worker.postMessage(message, list);
    },
    terminate() {
      if (gone || terminated) return;
      terminated = true;
      // It resolves with the exit status, which the exit event reports too.
      void worker.terminate();
    },
    exited: exited.promise,
  };
}
