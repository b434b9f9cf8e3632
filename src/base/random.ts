/** Randomness: the one seam, so that a test can make it repeat itself. */

export interface Random {
  /** A version 4 UUID. */
  uuid(): string;
}

export const systemRandom: Random = { uuid: () => crypto.randomUUID() };
