/**
 * The store's seam to SQLite: one connection, with every failure of it told in the ledger's words.
 *
 * After the first failure other than a full disk nothing more is asked of the connection: SQLite
 * may have rolled back silently, and a later statement would then be a transaction of its own.
 */

import {
  constants,
  Database,
  SQLiteError,
  type SQLQueryBindings,
  type Statement,
} from 'bun:sqlite';
import { assert } from '../../base/assert.ts';
import { LedgerBusy, LedgerFailed, type LedgerFailure, LedgerFull } from './ledger.ts';

/** What a column may hold. Integers always come as bigints: inodes and nanoseconds need 64 bits. */
export type Value = string | bigint | Uint8Array | null;

/** A row, by the names of its columns. */
export type Row = Readonly<Record<string, Value>>;

/** What a statement may be given. */
export type Binding = Value | number;

/**
 * How long a statement waits for another program that holds the file's lock: somebody who looks at
 * it with SQLite's own shell. Longer, and edits would wait for the person.
 */
const busyTimeoutMs = 5_000;

/** A prepared statement. */
export interface Query {
  /** The first row. */
  get(...bindings: readonly Binding[]): Row | undefined;
  all(...bindings: readonly Binding[]): Row[];
  /** Returns how many rows were changed. */
  run(...bindings: readonly Binding[]): number;
}

export class LedgerDatabase {
  readonly #database: Database;
  readonly #statements: Statement<Row, SQLQueryBindings[]>[] = [];
  readonly #begin: Query;
  readonly #commit: Query;
  readonly #rollBack: Query;
  #failure: LedgerFailed | undefined;

  /** Opens a file that is there; never makes one. Throws `LedgerFailed`. */
  constructor(path: string, access: 'write' | 'read') {
    const rights = access === 'read' ? { readonly: true } : { readwrite: true, create: false };
    this.#database = this.#guarded(
      () => new Database(path, { ...rights, safeIntegers: true, strict: true }),
    );
    this.setting('busy_timeout', busyTimeoutMs);
    this.#begin = this.prepare('BEGIN IMMEDIATE');
    this.#commit = this.prepare('COMMIT');
    this.#rollBack = this.prepare('ROLLBACK');
  }

  /** The statement is kept until the connection closes. */
  prepare(sql: string): Query {
    const statement = this.#guarded(() => this.#database.prepare<Row, SQLQueryBindings[]>(sql));
    this.#statements.push(statement);
    return {
      get: (...bindings) => this.#guarded(() => statement.get(...bindings) ?? undefined),
      all: (...bindings) => this.#guarded(() => statement.all(...bindings)),
      run: (...bindings) => this.#guarded(() => Number(statement.run(...bindings).changes)),
    };
  }

  /** Runs statements that are needed once. */
  execute(sql: string): void {
    this.#guarded(() => this.#database.run(sql));
  }

  /** Sets a `PRAGMA`, or asks for it; returns what SQLite says of it. */
  setting(name: string, value?: string | number): Value | undefined {
    const sql = value === undefined ? `PRAGMA ${name}` : `PRAGMA ${name} = ${value}`;
    return this.#guarded(() => {
      using statement = this.#database.prepare<Row, SQLQueryBindings[]>(sql);
      const row = statement.get();
      return row === null ? undefined : Object.values(row)[0];
    });
  }

  /**
   * Runs `work` as one transaction: all of it is there afterwards, or none. Throws `LedgerFull`
   * when none is, `LedgerFailed` when that is not known, and whatever else `work` throws.
   */
  transaction<T>(work: () => T): T {
    assert(!this.#database.inTransaction, 'a transaction within a transaction');
    this.#begin.run();
    try {
      const result = work();
      this.#commit.run();
      return result;
    } catch (error) {
      // A full disk has mostly rolled back already, and the connection of a failed one is left be.
      if (this.#failure === undefined && this.#database.inTransaction) this.#rollBack.run();
      throw error;
    }
  }

  /** Whether the path stands for another file by now, or for none. */
  get hasMoved(): boolean {
    // SQLite writes one integer; Bun asks for room for a pointer.
    const moved = new Int32Array(2);
    this.#guarded(() => this.#database.fileControl(constants.SQLITE_FCNTL_HAS_MOVED, moved));
    return moved[0] !== 0;
  }

  /** With what it has failed. */
  get failure(): LedgerFailed | undefined {
    return this.#failure;
  }

  /** Ends all use of it: what was committed last is not to be relied on. */
  fail(reason: LedgerFailure, detail: string): LedgerFailed {
    this.#failure ??= new LedgerFailed(reason, detail);
    return this.#failure;
  }

  /** Closes the file; what is open of a transaction is rolled back. May be called again. */
  close(): void {
    for (const statement of this.#statements.splice(0)) statement.finalize();
    this.#database.close();
  }

  #guarded<T>(call: () => T): T {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return call();
    } catch (error) {
      if (!(error instanceof SQLiteError)) throw error;
      const code = error.code ?? 'SQLITE_ERROR';
      if (code === 'SQLITE_FULL') throw new LedgerFull(code);
      // Only the begin of a transaction waits for others, and nothing was written before it.
      if (code === 'SQLITE_BUSY' && !this.#database.inTransaction) throw new LedgerBusy(code);
      throw this.fail('storage', code);
    }
  }
}

/** Whether there was room for what was to be written. */
export function hasRoomFor(write: () => void): boolean {
  try {
    write();
    return true;
  } catch (error) {
    if (error instanceof LedgerFull) return false;
    throw error;
  }
}
