/**
 * Threads: the seam that starts one and reports what becomes of it.
 *
 * They are Bun's own workers and not those of `node:worker_threads`, which first make three streams
 * and four ports each: that takes a thread 10 ms more to start, and a server has five.
 */

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
 * Starts the module at `url`, which takes `data` with `takeOwner`; of that, `transfer` is handed
 * over. Throws nothing.
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
  function fail(text: string): void {
    if (failed || gone) return;
    failed = true;
    owner.error(text);
  }
  function end(): void {
    if (gone) return;
    gone = true;
    owner.exit();
    exited.resolve();
  }
  let worker: Worker;
  try {
    worker = new Worker(url, { name });
    worker.postMessage(data, transfer);
  } catch (error) {
    // Reported in a turn of its own, for the owner does not have the thread in its hands yet.
    setImmediate(() => {
      fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
      end();
    });
    return { post() {}, terminate() {}, exited: exited.promise };
  }
  worker.addEventListener('message', ({ data: message }: { data: In }) => {
    if (!gone) owner.message(message);
  });
  worker.addEventListener('messageerror', () => fail('a message could not be read'));
  worker.addEventListener('error', ({ message }) => fail(withoutSource(message)));
  worker.addEventListener('close', end);
  return {
    post(message, list = []) {
      if (!gone) worker.postMessage(message, list);
    },
    terminate() {
      if (gone || terminated) return;
      terminated = true;
      worker.terminate();
    },
    exited: exited.promise,
  };
}

/** Bun shows the lines of the source before an error, which are of no help in a log. */
function withoutSource(text: string): string {
  const lines = text.split('\n').filter((line) => !/^ *(?:[0-9]+ \| |\^$)/.test(line));
  return lines
    .join('\n')
    .trim()
    .replace(/^error:/, 'Error:');
}
