/** Long histories are judged in about the time that it takes to go through them. */

import { expect, test } from 'bun:test';
import type { PlainOperation, PlainPage } from './plain-operations.ts';
import { insert, read, remove, replace, unanswered, verdictOn } from './plain-operations.ts';

/** Far more than a history of the tests has on one page. */
const lives = 80;
const insertsOfALife = 20;
/** A tenth of it is enough on a quiet machine; what grows with the square takes far longer. */
const patienceMs = 10_000;

/**
 * A page that is made, edited by four at once, read and removed, again and again. Of some edits
 * the answer is lost.
 *
 * @param lapses whether what was not answered is gone when its page is
 */
function longHistory(lapses: boolean): PlainOperation[] {
  const operations: PlainOperation[] = [];
  let mark = 0;
  let at = 0;
  for (let life = 0; life < lives; life += 1) {
    const born = operations.length;
    mark += 1;
    let page: PlainPage = [mark];
    operations.push(replace(mark, at, at + 2, { on: [] }));
    for (let edit = 0; edit < insertsOfALife; edit += 1) {
      mark += 1;
      at += 1;
      page = [...page, mark];
      const done = insert(mark, at, at + 4, page);
      operations.push(edit % 7 === 3 ? unanswered(done) : done, read(at, at + 5, page));
      // Nobody ever sees what this one did, if it did anything.
      if (edit % 9 === 8) operations.push(unanswered(insert(-mark, at, at, [])));
    }
    operations.push(remove(at + 5, at + 6, { on: page }));
    at += 7;
    for (let index = born; lapses && index < operations.length; index += 1) {
      const operation = operations[index];
      if (operation?.came === 'unknown') operations[index] = { ...operation, to: at };
    }
    operations.push(read(at + 1, at + 2, []));
    at += 3;
  }
  return operations;
}

function timed<T>(work: () => T): T {
  const beganMs = performance.now();
  const result = work();
  expect(performance.now() - beganMs).toBeLessThan(patienceMs);
  return result;
}

test.each([true, false])('a right one, with answers that were lost; lapsed: %p', (lapses) => {
  const operations = longHistory(lapses);
  expect(operations.length).toBeGreaterThan(3_000);
  expect(timed(() => verdictOn({ first: [], operations }))).toEqual({ kind: 'linearizable' });
});

test.each([0.1, 0.9])('one with a single stale read, at %p of it', (share) => {
  const operations = longHistory(true);
  const from = operations.findIndex(
    ({ do: kind, saw }, index) =>
      index > operations.length * share && kind === 'read' && saw?.length === 10,
  );
  const stale = operations[from];
  if (stale?.saw === undefined) throw new Error('no such read');
  operations[from] = { ...stale, saw: stale.saw.slice(0, 3) };
  const verdict = timed(() => verdictOn({ first: [], operations }));
  expect(verdict).toMatchObject({ kind: 'impossible', conflict: { length: 2 } });
});
