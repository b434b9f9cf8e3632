/** A random choice that repeats itself: the same seed, the same sequence (mulberry32). */

export class Seeded {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed;
  }

  /** An integer from 0 to `bound` - 1. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  }

  /** One of the items. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}

/** The seed of this run: `INKWIRE_SEED`, so that a failure can be repeated, or a new one. */
export function seedOfRun(): number {
  const given = process.env['INKWIRE_SEED'];
  return given === undefined ? (Math.random() * 2 ** 31) | 0 : Number(given);
}
