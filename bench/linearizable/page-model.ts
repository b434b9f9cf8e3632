/** What a request does to a page, and what it must answer: the page as one atomic thing. */

import { unreachable } from '../../src/base/assert.ts';
import type { Mark, PageNumber } from '../../src/load/history/history.ts';
import { type Condition, missing, type Operation, type Request } from './page-history.ts';
import type { Versions } from './versions.ts';

/** A page that is there, and that nobody has seen: all such pages are one to those who look on. */
export const unseen = -1;

/** A page's number, {@link missing} or {@link unseen}. */
export type State = PageNumber | typeof unseen;

/** An insert into `state` that brings `mark`, or, where that is `missing`, a replacement. */
export type Land = (state: State, mark: Mark) => State;

/**
 * The page after `operation`, done on `state` as its ending says, or as it was sent where nobody
 * knows; `undefined` when it cannot have come to this end there.
 */
export function stateAfter(
  { request, ending }: Operation,
  state: State,
  land: Land,
): State | undefined {
  switch (ending.kind) {
    case 'refused':
      return state;
    case 'not-found':
      return request.kind !== 'replace' && state === missing ? state : undefined;
    case 'failed-condition':
      return failsCondition(request, state) ? state : undefined;
    case 'unknown':
      return done(request, state, land);
    case 'done': {
      const after = done(request, state, land);
      return ending.saw === undefined || ending.saw === after ? after : undefined;
    }
    default:
      return unreachable(ending);
  }
}

/** A condition is looked at only where the page is there, or the edit would make it. */
function failsCondition(request: Request, state: State): boolean {
  if (request.kind === 'read' || request.condition === undefined) return false;
  if (state === missing && request.kind !== 'replace') return false;
  return !holds(request.condition, state);
}

function done(request: Request, state: State, land: Land): State | undefined {
  if (request.kind === 'read') return state;
  if (request.condition !== undefined && !holds(request.condition, state)) return undefined;
  if (request.kind === 'replace') return land(missing, request.mark);
  if (state === missing) return undefined;
  return request.kind === 'remove' ? missing : land(state, request.mark);
}

function holds(condition: Condition, state: State): boolean {
  return state === (condition.kind === 'is' ? condition.page : missing);
}

/** The one page that the operation was done on; `undefined` where that may be one of several. */
export function takeNeeded(
  { request, ending }: Operation,
  versions: Versions,
): PageNumber | undefined {
  if (ending.kind !== 'done') return undefined;
  const { saw } = ending;
  if (request.kind === 'read') return saw;
  if (request.condition?.kind === 'is') return request.condition.page;
  return request.kind === 'insert' && saw !== undefined ? versions.before(saw) : undefined;
}
