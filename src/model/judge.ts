/** Judges preconditions against the current state of a page (RFC 9110 section 13). */

import type { Conditions, TagCondition } from './conditions.ts';
import type { EntityTag } from './entity-tag.ts';
import type { PageState } from './operation.ts';

export type Judgement = 'proceed' | 'not-modified' | 'precondition-failed';

/** Codings whose tag is the page's own with `-` and the coding after it. */
const codings = ['br', 'gzip', 'zstd'] as const;

/** A modification time this near to now may be shared by two versions (RFC 9110 8.8.2.2). */
const dateStrongAfterMs = 1_000;

/**
 * Judges in the order of RFC 9110 13.2.2.
 *
 * @param current the page's state; `undefined` when it is missing
 * @param kind what the request does: a read may come out `not-modified`, an edit never does
 * @param nowMs the wall clock, for edits: a date cannot tell versions of the same second apart, so
 *   `If-Unmodified-Since` fails on a page that was modified less than a second ago
 */
export function judge(
  conditions: Conditions,
  current: PageState | undefined,
  kind: 'read' | 'edit',
  nowMs?: number,
): Judgement {
  const { ifMatch, ifUnmodifiedSinceMs, ifNoneMatch, ifModifiedSinceMs } = conditions;
  if (ifMatch !== undefined) {
    if (!someMatch(ifMatch, current, kind, 'strong')) return 'precondition-failed';
  } else if (ifUnmodifiedSinceMs !== undefined && current !== undefined) {
    // 13.1.4: ignored where the resource has no modification date, so for a missing page too.
    if (wholeSeconds(current.modifiedMs) > wholeSeconds(ifUnmodifiedSinceMs)) {
      return 'precondition-failed';
    }
    const ageMs = nowMs === undefined ? Number.POSITIVE_INFINITY : nowMs - current.modifiedMs;
    if (kind === 'edit' && ageMs < dateStrongAfterMs) return 'precondition-failed';
  }
  if (ifNoneMatch !== undefined) {
    if (!someMatch(ifNoneMatch, current, kind, 'weak')) return 'proceed';
    return kind === 'read' ? 'not-modified' : 'precondition-failed';
  }
  if (kind === 'read' && ifModifiedSinceMs !== undefined && current !== undefined) {
    const modified = wholeSeconds(current.modifiedMs) > wholeSeconds(ifModifiedSinceMs);
    if (!modified) return 'not-modified';
  }
  return 'proceed';
}

/** Whether the condition lists entity tags, so that the page's own must be known. */
export function needsTag(conditions: Conditions): boolean {
  return lists(conditions.ifMatch) || lists(conditions.ifNoneMatch);
}

function lists(condition: TagCondition | undefined): boolean {
  return condition !== undefined && 'tags' in condition;
}

/** Whether the page exists and the condition is `*` or lists its tag. */
function someMatch(
  condition: TagCondition,
  current: PageState | undefined,
  kind: 'read' | 'edit',
  comparison: 'strong' | 'weak',
): boolean {
  if (current === undefined) return false;
  if ('any' in condition) return true;
  const { tag } = current;
  // No tag was ever given out for such a page, so none can be listed.
  if (tag === undefined) return false;
  return condition.tags.some((listed) => {
    // Strong comparison (8.8.3.2): a weak tag equals nothing.
    if (comparison === 'strong' && (listed.weak || tag.weak)) return false;
    return kind === 'edit' ? namesState(listed, tag) : listed.opaque === tag.opaque;
  });
}

/**
 * Whether a listed tag names this state of the page in any coding. An edit replaces the state, and
 * a browser, which was sent a coded page, knows the state by the coded page's tag only.
 */
function namesState(listed: EntityTag, tag: EntityTag): boolean {
  if (listed.opaque === tag.opaque) return true;
  return codings.some((coding) => listed.opaque === `${tag.opaque}-${coding}`);
}

/** HTTP dates have whole seconds, so a page's time is compared in those. */
function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1_000);
}
