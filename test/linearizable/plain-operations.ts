/** Operations on a page with whole pages in them, as a person writes them and a generator does. */

import { judge, type Verdict } from '../../bench/linearizable/judge.ts';
import type {
  Condition,
  Ending,
  Operation,
  PageHistory,
  Request,
} from '../../bench/linearizable/page-history.ts';
import type { Mark, PageNumber } from '../../src/load/history/history.ts';
import { PageTree } from '../../src/load/history/page-tree.ts';

/** Its marks, oldest first; none: it is missing. */
export type PlainPage = readonly Mark[];

export interface PlainOperation {
  readonly do: 'read' | 'insert' | 'replace' | 'remove';
  /** What an insert or a replacement brings. */
  readonly mark?: Mark;
  /** Only if the page is just that; an empty one: only if it is missing. */
  readonly on?: PlainPage;
  readonly from: number;
  /** When it was answered, or had lapsed; absent: it may still be done. */
  readonly to?: number;
  readonly came: 'done' | 'not-found' | 'failed-condition' | 'refused' | 'unknown';
  readonly saw?: PlainPage;
}

export interface PlainHistory {
  readonly first: PlainPage;
  readonly operations: readonly PlainOperation[];
}

type More = Partial<PlainOperation>;

/** A read; `saw` none: there was no page. */
export function read(from: number, to: number, saw: PlainPage): PlainOperation {
  if (saw.length === 0) return { do: 'read', from, to, came: 'not-found' };
  return { do: 'read', from, to, came: 'done', saw };
}

export function insert(mark: Mark, from: number, to: number, saw: PlainPage): PlainOperation {
  return { do: 'insert', mark, from, to, came: 'done', saw };
}

export function replace(mark: Mark, from: number, to: number, more: More = {}): PlainOperation {
  return { do: 'replace', mark, from, to, came: 'done', ...more };
}

export function remove(from: number, to: number, more: More = {}): PlainOperation {
  return { do: 'remove', from, to, came: 'done', ...more };
}

/** The same without an answer. */
export function unanswered(operation: PlainOperation, lapsed?: number): PlainOperation {
  const { saw: _saw, to: _to, ...rest } = operation;
  return { ...rest, came: 'unknown', ...(lapsed !== undefined && { to: lapsed }) };
}

/** As the recorder keeps it. The number of an operation is who asked for it. */
export function recorded({ first, operations }: PlainHistory): PageHistory {
  const tree = new PageTree();
  const number = (page: PlainPage): PageNumber => {
    const seen = tree.sighting(page);
    if (seen.kind === 'torn') throw new Error(seen.why);
    return seen.page;
  };
  const began = number(first);
  return {
    operations: operations.map((plain, index): Operation => {
      const { from } = plain;
      const [request, ending] = [requestOf(plain, number), endingOf(plain, number)];
      return { by: String(index), request, invokedMs: from, ending };
    }),
    first: began,
    steps: tree.steps,
  };
}

export function verdictOn(history: PlainHistory, pointsMax?: number): Verdict {
  return judge(recorded(history), pointsMax);
}

function requestOf(plain: PlainOperation, number: (page: PlainPage) => PageNumber): Request {
  const { do: kind, mark = 0, on } = plain;
  if (kind === 'read') return { kind };
  const condition: { condition?: Condition } = {};
  if (on !== undefined) {
    condition.condition = on.length === 0 ? { kind: 'missing' } : { kind: 'is', page: number(on) };
  }
  return kind === 'remove' ? { kind, ...condition } : { kind, mark, ...condition };
}

function endingOf(plain: PlainOperation, number: (page: PlainPage) => PageNumber): Ending {
  const { came, to, saw } = plain;
  if (came === 'unknown') return { kind: came, ...(to !== undefined && { lapsedMs: to }) };
  const atMs = to ?? Number.POSITIVE_INFINITY;
  if (came !== 'done') return { kind: came, atMs };
  return { kind: came, atMs, ...(saw && { saw: number(saw) }) };
}
