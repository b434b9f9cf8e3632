/** Replaces a page from a process that serves nothing, where no server has the root. */

import type { EntityTag } from '../model/entity-tag.ts';
import type { RootHolder, StoreOptions } from '../model/messages.ts';
import { type EditOperation, type EditResult, refused } from '../model/operation.ts';
import type { ResourceKey } from '../model/resource-key.ts';
import { FileError, refusalOfError } from './errno.ts';
import { createFileExecutor } from './file-executor.ts';
import { openPublisher, type PublisherSeams } from './open-publisher.ts';
import type { Publisher } from './store.ts';

export interface Replacement {
  readonly key: ResourceKey;
  readonly content: Uint8Array;
  /** The state that it replaces; `missing`: it makes the page. In any other state it is refused. */
  readonly replaces: EntityTag | 'missing';
}

export type AloneResult =
  | { readonly kind: 'result'; readonly result: EditResult }
  /** Another process has the root. */
  | { readonly kind: 'held'; readonly by: RootHolder }
  /** The ledger is none that can be used; the sentence says why. */
  | { readonly kind: 'unusable'; readonly sentence: string };

/** The edit goes through all that an edit goes through in a server, but for its threads. */
export function replaceAlone(
  options: StoreOptions,
  seams: PublisherSeams,
  replacement: Replacement,
): AloneResult {
  const opened = openPublisher(options, seams);
  if (opened.kind !== 'open') return opened;
  try {
    return { kind: 'result', result: replaceWith(opened.publisher, options, seams, replacement) };
  } finally {
    opened.close();
  }
}

function replaceWith(
  publisher: Publisher,
  options: StoreOptions,
  seams: PublisherSeams,
  { key, content, replaces }: Replacement,
): EditResult {
  const conditions =
    replaces === 'missing'
      ? { ifNoneMatch: { any: true as const } }
      : { ifMatch: { tags: [replaces] } };
  const edit = { kind: 'replace', create: true, content, conditions, answer: 'minimal' } as const;
  const operation: EditOperation = { kind: 'edit', id: 1, key, edits: [edit] };
  let executor: ReturnType<typeof createFileExecutor>;
  try {
    executor = createFileExecutor(options, seams.fileSystem, seams.clock);
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    return refused(refusalOfError(error, 'storage'));
  }
  try {
    const prepared = executor.prepare(operation);
    const outcome = 'change' in prepared ? publisher.publish([prepared])[0] : prepared;
    return outcome?.results[0] ?? refused('internal-error');
  } finally {
    executor.close();
  }
}
