/** The composition root: from a configuration to a running server, and back to nothing. */

import { realpathSync, statSync } from 'node:fs';
import { isLoopback } from '../app/admission.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { HASH_BYTES_MAX, INLINE_BYTES_MAX } from '../config/limits.ts';
import type { ServeConfig } from '../config/serve-config.ts';
import { type DispatcherOptions, startDispatcher } from '../dispatch/dispatcher.ts';
import { type DispatchEvent, DispatchStartError } from '../dispatch/events.ts';
import type { InstantPages } from '../model/instant-page.ts';
import { type AccessLog, createAccessLog } from '../observe/access-log.ts';
import { LineWriter } from '../observe/line-writer.ts';
import { createFileWatcher, type FileWatcher } from '../store/file-identity.ts';
import type { InstantReads } from '../store/instant-pages.ts';
import type { KernelMemory } from '../store/kernel-memory.ts';
import { closeLeftFile, PageCacheReader } from '../store/page-cache.ts';
import type { InstantReader } from './instant-reader.ts';
import type { Listener } from './listener.ts';
import { localUrl, serverUrl } from './server-url.ts';
import { standardOutput } from './standard-output.ts';

/** Parts that a test may put in the place of the real ones. */
export interface Seams {
  readonly clock?: Clock;
  readonly writer?: LineWriter;
  readonly locks?: DispatcherOptions['locks'];
  readonly storeWorkerUrl?: URL;
  readonly commitWorkerUrl?: URL;
  readonly portable?: boolean;
  readonly reader?: InstantReader;
}

export interface RunningServer {
  /** `http://127.0.0.1:8080/` */
  readonly url: string;
  readonly port: number;
  /** Whether only programs on this machine can reach it. */
  readonly loopback: boolean;
  /** Open connections. */
  readonly connections: number;
  /** Takes no new connection, finishes what runs, ends the threads. */
  stop(): Promise<void>;
}

/** Why a server did not start, for a person. */
export class StartError extends Error {
  override readonly name = 'StartError';

  constructor(
    readonly code: 'root' | 'root-held' | 'store' | 'port-busy' | 'address' | 'threads',
    message: string,
  ) {
    super(message);
  }
}

/**
 * Resolves when the server answers. Rejects with `StartError`, leaving nothing behind.
 *
 * @param greet is called once it listens, before the log has any line
 */
export async function startServer(
  config: ServeConfig,
  seams: Seams = {},
  greet: (server: RunningServer) => void = () => {},
): Promise<RunningServer> {
  const clock = seams.clock ?? systemClock;
  const writer = seams.writer ?? new LineWriter(standardOutput(clock));
  const log = createAccessLog(config.log, writer, clock);
  const root = openRoot(config.root);
  const notes = new StartNotes(log);
  const portable = isPortable(seams);
  const watcher = createFileWatcher(root, portable);
  let pages: InstantReads | undefined;
  let memory: KernelMemory | undefined;
  const instantPages: InstantPages = {
    take: (key) => pages?.take(key),
    takeAt: (key, at) => pages?.takeAt(key, at) === true,
  };
  const parts = { root, clock, notes, watcher, portable, instantPages };
  // The codec and the application are loaded while the threads load theirs.
  const [dispatcher, { openListener }, { openInstantPages }, { openKernelMemory }] =
    await Promise.all([
      startThreads(config, parts, seams),
      import('./open-listener.ts'),
      import('../store/instant-pages.ts'),
      import('../store/kernel-memory.ts'),
    ]);
  let listener: Listener;
  try {
    if (mayReadAtOnce(seams)) pages = openInstantPages(root, clock);
    if (!portable) memory = openKernelMemory();
    const reader = readerOf(seams);
    const server = { dispatcher, clock, log, reader, pages, memory };
    listener = openListener(config, server);
  } catch (error) {
    await dispatcher.stop();
    watcher.close();
    pages?.close();
    memory?.close();
    throw listenError(error, config);
  }
  dispatcher.announce(localUrl(config.host, listener.port));
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    await listener.stop(config.limits.stopTimeoutMs);
    await dispatcher.stop();
    watcher.close();
    pages?.close();
    memory?.close();
    await writer.drained();
  };
  const server: RunningServer = {
    url: serverUrl(config.host, listener.port),
    port: listener.port,
    loopback: isLoopback(config.host),
    get connections() {
      return listener.connections;
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
  greet(server);
  notes.release();
  return server;
}

/** What threads have to say, held back until the server has said where it is. */
class StartNotes {
  #held: string[] | undefined = [];

  constructor(readonly log: AccessLog) {}

  note(text: string): void {
    if (this.#held === undefined) this.log.note(text);
    else this.#held.push(text);
  }

  release(): void {
    for (const text of this.#held ?? []) this.log.note(text);
    this.#held = undefined;
  }
}

interface Parts {
  readonly root: string;
  readonly clock: Clock;
  readonly notes: StartNotes;
  readonly watcher: FileWatcher;
  readonly portable: boolean;
  readonly instantPages: InstantPages;
}

/** Takes care that the watcher is closed if it fails. */
async function startThreads(config: ServeConfig, parts: Parts, seams: Seams) {
  const { root, clock, notes, watcher, portable, instantPages } = parts;
  try {
    return await startDispatcher({
      workers: config.workers,
      clock,
      store: {
        root,
        durability: config.durability,
        ...config.storeLimits,
        insertPageBytesMax: config.limits.insertPageBytesMax,
        inlineBytesMax: INLINE_BYTES_MAX,
        hashBytesMax: HASH_BYTES_MAX,
        openPagesMax: Math.max(1, Math.floor(config.openPagesMax / config.workers)),
        portable,
      },
      closeFile: closeLeftFile,
      watchFile: watcher.watch,
      instantPages,
      ...(seams.locks && { locks: seams.locks }),
      ...(seams.storeWorkerUrl && { storeWorkerUrl: seams.storeWorkerUrl }),
      ...(seams.commitWorkerUrl && { commitWorkerUrl: seams.commitWorkerUrl }),
      limits: config.dispatchLimits,
      onEvent: (event) => notes.note(eventText(event)),
    });
  } catch (error) {
    watcher.close();
    if (error instanceof DispatchStartError && error.code === 'root-held') {
      const by = `by another Inkwire (${error.detail})`;
      throw new StartError('root-held', `the folder ${config.root} is served ${by} already`);
    }
    if (error instanceof DispatchStartError && error.code === 'store-unusable') {
      throw new StartError('store', `${config.root} cannot be served: ${error.detail}`);
    }
    throw new StartError('threads', `the worker threads did not start: ${messageOf(error)}`);
  }
}

/** Whether what only some systems can do is left alone. */
function isPortable(seams: Seams): boolean {
  return seams.portable ?? process.env['INKWIRE_PORTABLE'] === '1';
}

function readerOf(seams: Seams): InstantReader | undefined {
  return seams.reader ?? (isPortable(seams) ? undefined : new PageCacheReader());
}

/** Not where a test has put workers of its own: what they do with a page is to be seen. */
function mayReadAtOnce(seams: Seams): boolean {
  return !isPortable(seams) && seams.storeWorkerUrl === undefined;
}

/** The absolute path of the served folder, links resolved once and for all. */
function openRoot(root: string): string {
  try {
    const path = realpathSync(root);
    if (statSync(path).isDirectory()) return path;
  } catch {
    throw new StartError('root', `there is no folder ${root} to serve`);
  }
  throw new StartError('root', `${root} is not a folder`);
}

function listenError(error: unknown, { host, port }: ServeConfig): StartError {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
  if (code === 'EADDRINUSE') return new StartError('port-busy', `port ${port} of ${host} is taken`);
  // Bun's own words name the address again, and no reason.
  const why = typeof code === 'string' && code !== '' ? ` (${code})` : '';
  return new StartError('address', `cannot listen at ${host}:${port}${why}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function eventText(event: DispatchEvent): string {
  switch (event.kind) {
    case 'worker-lost': {
      const detail = event.detail === undefined ? '' : `: ${event.detail}`;
      return `Worker ${event.worker} is lost (${event.reason})${detail}; it will be replaced`;
    }
    case 'worker-replaced':
      return `Worker ${event.worker} is replaced`;
    case 'commit-lost':
      return 'The commit thread is lost: no edit is taken until the server is started anew';
    case 'read-only':
      return `No edit is taken until the server is started anew: ${event.detail}`;
    case 'notice':
      return `Note: ${event.text}`;
    case 'bug-caught':
      return `A bug was caught in worker ${event.worker}: ${event.text}`;
  }
}
