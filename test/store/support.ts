/** What the store's tests share: stores over a root of their own, and short ways to ask them. */

import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Glob } from 'bun';
import { utf8Bytes } from '../../src/base/bytes.ts';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { defaultStoreLimits } from '../../src/config/limits.ts';
import type { Conditions } from '../../src/model/conditions.ts';
import type { PreparedEdit, StoreOptions } from '../../src/model/messages.ts';
import type {
  Edit,
  EditOutcome,
  EditResult,
  ReadResult,
  ReplaceEdit,
} from '../../src/model/operation.ts';
import type { ResourceKey } from '../../src/model/resource-key.ts';
import { SequentialContent } from '../../src/store/content-stream.ts';
import { createFileExecutor } from '../../src/store/file-executor.ts';
import type { FileSystem } from '../../src/store/file-system.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { openPublisher } from '../../src/store/open-publisher.ts';
import type { Executor, Publisher } from '../../src/store/store.ts';
import { systemFileSystem } from '../../src/store/system-file-system.ts';

/** Small, so that a test passes each limit with little. */
export const testLimits = {
  insertPageBytesMax: 4_000,
  inlineBytesMax: 1_000,
  hashBytesMax: 2_000,
  openPagesMax: 1,
} as const;

/** Content that is held open is read in parts of this size. */
const partBytes = 256;

export interface TestStore extends Disposable {
  readonly executor: Executor;
  readonly publisher: Publisher;
}

export interface FileTestStore extends TestStore {
  readonly root: string;
  readonly options: StoreOptions;
  /** Names of files in the folder for temporary files. */
  temporaries(): string[];
  announce(url: string): void;
  /** Ends its use, and leaves its files; may be called again. */
  close(): void;
  /** Versions in the history: `<page>/<revision>`. */
  displaced(): string[];
}

export interface FileStoreSettings {
  readonly portable?: boolean;
  readonly durability?: 'sync' | 'none';
  /** Whether its root is on a disk, and so on the file system that users have. */
  readonly onDisk?: boolean;
  readonly fileSystem?: FileSystem;
  readonly clock?: Clock;
  /** A root that is there, and stays at the end; else the store makes one of its own. */
  readonly root?: string;
  /** What opens the publisher; else what the server does. */
  readonly open?: OpenTestPublisher;
}

export type OpenTestPublisher = (
  options: StoreOptions,
  fileSystem: FileSystem,
  clock: Clock,
) => { readonly publisher: Publisher; announce?(url: string): void; close(): void };

/** A folder in memory where there is one: nothing here waits for a disk, save what says so. */
const memoryFolder = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export function temporaryRoot(onDisk = false): string {
  return mkdtempSync(join(onDisk ? tmpdir() : memoryFolder, 'inkwire-store-'));
}

export function fileStore(settings: FileStoreSettings = {}): FileTestStore {
  const root = settings.root ?? temporaryRoot(settings.onDisk);
  const options: StoreOptions = {
    root,
    durability: settings.durability ?? 'none',
    ...defaultStoreLimits,
    portable: settings.portable ?? process.env['INKWIRE_PORTABLE'] === '1',
    ...testLimits,
  };
  const fileSystem = settings.fileSystem ?? systemFileSystem;
  const clock = settings.clock ?? systemClock;
  const opened = (settings.open ?? openAsServer)(options, fileSystem, clock);
  const executor = createFileExecutor(options, fileSystem, clock);
  const closers = [opened.close, () => executor.close()];
  const close = (): void => {
    for (const closeOne of closers.splice(0)) closeOne();
  };
  return {
    root,
    options,
    executor,
    publisher: opened.publisher,
    temporaries: () => readdirSync(join(root, '.inkwire/tmp')),
    displaced: () => [...new Glob('*/*').scanSync(join(root, '.inkwire/history'))].sort(),
    announce: (url) => opened.announce?.(url),
    close,
    [Symbol.dispose]: () => {
      close();
      if (settings.root === undefined) rmSync(root, { recursive: true, force: true });
    },
  };
}

const openAsServer: OpenTestPublisher = (options, fileSystem, clock) => {
  const opened = openPublisher(options, { fileSystem, clock });
  if (opened.kind !== 'open') throw new Error(`the store is ${opened.kind}`);
  return opened;
};

export function memoryStore(clock: Clock = systemClock): TestStore {
  const store = new MemoryStore(testLimits, clock);
  return { executor: store, publisher: store, [Symbol.dispose]: () => {} };
}

/** A key as the path rules would make it; the tests' keys need no checking. */
export function key(path: string): ResourceKey {
  return path as ResourceKey;
}

/** Reads a page; its content is whole, even where it came as a stream. */
export function readPage(
  store: TestStore,
  path: string,
  conditions: Conditions = {},
  want: 'content' | 'metadata' = 'content',
): { readonly result: ReadResult; readonly bytes?: Uint8Array } {
  const { outcome, stream } = store.executor.read({
    kind: 'read',
    id: 1,
    key: key(path),
    want,
    conditions,
  });
  const { result } = outcome;
  if (stream !== undefined && result.kind === 'found') {
    const content = new SequentialContent(stream, result.state.size);
    const parts: Uint8Array[] = [];
    while (content.remaining > 0) {
      const part = content.read(partBytes);
      if (part === undefined) break;
      parts.push(part);
    }
    content.close();
    return { result, bytes: new Uint8Array(Buffer.concat(parts)) };
  }
  const whole = result.kind === 'found' && result.content.kind === 'whole';
  return whole && result.kind === 'found' && result.content.kind === 'whole'
    ? { result, bytes: result.content.bytes }
    : { result };
}

/** The page as text; a refusal as its code in angle brackets. */
export function readText(store: TestStore, path: string): string {
  const { result, bytes } = readPage(store, path);
  if (result.kind === 'refused') return `<${result.code}>`;
  return Buffer.from(bytes ?? []).toString('utf8');
}

/** Publishes one edit, as a group of its own. */
export function publishOne(store: Pick<TestStore, 'publisher'>, prepared: PreparedEdit) {
  const [outcome] = store.publisher.publish([prepared]);
  if (outcome === undefined) throw new Error('an edit without an outcome');
  return outcome;
}

/** Prepares and publishes edits of one page. */
export function editPage(store: TestStore, path: string, edits: readonly Edit[]): EditOutcome {
  const prepared = store.executor.prepare({ kind: 'edit', id: 7, key: key(path), edits });
  return 'change' in prepared ? publishOne(store, prepared) : prepared;
}

/** The only result of one edit. */
export function edit(store: TestStore, path: string, only: Edit): EditResult {
  const [result] = editPage(store, path, [only]).results;
  if (result === undefined) throw new Error('an edit without a result');
  return result;
}

export function replace(content: string | Uint8Array, conditions: Conditions = {}): Edit {
  const bytes = typeof content === 'string' ? utf8Bytes(content) : content;
  return { kind: 'replace', create: true, content: bytes, conditions, answer: 'page' };
}

/** A replacement that creates nothing. */
export const replacement: ReplaceEdit = {
  kind: 'replace',
  create: false,
  content: new Uint8Array([0x31]),
  conditions: {},
  answer: 'page',
};

export function insert(text: string, conditions: Conditions = {}): Edit {
  return { kind: 'insert', form: 'text', content: utf8Bytes(text), conditions, answer: 'page' };
}

export function remove(conditions: Conditions = {}): Edit {
  return { kind: 'remove', conditions };
}

/** The same edit, as a request that names itself. */
export function keyed(edit: Edit, name: string, fingerprint = 'c2FtZQ'): Edit {
  return { ...edit, idempotency: { key: name, fingerprint } };
}

/** A result in short: its kind, or the code of its refusal. */
export function brief(result: EditResult | ReadResult): string {
  return result.kind === 'refused' ? result.code : result.kind;
}
