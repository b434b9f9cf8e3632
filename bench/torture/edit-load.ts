/**
 * Inserts over many connections into several pages of a server that may be gone at any moment, and
 * the verdict on the pages once it is back.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createClient } from '../../src/client/http-client.ts';
import { type Asked, Asker, answerText, outcomeOf, takePage } from '../../src/load/verify/asker.ts';
import { keepEdit } from '../../src/load/verify/edit-way.ts';
import { MarkSpelling } from '../../src/load/verify/marks.ts';
import { learnLayout, type PageLayout } from '../../src/load/verify/page-layout.ts';
import { TestedPage } from '../../src/load/verify/tested-page.ts';
import { InsertKeys } from './insert-keys.ts';
import { LoadRun } from './load-run.ts';

/** The page that every page is at first. */
export const samplePage = readFileSync(
  join(import.meta.dir, '../../src/config/samples/test.html'),
  'utf8',
);

/** Longest wait for an answer, milliseconds: a server that hangs is not waited for. */
const answerTimeoutMs = 10_000;

/** What was found of the pages after the server had come back. */
export interface Findings {
  /** Edits that were acknowledged since the findings before. */
  readonly acknowledged: number;
  /** Edits whose outcome nobody knew, since the findings before. */
  readonly unknown: number;
  /** Of those, how many stand. */
  readonly unknownStanding: number;
  /** What is wrong, in words; empty when nothing is. */
  readonly faults: readonly string[];
}

export class EditLoad {
  readonly #spelling: MarkSpelling;
  readonly #keys: InsertKeys;
  readonly #pages: readonly TestedPage[];
  #acknowledged = 0;
  #unknown = 0;

  private constructor(spelling: MarkSpelling, keys: InsertKeys, pages: readonly TestedPage[]) {
    this.#spelling = spelling;
    this.#keys = keys;
    this.#pages = pages;
  }

  /**
   * Learns from the server at `port` how it inserts, by two inserts into the first page.
   *
   * @param targets pages that all hold {@link samplePage}
   */
  static async learn(port: number, targets: readonly string[]): Promise<EditLoad> {
    const spelling = new MarkSpelling(systemRandom);
    const keys = new InsertKeys(spelling);
    const [first = ''] = targets;
    return await withAsker(port, async (asker) => {
      const inserts: { mark: number; asked: Asked; content: Uint8Array }[] = [];
      for (const mark of [spelling.next(), spelling.next()]) {
        const asked = await asker.ask(keys.insertOf(first, mark));
        const { result } = await asker.ask({ method: 'GET', target: first });
        const content = takePage(result)?.content;
        if (content === undefined) throw new Error(`GET ${first} ${answerText(result)}`);
        inserts.push({ mark, asked, content });
      }
      const layout = layoutOf(inserts, spelling);
      const pages = targets.map((target) => new TestedPage(target, layout, spelling));
      const load = new EditLoad(spelling, keys, pages);
      for (const { mark, asked } of inserts) load.#keep(pages[0], mark, asked);
      return load;
    });
  }

  /** Edits whose outcome nobody knows, since the findings before. */
  get unknown(): number {
    return this.#unknown;
  }

  /**
   * Starts inserting, each connection into one page after the other, while readers look.
   *
   * @param pagesMax the first so many pages, and no others
   */
  start(port: number, connections: number, readers: number, pagesMax?: number): LoadRun {
    const pages = this.#pages.slice(0, pagesMax);
    return LoadRun.start((run) => [
      ...Array.from({ length: connections }, (_, at) => this.#insert(run, port, pages, at)),
      ...Array.from({ length: readers }, (_, at) => this.#look(run, port, pages, at)),
    ]);
  }

  /** Does one insert into the first page; whether it was acknowledged. */
  async insertOnce(port: number): Promise<boolean> {
    return await withAsker(port, async (asker) => {
      const { outcome } = await this.#insertInto(this.#pages[0], asker);
      return outcome === 'acknowledged';
    });
  }

  /**
   * Reads all pages from the server that has come back, and judges them. Then sends again, under
   * their keys, the edits that had no answer, and some of those that had one: from then on nothing
   * is unknown any more.
   */
  async findings(port: number): Promise<Findings> {
    const faults: string[] = [];
    let unknownStanding = 0;
    await withAsker(port, async (asker) => {
      for (const page of this.#pages) {
        const failed = await page.readFinal(asker);
        if (failed !== undefined) faults.push(`GET ${page.target} ${answerText(failed.result)}`);
        const { examples, figures, linearizable, counts } = page.judged();
        unknownStanding += figures.unknownDone;
        if (!linearizable) faults.push(`${page.target}: ${JSON.stringify(counts)}`);
        for (const { kind, text } of examples) faults.push(`${page.target}: ${kind}: ${text}`);
        faults.push(...(await this.#keys.repeat(page, asker)));
      }
    });
    const found = { acknowledged: this.#acknowledged, unknown: this.#unknown };
    this.#acknowledged = 0;
    this.#unknown = 0;
    return { ...found, unknownStanding, faults };
  }

  async #insert(
    run: LoadRun,
    port: number,
    pages: readonly TestedPage[],
    first: number,
  ): Promise<void> {
    await withAsker(port, async (asker) => {
      for (let at = first; !run.isStopped; at += 1) {
        const { outcome, sent } = await this.#insertInto(pages[at % pages.length], asker);
        if (outcome === 'acknowledged') run.countAnswer();
        if (!sent) return;
      }
    });
  }

  /** `sent`: false when the server is gone. */
  async #insertInto(page: TestedPage | undefined, asker: Asker) {
    const mark = this.#spelling.next();
    const target = page?.target ?? '/';
    const asked = await asker.ask(this.#keys.insertOf(target, mark));
    const outcome = this.#keep(page, mark, asked);
    return { outcome, sent: asked.result.kind === 'completed' };
  }

  #keep(page: TestedPage | undefined, mark: number, asked: Asked) {
    if (page !== undefined) keepEdit(page, mark, asked, {});
    const outcome = outcomeOf(asked.result);
    if (outcome === 'unknown') this.#unknown += 1;
    if (outcome === 'acknowledged') this.#acknowledged += 1;
    return outcome;
  }

  async #look(
    run: LoadRun,
    port: number,
    pages: readonly TestedPage[],
    first: number,
  ): Promise<void> {
    await withAsker(port, async (asker) => {
      for (let at = first; !run.isStopped; at += 1) {
        await pages[at % pages.length]?.read(asker);
      }
    });
  }
}

function layoutOf(
  inserts: readonly { readonly mark: number; readonly content: Uint8Array }[],
  spelling: MarkSpelling,
): PageLayout {
  const [one, two] = inserts;
  if (one === undefined || two === undefined) throw new Error('two inserts are needed');
  const base = new TextEncoder().encode(samplePage);
  const layout = learnLayout(
    { base, one: one.content, two: two.content },
    { first: spelling.bytes(one.mark), second: spelling.bytes(two.mark) },
  );
  if (typeof layout === 'string') throw new Error(layout);
  return layout;
}

async function withAsker<T>(port: number, use: (asker: Asker) => Promise<T>): Promise<T> {
  const authority = `127.0.0.1:${port}`;
  const endpoint = { host: '127.0.0.1', port, authority };
  const client = createClient(endpoint, { clock: systemClock, timeoutMs: answerTimeoutMs });
  try {
    return await use(new Asker(client, [['Host', authority]], systemClock));
  } finally {
    client.close();
  }
}
