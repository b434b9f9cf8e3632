/** Keeps what clients asked of one page and were answered, as a history to be judged. */

import { latin1Text } from '../../src/base/bytes.ts';
import type { Completed } from '../../src/client/exchange.ts';
import type { Mark, PageNumber } from '../../src/load/history/history.ts';
import { PageTree } from '../../src/load/history/page-tree.ts';
import type { Asked } from '../../src/load/verify/asker.ts';
import {
  type Ending,
  missing,
  type Operation,
  type PageHistory,
  type Request,
} from './page-history.ts';
import { takeMarks } from './page-text.ts';

/** A version of the page, and the tag that names it. */
export interface TaggedPage {
  readonly page: PageNumber;
  readonly tag: string;
}

/** Characters of a torn page that are shown. */
const shownCharactersMax = 400;

export class PageLog {
  readonly #tree = new PageTree();
  readonly #first: PageNumber;
  readonly #faults: string[] = [];
  readonly #pagesOfTags = new Map<string, PageNumber>();
  readonly #tagsOfPages = new Map<PageNumber, string>();
  #operations: Operation[] = [];

  /** @param first the mark of the page that is there at the beginning; absent: there is none */
  constructor(
    readonly target: string,
    first?: Mark,
  ) {
    this.#first = first === undefined ? missing : this.#number([first]);
  }

  /** What is wrong with single answers: pages that are not whole, tags that name two versions. */
  get faults(): readonly string[] {
    return this.#faults;
  }

  get history(): PageHistory {
    return { steps: this.#tree.steps, first: this.#first, operations: this.#operations };
  }

  /** Keeps an operation that has ended; the version that its answer names, if it does. */
  keep(by: string, request: Request, asked: Asked): TaggedPage | undefined {
    const { result, invokedMs, answeredMs: atMs } = asked;
    if (result.kind === 'failed') {
      if (result.sent) this.#add(by, request, invokedMs, { kind: 'unknown' });
      return undefined;
    }
    const saw = this.#sawIn(request, result);
    this.#add(by, request, invokedMs, endingOf(request, result, atMs, saw));
    const left = request.kind === 'replace' && isDone(result) ? this.#number([request.mark]) : saw;
    const tag = result.head.fields.only('etag');
    if (left === undefined || tag === undefined || !isDone(result)) return undefined;
    this.#name(left, tag);
    return { page: left, tag };
  }

  /** The server is gone, and the next one answers from `atMs` on. */
  lapse(atMs: number): void {
    this.#operations = this.#operations.map((operation) => {
      const { ending } = operation;
      const isOpen = ending.kind === 'unknown' && ending.lapsedMs === undefined;
      return isOpen ? { ...operation, ending: { ...ending, lapsedMs: atMs } } : operation;
    });
  }

  #add(by: string, request: Request, invokedMs: number, ending: Ending): void {
    this.#operations.push({ by, request, invokedMs, ending });
  }

  /** The version in an answer that carries it. */
  #sawIn(request: Request, { head, content }: Completed): PageNumber | undefined {
    const carries = request.kind === 'read' || request.kind === 'insert';
    if (!carries || head.status !== 200) return undefined;
    const marks = takeMarks(content);
    if (marks !== undefined) return this.#number(marks);
    const shown = JSON.stringify(latin1Text(content).slice(0, shownCharactersMax));
    this.#faults.push(`${request.kind} was answered with what is no whole page: ${shown}`);
    return undefined;
  }

  /** A tag names one version, and each version has one tag, or `If-Match` would mean nothing. */
  #name(page: PageNumber, tag: string): void {
    const known = this.#pagesOfTags.get(tag) ?? page;
    if (known !== page) this.#faults.push(`the tag ${tag} names two versions`);
    const tagBefore = this.#tagsOfPages.get(page) ?? tag;
    if (tagBefore !== tag) this.#faults.push(`one version has the tags ${tagBefore} and ${tag}`);
    this.#pagesOfTags.set(tag, page);
    this.#tagsOfPages.set(page, tag);
  }

  #number(marks: readonly Mark[]): PageNumber {
    const seen = this.#tree.sighting(marks);
    if (seen.kind === 'page') return seen.page;
    throw new Error(`${this.target}: ${seen.why}`);
  }
}

/** The statuses of edits that were not done, for the server's own reasons. */
const refusedStatuses = new Set([500, 507]);

function endingOf(
  { kind }: Request,
  { head }: Completed,
  atMs: number,
  saw: PageNumber | undefined,
): Ending {
  const { status, fields } = head;
  if (status < 300) {
    // A read that shows no whole page is told of already, and says nothing more.
    if (kind === 'read' && saw === undefined) return { kind: 'refused', atMs };
    return { kind: 'done', atMs, ...(saw !== undefined && { saw }) };
  }
  if (status === 404) return { kind: 'not-found', atMs };
  if (status === 412) return { kind: 'failed-condition', atMs };
  const isRefused =
    status < 500 || refusedStatuses.has(status) || fields.only('retry-after') !== undefined;
  return isRefused ? { kind: 'refused', atMs } : { kind: 'unknown' };
}

function isDone({ head }: Completed): boolean {
  return head.status < 300;
}
