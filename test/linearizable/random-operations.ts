/** Small random histories of a page that really is atomic, and ways to spoil them. */

import type { Mark } from '../../src/load/history/history.ts';
import type { Seeded } from '../store/seeded.ts';
import type { PlainHistory, PlainOperation, PlainPage } from './plain-operations.ts';

/** Few moments, so that many coincide. */
const momentsMax = 14;
const operationsMax = 9;

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
type Draft = Writable<PlainOperation>;

/**
 * Each operation is done at one moment between its beginning and its answer; of some the answer is
 * lost, and they are done later than anybody waits, or not at all, but not after they have lapsed.
 */
export function atomicHistory(random: Seeded): PlainHistory {
  const first: PlainPage = random.below(3) === 0 ? [] : [100];
  let page = first;
  /** Pages that a client may know of. */
  const known: PlainPage[] = [first];
  const drafts: { draft: Draft; at: number; tie: number }[] = [];
  const count = 1 + random.below(operationsMax);
  for (let mark = 1; mark <= count; mark += 1) {
    const from = random.below(momentsMax);
    const at = from + random.below(4);
    const draft: Draft = { ...requested(mark, random), from, came: 'unknown' };
    const lost = random.below(5);
    if (lost === 0) {
      const late = at + random.below(momentsMax);
      if (random.below(2) === 0) draft.to = late + random.below(3);
      drafts.push({ draft, at: late, tie: random.below(1_000) });
      continue;
    }
    draft.to = at + random.below(4);
    draft.came = lost === 1 && random.below(3) === 0 ? 'refused' : 'done';
    drafts.push({ draft, at, tie: random.below(1_000) });
  }
  const happenings = drafts.toSorted((a, b) => a.at - b.at || a.tie - b.tie);
  for (const { draft } of happenings) {
    if (draft.do !== 'read' && random.below(3) === 0) draft.on = random.pick([page, ...known]);
    if (draft.came === 'refused' || (draft.came === 'unknown' && random.below(2) === 0)) continue;
    page = happen(draft, page);
    known.push(page);
  }
  return { first, operations: drafts.map(({ draft }) => draft) };
}

function requested(mark: Mark, random: Seeded): Pick<Draft, 'do' | 'mark'> {
  const kind = random.pick(['read', 'read', 'insert', 'insert', 'replace', 'remove'] as const);
  return kind === 'read' || kind === 'remove' ? { do: kind } : { do: kind, mark };
}

/** Does it, and says in it what was answered; the page after it. */
function happen(draft: Draft, page: PlainPage): PlainPage {
  const answer = (came: PlainOperation['came'], saw?: PlainPage): void => {
    if (draft.came === 'unknown') return;
    draft.came = came;
    if (saw !== undefined) draft.saw = saw;
  };
  const { do: kind, mark = 0, on } = draft;
  if (page.length === 0 && kind !== 'replace') {
    answer('not-found');
    return page;
  }
  if (on !== undefined && on.join() !== page.join()) {
    answer('failed-condition');
    return page;
  }
  const after = { read: page, insert: [...page, mark], replace: [mark], remove: [] }[kind];
  answer('done', kind === 'read' || kind === 'insert' ? after : undefined);
  return after;
}

/** The same with one thing changed, which may or may not make it impossible. */
export function spoiled(history: PlainHistory, random: Seeded): PlainHistory {
  const operations = history.operations.map((operation): Draft => ({ ...operation }));
  const draft = random.pick(operations);
  const other = random.pick(operations);
  const by = random.below(9) - 4;
  switch (random.below(6)) {
    case 0:
      draft.from += by;
      if (draft.to !== undefined) draft.to += by;
      break;
    case 1:
      if (draft.saw && other.saw) [draft.saw, other.saw] = [other.saw, draft.saw];
      break;
    case 2:
      spoilAnswer(draft, random);
      break;
    case 3:
      if (draft.on !== undefined && random.below(2) === 0) delete draft.on;
      else if (draft.do !== 'read') draft.on = other.saw ?? history.first;
      break;
    case 4:
      if (draft.saw) draft.saw = changed(draft.saw, random);
      break;
    default:
      if (draft.to !== undefined) draft.to = Math.max(draft.from, draft.to + by);
  }
  return { ...history, operations };
}

function spoilAnswer(draft: Draft, random: Seeded): void {
  const { do: kind, from } = draft;
  delete draft.saw;
  draft.came = random.pick(
    kind === 'read'
      ? ['not-found', 'unknown', 'refused']
      : kind === 'replace'
        ? ['done', 'failed-condition', 'unknown', 'refused']
        : ['done', 'not-found', 'failed-condition', 'unknown', 'refused'],
  );
  if (draft.came !== 'unknown') draft.to ??= from + random.below(6);
  else if (random.below(2) === 0) delete draft.to;
}

function changed(page: PlainPage, random: Seeded): PlainPage {
  const list = page.slice();
  const at = random.below(list.length + 1);
  switch (random.below(4)) {
    case 0:
      list.splice(at, 1);
      break;
    case 1:
      list.splice(at, 2, ...list.slice(at, at + 2).reverse());
      break;
    case 2:
      list.splice(at);
      break;
    default:
      list.splice(at, 0, 1 + random.below(operationsMax));
  }
  // A read that saw no page is another answer.
  return list.length === 0 ? page : list;
}
