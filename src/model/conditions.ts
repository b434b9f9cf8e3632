/** Preconditions of a request (RFC 9110 section 13), as values: no header syntax, no files. */

import type { EntityTag } from './entity-tag.ts';

/** What `If-Match` and `If-None-Match` list: `*`, or entity tags. */
export type TagCondition = { readonly any: true } | { readonly tags: readonly EntityTag[] };

/**
 * The preconditions that a request carries. An absent member was not sent (or is ignored by the
 * RFC's rules). Times are milliseconds since 1970, whole seconds.
 */
export interface Conditions {
  readonly ifMatch?: TagCondition;
  readonly ifUnmodifiedSinceMs?: number;
  readonly ifNoneMatch?: TagCondition;
  readonly ifModifiedSinceMs?: number;
}

export const noConditions: Conditions = {};
