/** Edits that the server makes: the mark is the content, and the server puts it into the page. */

import type { FieldLine } from '../../http/message.ts';
import type { Mark } from '../history/history.ts';
import { type Ask, type Asker, takePage } from './asker.ts';
import type { EditEnd } from './edit-tally.ts';
import {
  askUntilSent,
  type EditWay,
  keepEdit,
  preferMinimal,
  type RunContext,
} from './edit-way.ts';
import type { MarkSpelling } from './marks.ts';
import type { TestedPage } from './tested-page.ts';

const insertDefaults: readonly FieldLine[] = [
  ['Content-Type', 'text/plain; charset=utf-8'],
  preferMinimal,
];

/** The request that inserts `mark` into the page at `target`. */
export function insertOf(method: string, target: string, spelling: MarkSpelling, mark: Mark): Ask {
  const content = spelling.bytes(mark);
  return { method, target, defaults: insertDefaults, content, repeats: true };
}

export class InsertWay implements EditWay {
  /**
   * @param answersWithPage whether the answer to an insert carries the new page, as the first ones
   *   have shown; else its content is anything, and not looked at
   */
  constructor(
    readonly context: RunContext,
    readonly method: string,
    readonly answersWithPage: boolean,
  ) {}

  async edit(page: TestedPage, asker: Asker): Promise<EditEnd | undefined> {
    const { spelling, tally, crew } = this.context;
    const mark = spelling.next();
    const ask = insertOf(this.method, page.target, spelling, mark);
    const asked = await askUntilSent(this.context, asker, ask);
    const { result } = asked;
    if (result.kind === 'failed' && !result.sent && crew.stopped) return undefined;
    tally.answer(result);
    const shown = this.answersWithPage ? takePage(result) : undefined;
    // The server may leave the page out, as it was asked to.
    const content = shown?.content.length === 0 ? undefined : shown?.content;
    return keepEdit(page, mark, asked, content === undefined ? {} : { saw: page.see(content).saw });
  }
}
