/** Who looked at the page, and when: reads, the pages in answers, and those that edits replaced. */

import { assert } from '../../base/assert.ts';
import type { FaultLog } from './faults.ts';
import type { Edit, History, PageNumber, Sighting } from './history.ts';

/** The page was `page` at some moment from `beganMs` to `endedMs`. */
export interface Look {
  readonly page: PageNumber;
  readonly beganMs: number;
  /** Infinite where nobody knows. */
  readonly endedMs: number;
  readonly by: LookBy;
}

export type LookBy =
  | { readonly kind: 'read' }
  /** The page in the answer to an edit: as it was at some moment after that edit was done. */
  | { readonly kind: 'answer'; readonly edit: Edit }
  /** The page that an edit was to replace: as it was when the edit was done. */
  | { readonly kind: 'basis'; readonly edit: Edit };

/**
 * All looks that are certain whatever the order of the edits is. Tells of those that saw no whole
 * page.
 */
export function looksOf(history: History, log: FaultLog): Look[] {
  const looks: Look[] = [];
  for (const { invokedMs, answeredMs, saw } of history.reads) {
    assert(invokedMs <= answeredMs, 'a read was answered before it began');
    add(looks, saw, { beganMs: invokedMs, endedMs: answeredMs, by: { kind: 'read' } }, log);
  }
  for (const edit of history.edits) {
    const { answer, invokedMs } = edit;
    assert(answer.kind === 'unknown' || invokedMs <= answer.atMs, 'answered before it began');
    if (answer.kind !== 'acknowledged') continue;
    const times = { beganMs: invokedMs, endedMs: answer.atMs };
    if (answer.saw) add(looks, answer.saw, { ...times, by: { kind: 'answer', edit } }, log);
    addBasis(looks, edit, log);
  }
  return looks;
}

/**
 * Adds the pages that edits of unknown outcome replaced: only an edit that was done says anything
 * of the page that it was built on.
 */
export function addBases(looks: Look[], done: readonly Edit[], log: FaultLog): void {
  for (const edit of done) if (edit.answer.kind === 'unknown') addBasis(looks, edit, log);
}

/** When an edit had been done at the latest; infinite where nobody knows. */
export function doneByMs(edit: Edit): number {
  return edit.answer.kind === 'acknowledged' ? edit.answer.atMs : Number.POSITIVE_INFINITY;
}

/** The one who looked, as the subject of a sentence. */
export function nameOf(look: Look, log: FaultLog): string {
  const { by } = look;
  if (by.kind === 'read') {
    return `a read from ${log.at(look.beganMs)} to ${log.at(look.endedMs)}`;
  }
  if (by.kind === 'basis') return `the page that edit ${by.edit.mark} replaced`;
  return `the answer to edit ${by.edit.mark} at ${log.at(look.endedMs)}`;
}

function addBasis(looks: Look[], edit: Edit, log: FaultLog): void {
  const times = { beganMs: edit.invokedMs, endedMs: doneByMs(edit) };
  if (edit.builtOn) add(looks, edit.builtOn, { ...times, by: { kind: 'basis', edit } }, log);
}

function add(looks: Look[], saw: Sighting, look: Omit<Look, 'page'>, log: FaultLog): void {
  if (saw.kind === 'page') {
    const { beganMs, endedMs, by } = look;
    looks.push({ page: saw.page, beganMs, endedMs, by });
    return;
  }
  const marks = look.by.kind === 'read' ? [] : [look.by.edit.mark];
  log.add('torn', marks, () => {
    const who = nameOf({ page: 0, ...look }, log);
    return `${capital(who)} was not a whole page: ${saw.why}.`;
  });
}

export function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
