/** Measurements of two in alternation, so that a machine that slows down slows both. */

export interface Pairs<T> {
  readonly own: readonly T[];
  /** As many as `own`; none when there is nobody to compare with. */
  readonly peer: readonly T[];
}

/**
 * Measures both as often as `pairs` says; who begins changes from pair to pair, so that nobody
 * always follows the other.
 */
export async function alternate<T>(
  pairs: number,
  measureOwn: () => Promise<T>,
  measurePeer: (() => Promise<T>) | undefined,
): Promise<Pairs<T>> {
  const own: T[] = [];
  const peer: T[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const ownFirst = pair % 2 === 0;
    if (ownFirst) own.push(await measureOwn());
    if (measurePeer !== undefined) peer.push(await measurePeer());
    if (!ownFirst) own.push(await measureOwn());
  }
  return { own, peer };
}
