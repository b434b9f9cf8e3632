/** A journal in use, and what may be left over of it: the rule that every crash is held against. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FileError } from '../../../src/store/errno.ts';
import type { Journal, JournalOptions } from '../../../src/store/journal/journal.ts';
import { openJournal } from '../../../src/store/journal/journal.ts';
import { TestRoot } from '../../support/root.ts';
import type { PickVersion } from './torn-disk.ts';
import { TornDisk } from './torn-disk.ts';

/** A payload that is known by its number, of any length from 4 on. */
export function payloadOf(id: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(0x61 + (id % 26));
  new DataView(bytes.buffer).setUint32(0, id);
  return bytes;
}

/** The number of a payload that is whole; -1 of any other. */
export function idOf(bytes: Uint8Array): number {
  if (bytes.length < 4) return -1;
  const id = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  return Buffer.compare(payloadOf(id, bytes.length), bytes) === 0 ? id : -1;
}

export class JournalLife implements Disposable {
  readonly root = new TestRoot();
  readonly disk = new TornDisk();
  readonly path = join(this.root.path, '.inkwire/journal');
  readonly #options: JournalOptions;
  #journal: Journal | undefined;
  #nextId = 1;
  /** Payloads that were appended, oldest first, by number; each is one that may be found. */
  appended: number[] = [];
  /** One that was being appended when the process died. */
  #maybe: number | undefined;
  /** Of `appended`, so many must be found, but for those that are settled. */
  synced = 0;
  settled = 0;
  #settling: number | undefined;

  constructor(options: Partial<JournalOptions> = {}) {
    this.#options = { durability: 'sync', segmentBytes: 2_048, ...options };
    mkdirSync(join(this.root.path, '.inkwire'));
  }

  get journal(): Journal {
    if (this.#journal === undefined) throw new Error('the journal is not open');
    return this.#journal;
  }

  /** What is left over now, by number; throws when it is not what the promise says. */
  open(): readonly number[] {
    this.#journal = openJournal(this.path, this.#options, this.disk.fileSystem);
    const found = this.#journal.leftOver.map(idOf);
    const all = this.#maybe === undefined ? this.appended : [...this.appended, this.#maybe];
    const end = found.length === 0 ? this.settled : all.indexOf(found.at(-1) ?? -1) + 1;
    const start = end - found.length;
    const said = `of ${all}: found ${found}, synced ${this.synced}, settled ${this.settled}`;
    if (String(all.slice(start, end)) !== String(found)) throw new Error(`no run ${said}`);
    if (end < this.synced) throw new Error(`some that were synced are missing ${said}`);
    if (start > this.settled) throw new Error(`some that are not settled are missing ${said}`);
    // All that was found is synced by now, and what was not will never be.
    this.appended = all.slice(0, Math.max(end, this.synced));
    this.synced = this.appended.length;
    this.#maybe = undefined;
    this.#settling = undefined;
    return found;
  }

  start(): void {
    this.open();
    this.restart();
  }

  restart(): void {
    this.settled = this.appended.length;
    this.journal.restart();
  }

  /** Whether it was taken. */
  append(length: number): boolean {
    const id = this.#nextId;
    this.#nextId += 1;
    this.#maybe = id;
    try {
      this.journal.append(payloadOf(id, length));
    } catch (error) {
      if (error instanceof FileError) this.#maybe = undefined;
      if (error instanceof FileError) return false;
      throw error;
    }
    this.#maybe = undefined;
    this.appended.push(id);
    return true;
  }

  sync(): void {
    this.journal.sync();
    this.synced = this.appended.length;
  }

  begin(): void {
    this.journal.beginSettling();
    this.#settling = this.appended.length;
  }

  end(): void {
    this.journal.endSettling();
    this.settled = this.#settling ?? 0;
    this.#settling = undefined;
  }

  get isSettling(): boolean {
    return this.#settling !== undefined;
  }

  /** The process dies, and with a `pick` the power is cut. */
  crash(pick?: PickVersion): void {
    this.#journal = undefined;
    if (pick === undefined) this.disk.kill();
    else this.disk.cut(pick);
  }

  [Symbol.dispose](): void {
    this.disk.kill();
    this.root[Symbol.dispose]();
  }
}
