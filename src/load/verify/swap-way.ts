/**
 * Edits that the client makes, at any server: it reads the page, puts the mark in, and sends the
 * whole of it back, under the condition that nobody else has changed it meanwhile.
 */

import type { FieldLine } from '../../http/message.ts';
import { type Asker, preconditionFailedStatus } from './asker.ts';
import type { EditEnd } from './edit-tally.ts';
import { type EditWay, keepEdit, pause, preferMinimal, type RunContext } from './edit-way.ts';
import { withMark } from './page-layout.ts';
import type { SeenPage, TestedPage } from './tested-page.ts';

/** Tries of one edit: among 64 that want the same page, one in 64 succeeds at a time. */
const swapTriesMax = 2_000;
/**
 * Tries of one run that meet 412. The read before each is remembered until the end, and is judged
 * then, which takes some 300 bytes; on one page 64 connections make 40 tries an edit.
 */
export const swapConflictsMax = 1_000_000;
/**
 * Reads of a page in a row that gave none, or none that is whole, some 3 s in all: then it will not
 * come back.
 */
const fruitlessReadsMax = 12;
/** After the first such read: a page that is only being written is whole by then. */
const firstPauseMs = 5;
const pauseMsMax = 500;

const tooManyConflicts =
  'a million edits met a page that had changed meanwhile: fewer connections, or more pages, do';

/** The tag that a condition can be made of (RFC 9110 section 13.1.1); weak ones never match. */
export function strongTag(entityTag: string | undefined): string | undefined {
  return entityTag === undefined || entityTag.startsWith('W/') ? undefined : entityTag;
}

export class SwapWay implements EditWay {
  /** Pages that gave nothing to build on any more. */
  readonly #damaged = new Set<TestedPage>();

  /** @param contentType what the pages are */
  constructor(
    readonly context: RunContext,
    readonly method: string,
    readonly contentType: string,
  ) {}

  async edit(page: TestedPage, asker: Asker): Promise<EditEnd | undefined> {
    const { crew } = this.context;
    for (let tries = 0; tries < swapTriesMax; tries += 1) {
      const seen = await this.#readWhole(page, asker);
      if (crew.stopped) return undefined;
      if (seen === undefined) return 'given-up';
      const end = await this.#put(page, asker, seen);
      if (end !== 'again') return end;
    }
    return 'given-up';
  }

  /** The page, whole; `undefined` when there is none to be had. */
  async #readWhole(page: TestedPage, asker: Asker): Promise<SeenPage | undefined> {
    const { crew, tally, clock } = this.context;
    for (let reads = 0; reads < fruitlessReadsMax && !crew.stopped; reads += 1) {
      if (this.#damaged.has(page)) return undefined;
      if (reads > 0) await pause(clock, Math.min(pauseMsMax, firstPauseMs * 2 ** (reads - 1)));
      const seen = await page.read(asker);
      tally.read(seen !== undefined);
      if (seen?.marks !== undefined) return seen;
    }
    if (!crew.stopped) this.#damaged.add(page);
    return undefined;
  }

  /** Sends the page with one more mark; `again` when that has changed nothing. */
  async #put(page: TestedPage, asker: Asker, seen: SeenPage): Promise<EditEnd | 'again'> {
    const { spelling, tally, crew } = this.context;
    const mark = spelling.next();
    const tag = strongTag(seen.entityTag);
    const held = seen.marks?.length ?? 0;
    const asked = await asker.ask({
      method: this.method,
      target: page.target,
      fields: conditionOf(tag),
      defaults: [['Content-Type', this.contentType], preferMinimal],
      content: withMark(page.layout, seen.content, held, spelling.bytes(mark)),
      repeats: true,
    });
    const { result } = asked;
    const end = keepEdit(page, mark, asked, tag === undefined ? {} : { builtOn: seen.saw });
    // The next read will wait until the server can be reached again.
    if (end === 'given-up') return 'again';
    const status = result.kind === 'completed' ? result.head.status : undefined;
    if (status === preconditionFailedStatus && tag !== undefined && end === 'refused') {
      tally.conflicts += 1;
      if (tally.conflicts >= swapConflictsMax) crew.giveUp(tooManyConflicts);
      return 'again';
    }
    tally.answer(result);
    return end;
  }
}

function conditionOf(tag: string | undefined): readonly FieldLine[] {
  return tag === undefined ? [] : [['If-Match', tag]];
}
