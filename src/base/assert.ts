/**
 * Assertions: what the code takes for impossible is said, and a broken belief stops at its source.
 */

/** An assertion that did not hold: a bug of Inkwire, never bad input. */
export class AssertionFailed extends Error {
  override readonly name = 'AssertionFailed';
}

/**
 * Throws {@link AssertionFailed} unless `condition` holds. Not for input: bad input is an error
 * with a code.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionFailed(message);
}

/** Ends a `switch` over a closed union: the compiler proves that no member was forgotten. */
export function unreachable(value: never): never {
  throw new AssertionFailed(`impossible value: ${String(value)}`);
}
