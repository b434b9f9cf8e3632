/** Cuts what is to be published into groups. */

import type { PreparedEdit } from '../model/messages.ts';
import { groupEditsMax } from './store.ts';

/** In order, and cut so that each group has a page, and an idempotency key, at most once. */
export function groupsOf(edits: readonly PreparedEdit[]): PreparedEdit[][] {
  const groups: PreparedEdit[][] = [];
  let group: PreparedEdit[] = [];
  let names = new Set<string>();
  for (const edit of edits) {
    const own = [`page ${edit.key}`, ...(edit.keys ?? []).map(({ key }) => `key ${key}`)];
    if (group.length >= groupEditsMax || own.some((name) => names.has(name))) {
      groups.push(group);
      group = [];
      names = new Set();
    }
    group.push(edit);
    for (const name of own) names.add(name);
  }
  if (group.length > 0) groups.push(group);
  return groups;
}
