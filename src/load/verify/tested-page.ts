/** One page of a run: its layout, and all that was done to it and seen of it. */

import type { ExchangeResult } from '../../client/exchange.ts';
import { judge } from '../history/checker.ts';
import type { Mark, Sighting } from '../history/history.ts';
import { Recorder } from '../history/recorder.ts';
import type { Verdict } from '../history/verdict.ts';
import { type Asked, type Asker, takePage } from './asker.ts';
import type { MarkSpelling } from './marks.ts';
import type { PageLayout } from './page-layout.ts';
import { PageReader } from './page-reader.ts';

/** A page as it was seen. */
export interface SeenPage {
  readonly saw: Sighting;
  readonly content: Uint8Array;
  /** The oldest first; absent when it was torn. */
  readonly marks?: readonly Mark[];
  /** The value of `ETag`. */
  readonly entityTag?: string;
}

/** A page that is gone cannot come back by itself: statuses that say so. */
const goneStatuses = new Set([404, 410]);

export class TestedPage {
  readonly recorder = new Recorder();
  readonly #reader: PageReader;
  #final: Sighting | undefined;

  constructor(
    readonly target: string,
    readonly layout: PageLayout,
    spelling: MarkSpelling,
  ) {
    this.#reader = new PageReader(layout, spelling);
  }

  /** Reads `content`, a whole page that a server sent. */
  see(content: Uint8Array): SeenPage {
    const read = this.#reader.read(content);
    if (read.kind === 'torn') return { saw: read, content };
    return { saw: this.recorder.sighting(read.marks), content, marks: read.marks };
  }

  /** Asks for the page and keeps what was seen. `undefined` when the answer tells nothing of it. */
  async read(asker: Asker): Promise<SeenPage | undefined> {
    const asked = await asker.ask({ method: 'GET', target: this.target, repeats: true });
    const seen = this.#seen(asked.result);
    if (seen !== undefined) this.recorder.read(asked.invokedMs, asked.answeredMs, seen.saw);
    return seen;
  }

  /** Asks for the page once everything has ended; the failed exchange when that did not work. */
  async readFinal(asker: Asker): Promise<Asked | undefined> {
    const asked = await asker.ask({ method: 'GET', target: this.target, repeats: true });
    const seen = this.#seen(asked.result);
    if (seen === undefined) return asked;
    this.#final = seen.saw;
    return undefined;
  }

  judged(): Verdict {
    return judge(this.recorder.history(this.#final));
  }

  #seen(result: ExchangeResult): SeenPage | undefined {
    const response = takePage(result);
    if (response !== undefined) {
      const seen = this.see(response.content);
      const entityTag = response.head.fields.only('etag');
      return entityTag === undefined ? seen : { ...seen, entityTag };
    }
    if (result.kind === 'failed' || !goneStatuses.has(result.head.status)) return undefined;
    const why = `there was no page (${result.head.status})`;
    return { saw: { kind: 'torn', why }, content: result.content };
  }
}
