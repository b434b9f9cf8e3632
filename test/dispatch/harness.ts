/** What the tests of the dispatcher share: a root of their own, a dispatcher, and promises. */

import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { latin1Text, utf8Bytes } from '../../src/base/bytes.ts';
import { type Clock, systemClock, type Timer } from '../../src/base/clock.ts';
import { defaultStoreLimits } from '../../src/config/limits.ts';
import {
  type Dispatcher,
  type DispatcherOptions,
  startDispatcher,
} from '../../src/dispatch/dispatcher.ts';
import type { DispatchEvent } from '../../src/dispatch/events.ts';
import { noConditions } from '../../src/model/conditions.ts';
import type { StoreOptions } from '../../src/model/messages.ts';
import type { DoneBy, Edit, EditResult, ReadResult } from '../../src/model/operation.ts';
import { type ResourceKey, resourceKey } from '../../src/model/resource-key.ts';
import { closeLeftFile } from '../../src/store/page-cache.ts';

export const faultyStore = new URL('./faults/store-entry.ts', import.meta.url);
export const faultyCommit = new URL('./faults/commit-entry.ts', import.meta.url);
/** Takes small edits itself. */
export const preparingCommit = new URL('./faults/preparing-commit-entry.ts', import.meta.url);

export function key(name: string): ResourceKey {
  return resourceKey(name.split('/'));
}

export function storeOptions(root: string): StoreOptions {
  return {
    root,
    durability: 'none',
    ...defaultStoreLimits,
    insertPageBytesMax: 1 << 20,
    inlineBytesMax: 1 << 16,
    hashBytesMax: 1 << 20,
    openPagesMax: 100,
    portable: false,
  };
}

/** A clock whose deadlines pass when the test says so; single timers are the machine's. */
export class ManualClock implements Clock {
  nowMs = 0;
  readonly #tasks = new Set<() => void>();

  monotonicMs(): number {
    return this.nowMs;
  }

  wallMs(): number {
    return this.nowMs;
  }

  after(delayMs: number, task: () => void): Timer {
    return systemClock.after(delayMs, task);
  }

  every(_periodMs: number, task: () => void): Timer {
    this.#tasks.add(task);
    return { cancel: () => this.#tasks.delete(task) };
  }

  /** Runs what is to be run again and again. */
  tick(): void {
    for (const task of this.#tasks) task();
  }
}

export interface ReadEnd {
  readonly result: ReadResult;
  readonly worker: number | undefined;
}

export interface EditEnd {
  readonly results: readonly EditResult[];
  readonly worker: DoneBy | undefined;
}

/** A running dispatcher over a temporary root; disposing of it stops it and removes the root. */
export class Bench implements AsyncDisposable {
  readonly events: DispatchEvent[] = [];

  private constructor(
    readonly root: string,
    readonly start: (bench: Bench) => Promise<Dispatcher>,
  ) {}

  #dispatcher: Dispatcher | undefined;

  /** @param prepare makes the root ready before the threads start */
  static async open(
    options: Partial<DispatcherOptions> = {},
    prepare: (root: string) => void = () => {},
  ): Promise<Bench> {
    const root = mkdtempSync(join(tmpdir(), 'inkwire-dispatch-'));
    prepare(root);
    const bench = new Bench(root, (self) =>
      startDispatcher({
        workers: 2,
        store: storeOptions(root),
        clock: systemClock,
        closeFile: closeLeftFile,
        storeWorkerUrl: faultyStore,
        commitWorkerUrl: faultyCommit,
        onEvent: (event) => self.events.push(event),
        ...options,
      }),
    );
    try {
      bench.#dispatcher = await bench.start(bench);
    } catch (error) {
      rmSync(root, { recursive: true });
      throw error;
    }
    return bench;
  }

  get dispatcher(): Dispatcher {
    if (this.#dispatcher === undefined) throw new Error('not started');
    return this.#dispatcher;
  }

  write(name: string, content: string | Uint8Array): void {
    writeFileSync(join(this.root, name), content);
  }

  content(name: string): string {
    return readFileSync(join(this.root, name), 'latin1');
  }

  has(name: string): boolean {
    return existsSync(join(this.root, name));
  }

  /** Lets every thread go on that waits at the gate, or only those at this page's own. */
  openGate(page?: string): void {
    this.write(page === undefined ? 'gate' : `${page}.gate`, '');
  }

  read(name: string, want: 'content' | 'metadata' = 'content'): Promise<ReadEnd> {
    return new Promise((resolve) => {
      this.dispatcher.read({ key: key(name), want, conditions: noConditions }, (result, worker) =>
        resolve({ result, worker }),
      );
    });
  }

  edit(name: string, ...edits: Edit[]): Promise<EditEnd> {
    return new Promise((resolve) => {
      this.dispatcher.edit(key(name), edits, (results, worker) => resolve({ results, worker }));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.openGate();
    await this.dispatcher.stop();
    rmSync(this.root, { recursive: true });
  }
}

/** How many edits each publication of a page had, first to last. */
export function publications(bench: Bench, name: string): number[] {
  if (!bench.has(`${name}.published`)) return [];
  return bench.content(`${name}.published`).trim().split('\n').map(Number);
}

export function insert(text: string): Edit {
  const content = utf8Bytes(text);
  return { kind: 'insert', form: 'markup', content, conditions: noConditions, answer: 'page' };
}

/** The same edit, as a request that names itself. */
export function keyed(edit: Edit, name: string, fingerprint = 'same'): Edit {
  return { ...edit, idempotency: { key: name, fingerprint } };
}

/** What a read came to, in a word: the content, or the kind, or the code of a refusal. */
export function word({ result }: ReadEnd): string {
  if (result.kind === 'refused') return result.code;
  if (result.kind === 'found' && result.content.kind === 'whole') {
    return latin1Text(result.content.bytes);
  }
  return result.kind;
}

/** What an edit came to: the kind of each result, or the code of a refusal. */
export function words({ results }: EditEnd): string {
  return results.map((result) => (result.kind === 'refused' ? result.code : result.kind)).join(' ');
}

/** Resolves when `condition` holds; rejects when it does not within `limitMs`. */
export async function until(condition: () => boolean, limitMs = 5_000): Promise<void> {
  const endMs = systemClock.monotonicMs() + limitMs;
  while (!condition()) {
    if (systemClock.monotonicMs() > endMs) throw new Error(`never held: ${condition}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What this process has open below the root; `undefined` where the system does not tell. */
export function openBelow(root: string): string[] | undefined {
  let descriptors: string[];
  try {
    descriptors = readdirSync('/proc/self/fd');
  } catch {
    return undefined;
  }
  return descriptors.flatMap((descriptor) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${descriptor}`);
      return path.startsWith(root) ? [path] : [];
    } catch {
      // It was closed since the folder was read.
      return [];
    }
  });
}

/** Why workers were lost. */
export function losses({ events }: Bench): string[] {
  return events.flatMap((event) => (event.kind === 'worker-lost' ? [event.reason] : []));
}

/** How many lost workers have a successor that is ready. */
export function replaced({ events }: Bench): number {
  return events.filter((event) => event.kind === 'worker-replaced').length;
}
