/** Suggestions for a mistyped word: the nearest known one by edit distance. */

/** A longer word is no typo of anything here, and the table below grows with its square. */
const wordCharsMax = 32;

/**
 * The optimal string alignment distance between `a` and `b`: insertions, deletions, substitutions
 * and swaps of neighbours each count one.
 */
export function editDistance(a: string, b: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const substitution = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min(
        at(previous, column) + 1,
        at(current, column - 1) + 1,
        at(previous, column - 1) + substitution,
      );
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (row > 1 && column > 1 && swapped) best = Math.min(best, at(older, column - 2) + 1);
      current.push(best);
    }
    older = previous;
    previous = current;
  }
  return at(previous, b.length);
}

function at(values: readonly number[], index: number): number {
  return values[index] ?? Number.POSITIVE_INFINITY;
}

/**
 * The known word that `word` was most likely meant to be, letters compared without case;
 * `undefined` when none is near: one edit for words of up to four letters, two for longer ones.
 */
export function closestWord(word: string, known: readonly string[]): string | undefined {
  if (word.length > wordCharsMax) return undefined;
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = lower.length <= 4 ? 1 : 2;
  for (const candidate of known) {
    const distance = editDistance(lower, candidate.toLowerCase());
    // A distance as long as the word itself would take any short word for a typo of another.
    if (distance >= lower.length || distance > bestDistance) continue;
    if (best !== undefined && distance === bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}
