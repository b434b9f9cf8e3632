/** A real server for a test: on a free port, with a root of its own, and its log in hand. */

import {
  defaultServerLimits,
  defaultStoreLimits,
  type ServerLimits,
  type StoreLimits,
} from '../../src/config/limits.ts';
import type { ServeConfig } from '../../src/config/serve-config.ts';
import { type DispatchLimits, defaultDispatchLimits } from '../../src/dispatch/limits.ts';
import { defaultHeadLimits, type HeadLimits } from '../../src/http/limits.ts';
import { LineWriter } from '../../src/observe/line-writer.ts';
import { type RunningServer, type Seams, startServer } from '../../src/server/server.ts';
import { SAMPLE, TestRoot } from './root.ts';

export interface TestServerOptions {
  readonly config?: Partial<
    Omit<ServeConfig, 'limits' | 'headLimits' | 'dispatchLimits' | 'storeLimits' | 'root'>
  >;
  readonly limits?: Partial<ServerLimits>;
  readonly headLimits?: Partial<HeadLimits>;
  readonly dispatchLimits?: Partial<DispatchLimits>;
  readonly storeLimits?: Partial<StoreLimits>;
  readonly seams?: Seams;
  /** Default: the sample page as `test.html`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** A folder that is there, and stays at the end; else the server has one of its own. */
  readonly root?: TestRoot;
}

export interface TestServer extends RunningServer, AsyncDisposable {
  readonly root: TestRoot;
  readonly config: ServeConfig;
  /** The log's lines so far. */
  readonly log: readonly string[];
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const root = options.root ?? new TestRoot(options.files ?? { 'test.html': SAMPLE });
  const log: string[] = [];
  const writer = new LineWriter((bytes, done) => {
    log.push(...new TextDecoder().decode(bytes).trimEnd().split('\n'));
    done(bytes.length);
  });
  const config: ServeConfig = {
    root: root.path,
    host: '127.0.0.1',
    port: 0,
    workers: 2,
    semantics: 'classic',
    durability: 'sync',
    log: 'text',
    startPage: true,
    requireConditional: false,
    allowedHosts: [],
    allowedOrigins: [],
    cacheRules: [],
    ...options.config,
    limits: { ...defaultServerLimits, ...options.limits },
    headLimits: { ...defaultHeadLimits, ...options.headLimits },
    dispatchLimits: { ...defaultDispatchLimits, ...options.dispatchLimits },
    storeLimits: { ...defaultStoreLimits, ...options.storeLimits },
    openPagesMax: 1_000,
  };
  const server = await startServer(config, { writer, ...options.seams });
  return {
    url: server.url,
    port: server.port,
    loopback: server.loopback,
    get connections() {
      return server.connections;
    },
    stop: () => server.stop(),
    root,
    config,
    log,
    async [Symbol.asyncDispose]() {
      await server.stop();
      if (options.root === undefined) root[Symbol.dispose]();
    },
  };
}

/** Resolves once `holds()` does; rejects after `timeoutMs` with what was waited for. */
export async function until(what: string, holds: () => boolean, timeoutMs = 5_000): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > endMs) throw new Error(`waited ${timeoutMs} ms for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
