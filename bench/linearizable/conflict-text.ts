/** Tells a person which operations have no order, and when they were. */

import { unreachable } from '../../src/base/assert.ts';
import type { PageNumber } from '../../src/load/history/history.ts';
import {
  type Ending,
  missing,
  type Operation,
  type PageHistory,
  type Request,
} from './page-history.ts';
import type { Versions } from './versions.ts';

/** Inserts into a page that are named one by one; of more only the number and the last. */
const namedInsertsMax = 4;

/** Times are counted from the beginning of the history. */
export function conflictText(
  { operations }: PageHistory,
  versions: Versions,
  conflict: readonly Operation[],
): string {
  let startMs = Number.POSITIVE_INFINITY;
  for (const { invokedMs } of operations) startMs = Math.min(startMs, invokedMs);
  const lines = conflict.map((operation) => line(operation, versions, startMs));
  const head =
    conflict.length === 1
      ? 'No order of the operations has a place for this one:'
      : `These ${conflict.length} operations have no order, whatever else was done:`;
  return [head, ...lines].join('\n');
}

function line({ by, request, invokedMs, ending }: Operation, versions: Versions, startMs: number) {
  const at = (ms: number): string => `${(ms - startMs).toFixed(3)} ms`;
  const endMs = ending.kind === 'unknown' ? ending.lapsedMs : ending.atMs;
  const until = endMs === undefined ? '' : ` to ${at(endMs)}`;
  const asked = requestText(request, versions);
  return `  ${at(invokedMs)}${until}, ${by}: ${asked}: ${endingText(request, ending, versions)}`;
}

function requestText(request: Request, versions: Versions): string {
  switch (request.kind) {
    case 'read':
      return 'read';
    case 'insert':
      return `insert ${request.mark}${conditionText(request, versions)}`;
    case 'replace':
      return `replace by page ${request.mark}${conditionText(request, versions)}`;
    case 'remove':
      return `remove${conditionText(request, versions)}`;
    default:
      return unreachable(request);
  }
}

function conditionText(request: Exclude<Request, { kind: 'read' }>, versions: Versions): string {
  const { condition } = request;
  if (condition === undefined) return '';
  return condition.kind === 'is'
    ? ` if it is ${pageText(condition.page, versions)}`
    : ' if it is missing';
}

function endingText({ kind }: Request, ending: Ending, versions: Versions): string {
  switch (ending.kind) {
    case 'done': {
      if (ending.saw === undefined) return 'done';
      return `${kind === 'read' ? 'saw' : 'left'} ${pageText(ending.saw, versions)}`;
    }
    case 'not-found':
      return 'there was no page';
    case 'failed-condition':
      return 'its condition failed';
    case 'refused':
      return 'refused';
    case 'unknown':
      return ending.lapsedMs === undefined ? 'no answer' : 'no answer, and gone by then';
    default:
      return unreachable(ending);
  }
}

/** `page 3 + 17 + 18`: the mark of its replacement, and those that were inserted. */
function pageText(page: PageNumber, versions: Versions): string {
  if (page === missing) return 'no page';
  const [base, ...inserts] = versions.marksOf(page);
  if (inserts.length <= namedInsertsMax) return ['page', [base, ...inserts].join(' + ')].join(' ');
  return `page ${base} + ${inserts.length} inserts up to ${inserts.at(-1)}`;
}
