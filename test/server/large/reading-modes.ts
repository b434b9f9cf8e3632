/** The ways in which large pages are read: by the main thread, by a worker, by both in turns. */

import type { OpenFile } from '../../../src/model/operation.ts';
import type { InstantReader } from '../../../src/server/instant-reader.ts';
import { PageCacheReader } from '../../../src/store/page-cache.ts';
import { Seeded } from '../../store/seeded.ts';
import { TestRoot } from '../../support/root.ts';
import { startTestServer, type TestServer, type TestServerOptions } from '../../support/server.ts';

type Files = Readonly<Record<string, string | Uint8Array>>;
type Options = Omit<TestServerOptions, 'files' | 'root'>;

/** Counts what a reader was asked and what it read. */
export class CountingReader implements InstantReader {
  readonly #real = new PageCacheReader();
  reads = 0;
  misses = 0;

  get bytes(): Uint8Array {
    return this.#real.bytes;
  }

  readNow(file: OpenFile, position: number, bytes: number): ReturnType<InstantReader['readNow']> {
    const read = this.#real.readNow(file, position, bytes);
    if (typeof read === 'number') this.reads += 1;
    else this.misses += 1;
    return read;
  }
}

/** Finds things absent, or reads little of them, as a seed says; and forgets what it has read. */
class FickleReader implements InstantReader {
  readonly #real = new PageCacheReader();
  readonly #random = new Seeded(4_711);

  get bytes(): Uint8Array {
    return this.#real.bytes;
  }

  readNow(file: OpenFile, position: number, bytes: number): ReturnType<InstantReader['readNow']> {
    this.#real.bytes.fill(0);
    const kind = this.#random.below(4);
    if (kind === 0) return 'absent';
    const most = kind === 1 ? 1 + this.#random.below(100_000) : bytes;
    return this.#real.readNow(file, position, Math.min(most, bytes));
  }
}

export interface ReadingMode {
  readonly name: string;
  start(files: Files, options?: Options): Promise<TestServer>;
}

/** A server whose root lies on a disk, where the page cache can be asked. */
export async function startOnDisk(files: Files, options: Options = {}): Promise<TestServer> {
  const root = new TestRoot(files, true);
  const server = await startTestServer({ ...options, root });
  return {
    ...server,
    get connections() {
      return server.connections;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      root[Symbol.dispose]();
    },
  };
}

function startWith(seams: TestServerOptions['seams']): ReadingMode['start'] {
  return (files, options = {}) =>
    startOnDisk(files, { ...options, seams: { ...seams, ...options.seams } });
}

export const readingModes: readonly ReadingMode[] = [
  { name: 'what the main thread reads', start: startWith({}) },
  { name: 'what only a worker reads', start: startWith({ portable: true }) },
  {
    name: 'what both read in turns',
    start: (files, options) => startWith({ reader: new FickleReader() })(files, options),
  },
];
