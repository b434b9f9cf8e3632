/**
 * Whether a page that another program has changed is served new on the very next request, tried
 * again and again while a load runs: this process is that other program.
 */

import { renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every way comes twice in a row, so that the second change of an equal size is one. */
const TIMES_IN_A_ROW = 2;
const TIMEOUT_MS = 10_000;

export interface Way {
  readonly name: string;
  readonly byRename: boolean;
  /** Whether its versions are all as long as each other. */
  readonly sameSize: boolean;
}

export const ways: readonly Way[] = [
  { name: 'in place, the same size', byRename: false, sameSize: true },
  { name: 'in place, another size', byRename: false, sameSize: false },
  { name: 'by rename, the same size', byRename: true, sameSize: true },
  { name: 'by rename, another size', byRename: true, sameSize: false },
];

/** Requests right after a change, and how many were answered with what was, by the server. */
export class FreshnessTally {
  readonly #counts = new Map<string, { asked: number; stale: number }>();
  /** What was wrong the first time, in words. */
  firstStale: string | undefined;

  add(server: string, stale: string | undefined): void {
    const counted = this.of(server);
    const isStale = stale !== undefined;
    this.#counts.set(server, {
      asked: counted.asked + 1,
      stale: counted.stale + (isStale ? 1 : 0),
    });
    if (isStale && server === 'Inkwire') this.firstStale ??= stale;
  }

  of(server: string): { readonly asked: number; readonly stale: number } {
    return this.#counts.get(server) ?? { asked: 0, stale: 0 };
  }
}

export interface Watched {
  /** The server's name, for the tally. */
  readonly name: string;
  readonly port: number;
  readonly root: string;
  /** The page that is changed. */
  readonly path: string;
  /** Between two changes, milliseconds; 0: as fast as it goes. */
  readonly periodMs: number;
}

/** What the change of this number is, and the page after it. */
export function versionOf(number: number): { readonly way: Way; readonly text: string } {
  const way = ways[Math.floor(number / TIMES_IN_A_ROW) % ways.length] ?? ways[0];
  if (way === undefined) throw new Error('there is a way to change a file');
  const start = `<!DOCTYPE html><title>${String(number).padStart(9, '0')}</title>`;
  return { way, text: way.sameSize ? start : start + '.'.repeat(1 + (number % 97)) };
}

/** Changes the file, as the version's way says. */
export function change(file: string, number: number): void {
  const { way, text } = versionOf(number);
  if (way.byRename) {
    writeFileSync(`${file}.new`, text);
    renameSync(`${file}.new`, file);
    return;
  }
  const isAsLong = statSync(file, { throwIfNoEntry: false })?.size === text.length;
  // As long as before, it is written over in one call, and never empty between two.
  writeFileSync(file, text, { flag: isAsLong ? 'r+' : 'w' });
}

/** Changes a page and asks for it, in turn, until it is told to stop. */
export class FreshnessWatch {
  readonly #running: Promise<void>;
  #stopped = false;

  constructor(
    readonly watched: Watched,
    readonly tally: FreshnessTally,
  ) {
    this.#running = this.#run();
    // It is looked at when the watch is stopped, and may fail before that.
    this.#running.catch(() => {});
  }

  /** Rejects when a request failed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    const { name, port, root, path, periodMs } = this.watched;
    const url = `http://127.0.0.1:${port}${path}`;
    for (let number = 0; !this.#stopped; number += 1) {
      change(join(root, path), number);
      const { way, text } = versionOf(number);
      // The second one meets what the first one has left in a cache.
      for (const which of ['first', 'second']) {
        const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
        const body = await response.text();
        const isNew = response.status === 200 && body === text;
        const said = `${which} request after change ${number}, ${way.name}: ${response.status} ${body}`;
        this.tally.add(name, isNew ? undefined : said);
      }
      await Bun.sleep(periodMs);
    }
  }
}
