/**
 * Which connections are looked at for their deadlines, and when. Nearly all of a crowd wait for
 * their next request, and nothing can be late with any of them before its idle timeout: such a one
 * is looked at when that may be over, and then filed anew if it was not idle all the time. All
 * others are looked at each time.
 */

/** A connection, to the watch. */
export interface Watched {
  /**
   * Enforces the deadlines. Returns when they are to be looked at again, monotonic milliseconds: 0
   * is the next time, `Infinity` never.
   */
  check(): number;
  /** The look that it is filed under; 0 while it is looked at each time. The watch's own. */
  filedUnder: number;
}

export class ConnectionWatch<Connection extends Watched> {
  readonly #periodMs: number;
  /** Those that are looked at each time. */
  readonly #busy = new Set<Connection>();
  /** Those that are filed, by the number of the look. */
  readonly #filed = new Map<number, Set<Connection>>();
  /** Looks are numbered by their time in periods; this is the first that was not held yet. */
  #next: number;

  /**
   * @param periodMs between two calls of `look`, at least: then the first one behind a deadline
   *   meets it
   * @param nowMs monotonic, and above 0
   */
  constructor(periodMs: number, nowMs: number) {
    this.#periodMs = periodMs;
    this.#next = Math.floor(nowMs / periodMs) + 1;
  }

  add(connection: Connection): void {
    this.#busy.add(connection);
  }

  delete(connection: Connection): void {
    if (!this.#busy.delete(connection)) this.#takeOut(connection);
  }

  /** It may have deadlines that it had not when it was filed. */
  readonly stir = (connection: Connection): void => {
    if (this.#takeOut(connection)) this.#busy.add(connection);
  };

  /** Has those checked whose time has come. */
  look(nowMs: number): void {
    for (const connection of this.#busy) this.#check(connection);
    const last = Math.floor(nowMs / this.#periodMs);
    for (; this.#next <= last; this.#next += 1) {
      const due = this.#filed.get(this.#next);
      this.#filed.delete(this.#next);
      for (const connection of due ?? []) {
        connection.filedUnder = 0;
        this.#busy.add(connection);
        this.#check(connection);
      }
    }
  }

  #check(connection: Connection): void {
    const atMs = connection.check();
    if (atMs === 0) return;
    this.#busy.delete(connection);
    if (atMs === Number.POSITIVE_INFINITY) return;
    const look = Math.max(Math.floor(atMs / this.#periodMs), this.#next + 1);
    connection.filedUnder = look;
    const others = this.#filed.get(look);
    if (others === undefined) this.#filed.set(look, new Set([connection]));
    else others.add(connection);
  }

  /** Whether it was filed. */
  #takeOut(connection: Connection): boolean {
    const look = connection.filedUnder;
    if (look === 0) return false;
    connection.filedUnder = 0;
    const others = this.#filed.get(look);
    others?.delete(connection);
    if (others?.size === 0) this.#filed.delete(look);
    return true;
  }
}
