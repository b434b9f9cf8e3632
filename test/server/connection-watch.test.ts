/** The watch against looking at every connection each time; and what it spares. */

import { describe, expect, test } from 'bun:test';
import { ConnectionWatch, type Watched } from '../../src/server/connection-watch.ts';
import { Seeded, seedOfRun } from '../store/seeded.ts';

const periodMs = 250;
const idleMs = 3_000;

/** A connection that waits for its next request, or has a deadline of its own. */
class Connection implements Watched {
  filedUnder = 0;
  checks = 0;
  endedAt: number | undefined;
  /** Absent while it is idle. */
  #deadlineMs: number | undefined;
  #sinceMs: number;
  readonly #now: () => number;
  readonly #stir: (connection: Connection) => void;

  constructor(now: () => number, stir: (connection: Connection) => void) {
    this.#now = now;
    this.#stir = stir;
    this.#sinceMs = now();
  }

  /** As a request that is answered at once. */
  touch(): void {
    this.#sinceMs = this.#now();
    this.#deadlineMs = undefined;
  }

  /** As one that has begun to arrive. */
  begin(deadlineMs: number): void {
    this.#deadlineMs = deadlineMs;
    if (this.filedUnder !== 0) this.#stir(this);
  }

  get isDue(): boolean {
    return this.#now() >= (this.#deadlineMs ?? this.#sinceMs + idleMs);
  }

  check(): number {
    this.checks += 1;
    if (this.endedAt !== undefined) return Number.POSITIVE_INFINITY;
    if (this.isDue) this.endedAt = this.#now();
    else if (this.#deadlineMs === undefined) return this.#sinceMs + idleMs;
    return 0;
  }
}

function start(nowMs = 1_000_000) {
  const time = { nowMs };
  const watch = new ConnectionWatch<Connection>(periodMs, nowMs);
  const open = (): Connection => {
    const connection = new Connection(() => time.nowMs, watch.stir);
    watch.add(connection);
    return connection;
  };
  const look = (afterMs = periodMs): void => {
    time.nowMs += afterMs;
    watch.look(time.nowMs);
  };
  return { time, watch, open, look };
}

test('each look ends just those that one at all of them would have ended', () => {
  const seed = seedOfRun();
  console.log(`connection watch: INKWIRE_SEED=${seed}`);
  const seeded = new Seeded(seed);
  const { time, watch, open, look } = start(1 + seeded.below(1_000_000));
  let living = new Set<Connection>();
  let ended = 0;
  for (let step = 0; step < 4_000; step += 1) {
    time.nowMs += seeded.below(40);
    const some = [...living][seeded.below(Math.max(1, living.size))];
    const what = seeded.below(10);
    if (what < 3) living.add(open());
    else if (what < 6) some?.touch();
    else if (what < 8) some?.begin(time.nowMs + seeded.below(2_000));
    else if (what < 9 && some !== undefined && seeded.below(4) === 0) {
      living.delete(some);
      watch.delete(some);
    }
    if (seeded.below(8) !== 0) continue;
    // Late now and then, as timers are.
    time.nowMs += periodMs + seeded.below(seeded.below(20) === 0 ? 1_700 : 10);
    const due = [...living].filter(({ isDue }) => isDue);
    look(0);
    const now = [...living].filter(({ endedAt }) => endedAt !== undefined);
    expect(now).toEqual(due);
    for (const one of now) watch.delete(one);
    living = new Set([...living].filter((one) => !due.includes(one)));
    ended += due.length;
  }
  expect(ended).toBeGreaterThan(200);
});

describe('a crowd that waits', () => {
  test('is looked at once when it comes, and once when it may be late', () => {
    const { open, look } = start();
    const crowd = Array.from({ length: 100 }, open);
    look();
    for (let times = 0; times < idleMs / periodMs - 2; times += 1) look();
    expect(crowd.map(({ checks }) => checks)).toEqual(crowd.map(() => 1));
    look();
    look();
    expect(crowd.every(({ endedAt }) => endedAt !== undefined)).toBe(true);
    for (const { checks } of crowd) expect(checks).toBeLessThanOrEqual(3);
  });

  test('one that asks again and again is looked at no more often', () => {
    const { open, look } = start();
    const one = open();
    for (let times = 0; times < (4 * idleMs) / periodMs; times += 1) {
      one.touch();
      look();
    }
    expect(one.endedAt).toBeUndefined();
    expect(one.checks).toBeLessThanOrEqual(6);
  });

  test('one that begins a request is looked at from then on', () => {
    const { time, open, look } = start();
    const one = open();
    look();
    one.begin(time.nowMs + 600);
    look();
    look();
    expect(one.endedAt).toBeUndefined();
    look();
    expect(one.endedAt).toBe(time.nowMs);
  });

  test('one that has left is not looked at any more', () => {
    const { watch, open, look } = start();
    const [early, late] = [open(), open()];
    watch.delete(early);
    look();
    watch.delete(late);
    for (let times = 0; times < (2 * idleMs) / periodMs; times += 1) look();
    expect([early.checks, late.checks]).toEqual([0, 1]);
  });
});
