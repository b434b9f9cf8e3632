/** From the `If-*` fields of a request to conditions as values (RFC 9110 section 13.1). */

import { takeHttpDate } from '../http/date.ts';
import type { Fields } from '../http/message.ts';
import type { Conditions, TagCondition } from '../model/conditions.ts';
import type { EntityTag } from '../model/entity-tag.ts';

/**
 * The conditions that the fields give; `undefined` when `If-Match` or `If-None-Match` is malformed,
 * for an edit whose guard cannot be read must not be made. A malformed date is ignored, as the RFC
 * asks; so is a date beside the tag field that has precedence over it.
 */
export function takeConditions(fields: Fields, nowMs: number): Conditions | undefined {
  const ifMatch = takeTagCondition(fields, 'if-match');
  const ifNoneMatch = takeTagCondition(fields, 'if-none-match');
  if (ifMatch === 'malformed' || ifNoneMatch === 'malformed') return undefined;
  const unmodified = ifMatch ? undefined : takeDate(fields, 'if-unmodified-since', nowMs);
  const modified = ifNoneMatch ? undefined : takeDate(fields, 'if-modified-since', nowMs);
  return {
    ...(ifMatch && { ifMatch }),
    ...(unmodified !== undefined && { ifUnmodifiedSinceMs: unmodified }),
    ...(ifNoneMatch && { ifNoneMatch }),
    ...(modified !== undefined && { ifModifiedSinceMs: modified }),
  };
}

/** Whether they say which state of the page a write is meant for. */
export function isGuarded(conditions: Conditions): boolean {
  const { ifMatch, ifNoneMatch, ifUnmodifiedSinceMs } = conditions;
  return ifMatch !== undefined || ifNoneMatch !== undefined || ifUnmodifiedSinceMs !== undefined;
}

function takeDate(fields: Fields, name: string, nowMs: number): number | undefined {
  const value = fields.only(name);
  return value === undefined ? undefined : takeHttpDate(value, nowMs);
}

function takeTagCondition(fields: Fields, name: string): TagCondition | undefined | 'malformed' {
  const value = fields.combined(name);
  if (value === undefined) return undefined;
  if (value === '*') return { any: true };
  const tags = takeEntityTags(value);
  return tags === undefined ? 'malformed' : { tags };
}

/** A list of one or more entity tags; `undefined` when it is none. */
export function takeEntityTags(list: string): EntityTag[] | undefined {
  const tags: EntityTag[] = [];
  const member = /[ \t]*(?:(W\/)?"([!#-~\x80-\xff]*)")?[ \t]*(,|$)/y;
  while (member.lastIndex < list.length) {
    const match = member.exec(list);
    if (match === null) return undefined;
    const [, weak, opaque] = match;
    // A list may hold empty members (RFC 9110 5.6.1.2).
    if (opaque !== undefined) tags.push({ weak: weak !== undefined, opaque });
  }
  return tags.length === 0 ? undefined : tags;
}
