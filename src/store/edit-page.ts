/**
 * Applies edits to a page in memory, in order: each is judged against the page as the ones before
 * it left it, and one that is refused leaves the others alone. No files.
 */

import { AssertionFailed, unreachable } from '../base/assert.ts';
import { judge } from '../model/judge.ts';
import type {
  Edit,
  EditResult,
  InsertEdit,
  PageState,
  Refused,
  RemoveEdit,
  ReplaceEdit,
} from '../model/operation.ts';
import { refused } from '../model/operation.ts';
import type { ResourceKey } from '../model/resource-key.ts';
import { isHtmlKey, stateOf } from './page-state.ts';

type Inserting = typeof import('./insert/insert.ts');

let loaded: Inserting | undefined;

/**
 * How inserts are done, loaded with the first of them. The parser behind it takes a thread some
 * 15 ms to load, which each thread of the store would take at the start of a server.
 */
function inserting(): Inserting {
  if (loaded === undefined) {
    const module: Inserting = require('./insert/insert.ts');
    loaded = module;
  }
  return loaded;
}

/** A page that exists. */
export interface Page {
  readonly state: PageState;
  /** Absent where the page was too large to be read, or no edit needs it. */
  readonly bytes?: Uint8Array;
}

/** What the edits are done with. */
export interface EditContext {
  readonly key: ResourceKey;
  /** A page above this takes no insert. */
  readonly insertPageBytesMax: number;
  /** The tag of a page above this is its file's business, and not known yet. */
  readonly hashBytesMax: number;
  /** The wall clock: the modification time of a page that an edit made. */
  readonly nowMs: number;
}

export interface EditedPage {
  readonly results: readonly EditResult[];
  /** Whether any edit was done. */
  readonly changed: boolean;
  /** The page after the last edit; `undefined` when there is none. */
  readonly page: Page | undefined;
}

/** One edit's result, and the page that it left. */
interface Step {
  readonly result: EditResult;
  readonly page: Page | undefined;
}

/** @param page the page before the first edit; `undefined` when it is missing */
export function editPage(
  page: Page | undefined,
  edits: readonly Edit[],
  context: EditContext,
): EditedPage {
  const results: EditResult[] = [];
  let current = page;
  let changed = false;
  for (const edit of edits) {
    const done = applyEdit(current, edit, context);
    results.push(done.result);
    if (done.result.kind === 'refused') continue;
    current = done.page;
    changed = true;
  }
  return { results, changed, page: current };
}

/** The state of a page with this content: with a tag, or without one where it is too large. */
export function pageOf(
  bytes: Uint8Array,
  modifiedMs: number,
  key: ResourceKey,
  hashBytesMax: number,
): Page & { readonly bytes: Uint8Array } {
  if (bytes.length > hashBytesMax) return { state: { size: bytes.length, modifiedMs }, bytes };
  return { state: stateOf(key, bytes, modifiedMs), bytes };
}

function applyEdit(page: Page | undefined, edit: Edit, context: EditContext): Step {
  switch (edit.kind) {
    case 'insert':
      return page === undefined ? stay('not-found') : insert(page, edit, context);
    case 'replace':
      return replace(page, edit, context);
    case 'remove':
      return page === undefined ? stay('not-found') : remove(page, edit, context);
    default:
      return unreachable(edit);
  }
}

/**
 * A precondition is ignored where the request would fail without it, before its content is looked
 * at (RFC 9110 13.2.1): so it stands between what the page cannot take and what the content cannot
 * be.
 */
function insert(page: Page, edit: InsertEdit, context: EditContext): Step {
  if (!isHtmlKey(context.key)) return stay('not-html');
  if (page.bytes === undefined || page.bytes.length > context.insertPageBytesMax) {
    return stay('page-too-large');
  }
  if (fails(page, edit, context)) return stay('precondition-failed');
  const inserted = insertSafely(page.bytes, edit);
  if (inserted.kind === 'refused') return { result: inserted, page };
  return make('inserted', inserted.page, edit.answer, context);
}

function replace(page: Page | undefined, edit: ReplaceEdit, context: EditContext): Step {
  if (page === undefined && !edit.create) return stay('not-found');
  if (fails(page, edit, context)) return stay('precondition-failed');
  return make(page === undefined ? 'created' : 'replaced', edit.content, edit.answer, context);
}

function remove(page: Page, edit: RemoveEdit, context: EditContext): Step {
  if (fails(page, edit, context)) return stay('precondition-failed');
  return { result: { kind: 'removed' }, page: undefined };
}

function fails(page: Page | undefined, edit: Edit, context: EditContext): boolean {
  return judge(edit.conditions, page?.state, 'edit', context.nowMs) === 'precondition-failed';
}

/** The step of a refused edit; whoever gets it keeps the page that it had. */
function stay(code: Refused['code']): Step {
  return { result: refused(code), page: undefined };
}

function make(
  kind: 'inserted' | 'created' | 'replaced',
  bytes: Uint8Array,
  answer: 'page' | 'minimal',
  context: EditContext,
): Step {
  const page = pageOf(bytes, context.nowMs, context.key, context.hashBytesMax);
  const { state } = page;
  return { result: answer === 'page' ? { kind, state, page: bytes } : { kind, state }, page };
}

/** A broken belief of the insertion concerns this edit only: nothing has been published yet. */
function insertSafely(
  page: Uint8Array,
  edit: InsertEdit,
): { readonly kind: 'inserted'; readonly page: Uint8Array } | Refused {
  try {
    return inserting().insertInto(page, edit.form, edit.content);
  } catch (error) {
    if (error instanceof AssertionFailed) return refused('internal-error');
    throw error;
  }
}
