/** Inserts under idempotency keys, and what they come to when they are sent again. */

import { systemRandom } from '../../src/base/random.ts';
import { isReplayed, keyField } from '../../src/client/repetition.ts';
import type { Mark } from '../../src/load/history/history.ts';
import { type Ask, type Asker, answerText, outcomeOf } from '../../src/load/verify/asker.ts';
import { insertOf } from '../../src/load/verify/insert-way.ts';
import type { MarkSpelling } from '../../src/load/verify/marks.ts';
import type { TestedPage } from '../../src/load/verify/tested-page.ts';

/** Acknowledged inserts of a page that are sent again, the last ones: the disaster was nearest. */
const repeatedOfPage = 4;

export class InsertKeys {
  /** No other load has such keys. */
  readonly #load = systemRandom.uuid();

  constructor(readonly spelling: MarkSpelling) {}

  /** The request that inserts `mark`; the same each time. */
  insertOf(target: string, mark: Mark): Ask {
    const key = keyField(`${this.#load}-${mark}`);
    return { ...insertOf('PUT', target, this.spelling, mark), fields: [key] };
  }

  /**
   * Sends inserts into a page again, which nobody else edits: those that had no answer, and a few
   * that had one. Each was done, and is replayed, or was not, and is done now. Returns what is
   * wrong.
   */
  async repeat(page: TestedPage, asker: Asker): Promise<string[]> {
    const seen = await page.read(asker);
    if (seen?.marks === undefined) return [];
    const standing = new Set(seen.marks);
    const { edits } = page.recorder.history();
    const unknown = edits.filter(({ answer }) => answer.kind === 'unknown');
    const acknowledged = edits.filter(({ answer }) => answer.kind === 'acknowledged');
    const faults: string[] = [];
    for (const { mark, answer } of [...unknown, ...acknowledged.slice(-repeatedOfPage)]) {
      const wasDone = answer.kind === 'acknowledged' || standing.has(mark);
      const { result, answeredMs } = await asker.ask(this.insertOf(page.target, mark));
      if (result.kind === 'failed' || outcomeOf(result) !== 'acknowledged') {
        faults.push(`${page.target}: ${mark}, sent again, ${answerText(result)}`);
        continue;
      }
      if (isReplayed(result.head.fields) !== wasDone) {
        const what = wasDone ? 'was done, and is done again' : 'was not done, and is replayed';
        faults.push(`${page.target}: ${mark} ${what} under its key`);
      }
      if (answer.kind === 'unknown') page.recorder.acknowledge(mark, answeredMs);
    }
    return faults;
  }
}
