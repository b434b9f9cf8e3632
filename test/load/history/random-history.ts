/** Small random histories of an atomic page, and ways to spoil them. */

import type { Mark } from '../../../src/load/history/history.ts';
import type { Seeded } from '../../store/seeded.ts';
import type { PlainEdit, PlainHistory, PlainPage, PlainRead } from './plain-history.ts';

/** Few moments, so that many coincide. */
const momentsMax = 12;

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
interface Draft {
  edits: Writable<PlainEdit>[];
  reads: Writable<PlainRead>[];
  final?: PlainPage;
}

/** Something that happens at one moment. */
interface Happening {
  readonly at: number;
  readonly tie: number;
  readonly do: () => void;
}

/** What the clients of a page see that really is atomic. */
export function atomicHistory(random: Seeded): PlainHistory {
  const page: Mark[] = [];
  const draft: Draft = { edits: [], reads: [] };
  const happenings: Happening[] = [];
  const tie = () => random.below(1_000);
  const edits = random.below(7);
  for (let mark = 1; mark <= edits; mark += 1) {
    const from = random.below(momentsMax);
    const at = from + random.below(4);
    const to = at + random.below(4);
    const edit: Writable<PlainEdit> = { mark, from, to };
    draft.edits.push(edit);
    const kind = random.below(8);
    if (kind === 0) edit.refused = true;
    else if (kind <= 2) delete edit.to;
    if (kind === 0 || kind === 1) continue;
    const late = kind === 2 ? random.below(2 * momentsMax) : 0;
    const conditional = random.below(3) === 0;
    const editing: Happening = {
      at: at + late,
      tie: tie(),
      do: () => {
        if (conditional) edit.on = page.slice();
        page.push(mark);
      },
    };
    happenings.push(editing);
    if (kind === 2 || random.below(2) === 0) continue;
    const seenAt = at + random.below(to - at + 1);
    const look = () => {
      edit.saw = page.slice();
    };
    happenings.push({ at: seenAt, tie: seenAt === at ? editing.tie + tie() : tie(), do: look });
  }
  for (let reads = random.below(6); reads > 0; reads -= 1) {
    const from = random.below(2 * momentsMax);
    const at = from + random.below(4);
    const read: Writable<PlainRead> = { from, to: at + random.below(4), saw: [] };
    draft.reads.push(read);
    const look = () => {
      read.saw = page.slice();
    };
    happenings.push({ at, tie: tie(), do: look });
  }
  happenings.sort((a, b) => a.at - b.at || a.tie - b.tie);
  for (const happening of happenings) happening.do();
  if (random.below(4) > 0) draft.final = page.slice();
  return draft;
}

/** The same with one thing changed, which may or may not make it impossible. */
export function spoiled(history: PlainHistory, random: Seeded): PlainHistory {
  const draft: Draft = {
    ...history,
    edits: history.edits.map((edit) => ({ ...edit })),
    reads: history.reads.map((read) => ({ ...read })),
  };
  const way = random.below(4);
  const edit = draft.edits[random.below(draft.edits.length + 1)];
  const read = draft.reads[random.below(draft.reads.length + 1)];
  const other = draft.reads[random.below(draft.reads.length + 1)];
  if (way === 0 && edit !== undefined) spoilEdit(edit, random);
  else if (way === 1 && read !== undefined && other !== undefined) {
    [read.saw, other.saw] = [other.saw, read.saw];
  } else if (way === 2 && read !== undefined) {
    const by = random.below(9) - 4;
    read.from += by;
    read.to += by;
  } else spoilPage(draft, random);
  return draft;
}

function spoilEdit(edit: Writable<PlainEdit>, random: Seeded): void {
  switch (random.below(5)) {
    case 0:
      edit.refused = true;
      edit.to ??= edit.from + 2;
      return;
    case 1:
      delete edit.refused;
      edit.to ??= edit.from + random.below(6);
      return;
    case 2:
      delete edit.refused;
      delete edit.to;
      delete edit.saw;
      return;
    default: {
      const by = random.below(13) - 6;
      edit.from += by;
      if (edit.to !== undefined) edit.to += by;
    }
  }
}

function spoilPage(draft: Draft, random: Seeded): void {
  const seen = draft.edits.filter((edit) => edit.saw !== undefined);
  const built = draft.edits.filter((edit) => edit.on !== undefined);
  const change = (page: PlainPage = []) => changed(page, draft.edits.length, random);
  const which = random.below(draft.reads.length + seen.length + built.length + 2);
  const read = draft.reads[which];
  const answer = seen[which - draft.reads.length];
  const basis = built[which - draft.reads.length - seen.length];
  if (read !== undefined) read.saw = change(read.saw);
  else if (answer !== undefined) answer.saw = change(answer.saw);
  else if (basis !== undefined) basis.on = change(basis.on);
  else if (draft.final !== undefined) draft.final = change(draft.final);
}

function changed(page: PlainPage, marks: number, random: Seeded): PlainPage {
  if (page === 'torn') return page;
  const list = page.slice();
  const at = random.below(list.length + 1);
  switch (random.below(6)) {
    case 0:
      list.splice(at, 1);
      break;
    case 1:
      list.splice(at, 0, ...list.slice(at, at + 1));
      break;
    case 2:
      list.splice(at, 2, ...list.slice(at, at + 2).reverse());
      break;
    case 3:
      list.splice(at);
      break;
    case 4:
      list.splice(at, 0, 1 + random.below(marks + 1));
      break;
    default:
      return random.below(4) === 0 ? 'torn' : [...list, 1 + random.below(marks + 1)];
  }
  return list;
}
