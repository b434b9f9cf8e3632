/** The line editor's state as one value, and what each key makes of it. Pure. */

import { unreachable } from '../../base/assert.ts';
import { nextBoundary, previousBoundary } from '../display.ts';
import type { Key } from './keys.ts';

/** UTF-16 units of a line that is edited: every key looks at the whole of it. Files take more. */
export const lineCharsMax = 65_536;

export interface EditorState {
  readonly text: string;
  /** A UTF-16 index between two user-perceived characters. */
  readonly cursor: number;
  /** The last text that was cut, for Ctrl-Y. */
  readonly killed: string;
  /**
   * Which line of the history is shown; the history's length for the line that is being written.
   */
  readonly place: number;
  /** The line that was being written when the history was entered. */
  readonly draft: string;
  readonly search: Search | undefined;
}

export interface Search {
  readonly query: string;
  /** The line found; absent when none has the query, or nothing was asked yet. */
  readonly found: number | undefined;
  readonly failed: boolean;
  /** What the line was before, for leaving without a result. */
  readonly before: { readonly text: string; readonly cursor: number };
}

export type Effect =
  | 'none'
  | 'bell'
  | 'submit'
  | 'interrupt'
  | 'end'
  | 'complete'
  | 'clear-screen'
  | 'suspend';

export interface Step {
  readonly state: EditorState;
  readonly effect: Effect;
}

export function emptyState(historyLength: number, killed = ''): EditorState {
  return { text: '', cursor: 0, killed, place: historyLength, draft: '', search: undefined };
}

/** What `key` makes of `state`. */
export function step(state: EditorState, key: Key, history: readonly string[]): Step {
  if (state.search !== undefined) return searchStep(state, state.search, key, history);
  return editStep(state, key, history);
}

function editStep(state: EditorState, key: Key, history: readonly string[]): Step {
  const { text, cursor } = state;
  switch (key.kind) {
    case 'text':
      return insert(state, key.text);
    case 'enter':
      return { state, effect: 'submit' };
    case 'tab':
      return { state, effect: 'complete' };
    case 'interrupt':
      return { state, effect: 'interrupt' };
    case 'clear-screen':
      return { state, effect: 'clear-screen' };
    case 'suspend':
      return { state, effect: 'suspend' };
    case 'escape':
      return quiet(state);
    case 'end-of-input':
      if (text === '') return { state, effect: 'end' };
      return cut(state, cursor, nextBoundary(text, cursor), false);
    case 'backspace':
      return cut(state, previousBoundary(text, cursor), cursor, false);
    case 'delete':
      return cut(state, cursor, nextBoundary(text, cursor), false);
    case 'kill-to-start':
      return cut(state, 0, cursor, true);
    case 'kill-to-end':
      return cut(state, cursor, text.length, true);
    case 'kill-word-left':
      return cut(state, blankWordLeft(text, cursor), cursor, true);
    case 'kill-word-right':
      return cut(state, cursor, wordRight(text, cursor), true);
    case 'left':
      return moved(state, previousBoundary(text, cursor));
    case 'right':
      return moved(state, nextBoundary(text, cursor));
    case 'word-left':
      return moved(state, wordLeft(text, cursor));
    case 'word-right':
      return moved(state, wordRight(text, cursor));
    case 'home':
      return moved(state, 0);
    case 'end':
      return moved(state, text.length);
    case 'yank':
      return insert(state, state.killed);
    case 'transpose':
      return transposed(state);
    case 'up':
      return showHistory(state, state.place - 1, history);
    case 'down':
      return showHistory(state, state.place + 1, history);
    case 'search-older':
    case 'search-newer':
      return quiet({
        ...state,
        search: { query: '', found: undefined, failed: false, before: { text, cursor } },
      });
    default:
      return unreachable(key);
  }
}

function searchStep(
  state: EditorState,
  search: Search,
  key: Key,
  history: readonly string[],
): Step {
  switch (key.kind) {
    case 'text':
      return find(
        state,
        search,
        search.query + key.text,
        search.found ?? history.length - 1,
        -1,
        history,
      );
    case 'backspace': {
      const query = search.query.slice(0, previousBoundary(search.query, search.query.length));
      if (query !== '') return find(state, search, query, history.length - 1, -1, history);
      const reset = { ...search, query, found: undefined, failed: false };
      return quiet({ ...state, ...search.before, search: reset });
    }
    case 'search-older':
      return find(state, search, search.query, (search.found ?? history.length) - 1, -1, history);
    case 'search-newer':
      return find(state, search, search.query, (search.found ?? history.length) + 1, 1, history);
    case 'interrupt':
    case 'escape':
      return quiet({ ...state, ...search.before, search: undefined });
    default:
      // Any other key takes what was found as the line and does there what it always does.
      return editStep(
        { ...state, place: search.found ?? state.place, search: undefined },
        key,
        history,
      );
  }
}

/**
 * The nearest line with `query`, from `from` on in the direction given; equal ones are passed over.
 */
function find(
  state: EditorState,
  search: Search,
  query: string,
  from: number,
  direction: 1 | -1,
  history: readonly string[],
): Step {
  if (query === '') return { state, effect: 'bell' };
  const shown = query === search.query && search.found !== undefined ? state.text : undefined;
  for (let place = from; place >= 0 && place < history.length; place += direction) {
    const line = history[place] ?? '';
    const at = line.lastIndexOf(query);
    if (at < 0 || line === shown) continue;
    const found: Search = { ...search, query, found: place, failed: false };
    return quiet({ ...state, text: line, cursor: at, search: found });
  }
  return { state: { ...state, search: { ...search, query, failed: true } }, effect: 'bell' };
}

function quiet(state: EditorState): Step {
  return { state, effect: 'none' };
}

function moved(state: EditorState, cursor: number): Step {
  return { state: { ...state, cursor }, effect: cursor === state.cursor ? 'bell' : 'none' };
}

function insert(state: EditorState, added: string): Step {
  if (added === '') return { state, effect: 'bell' };
  const text = state.text.slice(0, state.cursor) + added + state.text.slice(state.cursor);
  if (text.length <= lineCharsMax) {
    return quiet({ ...state, text, cursor: state.cursor + added.length });
  }
  // One character too many stays, so that the line is known to be cut and is never sent as if it
  // were whole: of a paste that comes in pieces, later ones might fit again.
  const cut = text.slice(0, lineCharsMax + 1);
  const cursor = Math.min(state.cursor + added.length, cut.length);
  return { state: { ...state, text: cut, cursor }, effect: 'bell' };
}

function cut(state: EditorState, from: number, to: number, keep: boolean): Step {
  if (from === to) return { state, effect: 'bell' };
  const killed = keep ? state.text.slice(from, to) : state.killed;
  const text = state.text.slice(0, from) + state.text.slice(to);
  return quiet({ ...state, text, cursor: from, killed });
}

/** Swaps the two characters around the cursor; at the end of the line the last two. */
function transposed(state: EditorState): Step {
  const { text } = state;
  const middle = state.cursor === text.length ? previousBoundary(text, text.length) : state.cursor;
  const start = previousBoundary(text, middle);
  const end = nextBoundary(text, middle);
  if (start === middle || middle === end) return { state, effect: 'bell' };
  const swapped = text.slice(middle, end) + text.slice(start, middle);
  return quiet({ ...state, text: text.slice(0, start) + swapped + text.slice(end), cursor: end });
}

function showHistory(state: EditorState, place: number, history: readonly string[]): Step {
  if (place < 0 || place > history.length) return { state, effect: 'bell' };
  const draft = state.place === history.length ? state.text : state.draft;
  const text = place === history.length ? draft : (history[place] ?? '');
  return quiet({ ...state, text, cursor: text.length, place, draft });
}

/** Ctrl-W cuts back to a blank, as shells do: a whole path at once. */
function blankWordLeft(text: string, cursor: number): number {
  return skipBack(text, skipBack(text, cursor, isBlank), (unit) => !isBlank(unit));
}

/** The word keys stop at punctuation: a path piece by piece. */
function wordLeft(text: string, cursor: number): number {
  return skipBack(text, skipBack(text, cursor, isSeparator), (unit) => !isSeparator(unit));
}

function wordRight(text: string, cursor: number): number {
  let index = cursor;
  while (index < text.length && isSeparator(text.charAt(index))) index += 1;
  while (index < text.length && !isSeparator(text.charAt(index))) index += 1;
  return index;
}

/** The start of the run of units before `index` that `belongs` takes. */
function skipBack(text: string, index: number, belongs: (unit: string) => boolean): number {
  let start = index;
  while (start > 0 && belongs(text.charAt(start - 1))) start -= 1;
  return start;
}

function isBlank(unit: string): boolean {
  return /\s/.test(unit);
}

/**
 * White space and ASCII punctuation; all else, Hangul and halves of emoji too, is part of a word.
 */
function isSeparator(unit: string): boolean {
  return /[\s!-/:-@[-^`{-~]/.test(unit);
}
