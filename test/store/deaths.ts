/**
 * A publisher that is killed between two of its calls, one that opens the same root after it, and
 * what has to be true then of each edit that was under way.
 */

import { expect } from 'bun:test';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Glob } from 'bun';
import type { PreparedEdit } from '../../src/model/messages.ts';
import type { Edit, EditResult } from '../../src/model/operation.ts';
import { disagreements, type LedgerRow, ledgerRows } from '../support/agreement.ts';
import { Died, FaultyFileSystem } from './faulty-file-system.ts';
import {
  brief,
  edit,
  type FileTestStore,
  fileStore,
  insert,
  key,
  type OpenTestPublisher,
  readText,
  remove,
  replace,
  temporaryRoot,
} from './support.ts';

const html = '<body>\n<p>old</p>\n</body>\n';

/** An edit that death is to meet. */
export interface DoomedEdit {
  readonly path: string;
  /** What the page holds before; absent: there is none. */
  readonly old?: string;
  readonly edits: readonly Edit[];
  readonly done: EditResult['kind'];
}

export const doomed = {
  create: { path: 'a/b/new.html', edits: [replace('new')], done: 'created' },
  replace: { path: 'dir/r.html', old: html, edits: [replace('new')], done: 'replaced' },
  insert: { path: 'dir/i.html', old: html, edits: [insert('1'), insert('2')], done: 'inserted' },
  remove: { path: 'dir/d.html', old: html, edits: [remove()], done: 'removed' },
} as const satisfies Record<string, DoomedEdit>;

export interface Plan {
  readonly edits: readonly DoomedEdit[];
  readonly portable: boolean;
  /** What opens the publisher that is killed. */
  readonly open?: OpenTestPublisher;
  /** Runs before anything of the group is prepared. */
  readonly beforePrepared?: () => void;
  /** Runs when all is prepared, right before the publisher gets it. */
  readonly beforeGroup?: (fileSystem: FaultyFileSystem) => void;
  /** Runs when the publisher has answered. */
  readonly afterGroup?: (store: FileTestStore, fileSystem: FaultyFileSystem) => void;
  /** Runs before each call of the publisher that is killed. */
  readonly meanwhile?: (root: string, call: string) => void;
  /** Runs between the death and the next start. */
  readonly afterDeath?: (root: string) => void;
}

const lookingCalls = new Set(['openat', 'openat2', 'fstat', 'statat', 'pread', 'readdir', 'close']);

/** A root, and the lives that it sees. */
export class Lives implements Disposable {
  readonly root: string;
  /** What each of the edits was answered; empty when they were not. */
  answers: readonly (readonly string[])[] = [];
  readonly #stores: FileTestStore[] = [];
  readonly #dead: FaultyFileSystem[] = [];

  /** @param parent the folder that the root is made in; else one in memory */
  constructor(
    readonly plan: Plan,
    parent?: string,
  ) {
    this.root = parent === undefined ? temporaryRoot() : mkdtempSync(join(parent, 'root-'));
  }

  /**
   * Opens the root and publishes the edits as one group, until the `nth` call, counted from 0; or
   * dies right after the answers. Returns the call that it died before, if there was one.
   */
  edit(nth: number): string | undefined {
    const { edits, open, beforeGroup, afterGroup, meanwhile } = this.plan;
    const fileSystem = this.#mortal();
    const store = this.#open(fileSystem, open);
    for (const { path, old } of edits) {
      if (old !== undefined) expect(brief(edit(store, path, replace(old)))).toBe('created');
    }
    this.plan.beforePrepared?.();
    const group = edits.map((one) => prepare(store, one));
    beforeGroup?.(fileSystem);
    const publish = (): void => {
      const outcomes = store.publisher.publish(group);
      this.answers = outcomes.map(({ results }) => results.map(brief));
      afterGroup?.(store, fileSystem);
    };
    const before = (call: string): void => meanwhile?.(this.root, call);
    return dying(fileSystem, nth, publish, { isMoment: () => true, before });
  }

  /** Opens the root again, until the `nth` call of its recovery. */
  recover(nth: number): string | undefined {
    const fileSystem = this.#mortal();
    let isRecovering = false;
    const isMoment = (call: string): boolean => {
      // The first call of a recovery; what comes before it only opens.
      isRecovering ||= call === 'statat';
      // Between calls that only look, nothing is different.
      return isRecovering && !lookingCalls.has(call);
    };
    return dying(fileSystem, nth, () => void this.#open(fileSystem), { isMoment });
  }

  /** What lies in the root, and what the ledger says; the same for two deaths in one moment. */
  state(): string {
    const files = [...new Glob('**').scanSync({ cwd: this.root, dot: true })]
      .filter((path) => !path.includes('/ledger.'))
      .map((path) => [path.replace(/[^/]{36}/, '*'), readFileSync(join(this.root, path), 'utf8')]);
    const rows = ledgerRows(this.root).map(({ id, undone, pending }) => [id, undone, pending]);
    return [...files.map(String).sort(), ...rows.map(String)].join('\n');
  }

  /** Opens the root for good. */
  open(): FileTestStore {
    return this.#open(new FaultyFileSystem());
  }

  [Symbol.dispose](): void {
    for (const fileSystem of this.#dead) fileSystem.bury();
    for (const store of this.#stores.reverse()) store[Symbol.dispose]();
    rmSync(this.root, { recursive: true });
  }

  #mortal(): FaultyFileSystem {
    const fileSystem = new FaultyFileSystem();
    this.#dead.push(fileSystem);
    return fileSystem;
  }

  #open(fileSystem: FaultyFileSystem, open?: OpenTestPublisher): FileTestStore {
    const { portable } = this.plan;
    const settings = { root: this.root, fileSystem, portable, durability: 'sync' } as const;
    const store = fileStore({ ...settings, ...(open && { open }) });
    this.#stores.push(store);
    return store;
  }
}

/** Runs `use`; the file system's process dies before the `nth` moment, or else right after. */
function dying(
  fileSystem: FaultyFileSystem,
  nth: number,
  use: () => void,
  moments: {
    readonly isMoment: (call: string) => boolean;
    readonly before?: (call: string) => void;
  },
): string | undefined {
  let left = nth;
  let diedBefore: string | undefined;
  fileSystem.beforeCall = (call) => {
    moments.before?.(call);
    if (!moments.isMoment(call)) return;
    left -= 1;
    if (left >= 0) return;
    diedBefore = call;
    throw fileSystem.die();
  };
  try {
    use();
    fileSystem.die();
  } catch (error) {
    if (!(error instanceof Died)) throw error;
  }
  return diedBefore;
}

/** The edit as a store worker hands it over, under keys that are the same each time. */
function prepare(store: FileTestStore, { path, edits }: DoomedEdit): PreparedEdit {
  const prepared = store.executor.prepare({ kind: 'edit', id: 1, key: key(path), edits });
  const keys = edits.map((_, place) => {
    const fingerprint = Buffer.from(`${path} ${place}`).toString('base64url');
    return { key: `${path} ${place}`, fingerprint, place, answer: 'page' } as const;
  });
  if ('change' in prepared) return { ...prepared, keys };
  // Refused at once; but with a key the ledger is asked first.
  return { id: 1, key: key(path), change: { kind: 'none' }, results: prepared.results, keys };
}

/** What the page of an edit that is done holds; the same for each of its kind. */
const donePages = new Map<DoomedEdit, string>();

function donePage(edit: DoomedEdit, portable: boolean): string {
  const known = donePages.get(edit);
  if (known !== undefined) return known;
  using lives = new Lives({ edits: [edit], portable });
  lives.edit(Number.POSITIVE_INFINITY);
  const text = readText(lives.open(), edit.path);
  donePages.set(edit, text);
  return text;
}

/** What is wrong with the edits after the death of whoever did them; empty when nothing is. */
export function faultsAfter(lives: Lives): string[] {
  const store = lives.open();
  const { edits, portable } = lives.plan;
  const settled = disagreements(lives.root);
  const faults = edits.flatMap((edit, at) => [
    ...untruths(lives, edit, lives.answers[at] ?? []),
    ...faultsOf(store, edit, donePage(edit, portable)),
  ]);
  return [...settled, ...faults, ...disagreements(lives.root, { isServed: true })];
}

/** The record of an edit that was done; `undefined` when it was not. */
function doneRow(root: string, { path, old }: DoomedEdit): LedgerRow | undefined {
  const rows = ledgerRows(root).filter(({ key, kind }) => key === path && kind !== 'outside');
  // The first one made the page that the edit found.
  const row = rows.at(old === undefined ? 0 : 1);
  return row?.undone === 0n ? row : undefined;
}

/** An edit that was answered is done, or not, as its answer says. */
export function untruths(lives: Lives, edit: DoomedEdit, answers: readonly string[]): string[] {
  const isDone = doneRow(lives.root, edit) !== undefined;
  const wrong = answers.filter((answer) => {
    if (answer === 'outcome-unknown') return false;
    return (answer === edit.done) !== isDone;
  });
  return wrong.map((answer) => `${edit.path}: done is ${isDone}, and answered ${answer}`);
}

function faultsOf(store: FileTestStore, edit: DoomedEdit, done: string): string[] {
  const { path, old = '<not-found>' } = edit;
  const faults: string[] = [];
  const row = doneRow(store.root, edit);
  const isDone = row !== undefined;
  const page = readText(store, path);
  if (page !== (isDone ? done : old)) {
    faults.push(`${path}: done is ${isDone}, and the page is ${JSON.stringify(page)}`);
  }
  if (isDone && row.displaces !== null) {
    const kept = join(store.root, `.inkwire/history/${row.page}/${row.displaces}`);
    const text = existsSync(kept) ? readFileSync(kept, 'utf8') : undefined;
    if (text !== old) faults.push(`${path}: displaced, and kept as ${JSON.stringify(text)}`);
  }
  // Sent again under its keys, it is done exactly if it was not.
  const [outcome] = store.publisher.publish([prepare(store, edit)]);
  const again = outcome?.results.map(brief) ?? [];
  if (again.some((result) => result !== (isDone ? 'replayed' : edit.done))) {
    faults.push(`${path}: done is ${isDone}, and sent again it is ${again}`);
  }
  const after = readText(store, path);
  if (after !== done) faults.push(`${path}: sent again, the page is ${JSON.stringify(after)}`);
  for (const result of outcome?.results ?? []) {
    if (result.kind !== 'replayed' || result.page === undefined) continue;
    const replayed = Buffer.from(result.page).toString('utf8');
    if (replayed !== done) faults.push(`${path}: the replay is ${JSON.stringify(replayed)}`);
  }
  return faults;
}

/** Another program that saves a page by rename, right before each of some calls. */
export class SavesBetween {
  #saved = 0;

  constructor(
    readonly calls: readonly string[],
    readonly path: string,
  ) {}

  /** The last save; `undefined` when none came. */
  get last(): string | undefined {
    return this.#saved === 0 ? undefined : `save no. ${this.#saved}`;
  }

  readonly meanwhile = (root: string, call: string): void => {
    if (call !== this.calls[this.#saved]) return;
    this.#saved += 1;
    const page = join(root, this.path);
    writeFileSync(`${page}.new`, `save no. ${this.#saved}`);
    renameSync(`${page}.new`, page);
  };
}

/** What is wrong after a death under those saves, the last of which is to be kept. */
export function faultsAfterSaves({ root }: Lives, { path, last }: SavesBetween): string[] {
  // A save destroys what it replaces: at first the version that the edit was built on.
  const destroyed = `${path}: revision 1 (create) was displaced, and is not in the history`;
  const faults = disagreements(root, { othersSave: true }).filter((fault) => fault !== destroyed);
  const isKept = last === undefined || keptTexts(root, path).includes(last);
  return isKept ? faults : [...faults, `${path}: ${last} is lost`];
}

/** What the page holds, and each version in the history. */
export function keptTexts(root: string, path: string): string[] {
  const history = join(root, '.inkwire/history');
  const files = [...new Glob('*/*').scanSync(history)].map((place) => join(history, place));
  return [join(root, path), ...files].filter(existsSync).map((file) => readFileSync(file, 'utf8'));
}
