/**
 * Edits that came with an idempotency key. Whether one was done before only the publisher can say,
 * so it is handed every operation that has a key, also one that comes to nothing now: what the
 * first try did may be the reason.
 */

import type { PreparedEdit, PreparedKey } from '../model/messages.ts';
import type { EditOperation, EditOutcome, EditResult } from '../model/operation.ts';

/** The keys of an operation, as a prepared edit carries them: absent when there are none. */
export function keysOf({ edits }: EditOperation): Pick<PreparedEdit, 'keys'> {
  const keys: PreparedKey[] = [];
  for (const [place, edit] of edits.entries()) {
    if (edit.idempotency === undefined) continue;
    const answer = edit.kind === 'remove' ? 'minimal' : edit.answer;
    keys.push({ ...edit.idempotency, place, answer });
  }
  return keys.length === 0 ? {} : { keys };
}

/** The end of an operation that leaves nothing to publish. */
export function unpublished(
  operation: EditOperation,
  results: readonly EditResult[],
): EditOutcome | PreparedEdit {
  const { id, key } = operation;
  const { keys } = keysOf(operation);
  if (keys === undefined) return { kind: 'edit', id, results };
  return { id, key, change: { kind: 'none' }, results, keys };
}
