/** Which edits go straight to the commit worker, and are prepared there. */

import type { Edit, EditOperation } from '../model/operation.ts';

/**
 * Content of an operation, all together, bytes. What is larger takes a store worker longer than the
 * way by it, and would hold up the edits of others on the one thread that publishes.
 */
export const smallContentBytesMax = 16 * 1024;

/** Edits of an operation: each builds a page of its own. */
export const smallEditsMax = 32;

/** `<` */
const tagOpen = 0x3c;

/** Whether preparing it costs less than handing it from thread to thread. */
export function isSmall({ edits }: EditOperation): boolean {
  if (edits.length > smallEditsMax || !edits.every(isPlain)) return false;
  let contentBytes = 0;
  for (const edit of edits) if (edit.kind !== 'remove') contentBytes += edit.content.length;
  return contentBytes <= smallContentBytesMax;
}

/** Markup is parsed before it goes in, which takes far longer than all else. */
function isPlain(edit: Edit): boolean {
  return edit.kind !== 'insert' || edit.form === 'text' || !edit.content.includes(tagOpen);
}
