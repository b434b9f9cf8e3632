/**
 * The plainest store over files, with no protection of its own: what the pool promises has to come
 * from the pool. An insert appends.
 */

import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { FileIdentity, PreparedEdit, StoreOptions } from '../../../src/model/messages.ts';
import {
  type EditOperation,
  type EditOutcome,
  type EditResult,
  type ReadOperation,
  refused,
} from '../../../src/model/operation.ts';
import { keysOf, unpublished } from '../../../src/store/keyed-edits.ts';
import type { Executor, OpenContent, Publisher } from '../../../src/store/store.ts';

const noIdentity: FileIdentity = {
  device: 0n,
  inode: 0n,
  size: 0n,
  modifiedNs: 0n,
  changedNs: 0n,
};

class PlainContent implements OpenContent {
  constructor(readonly descriptor: number) {}

  tryRead(target: Uint8Array, position: number): boolean {
    return readSync(this.descriptor, target, 0, target.length, position) === target.length;
  }

  close(): void {
    closeSync(this.descriptor);
  }
}

export class PlainExecutor implements Executor {
  constructor(readonly options: StoreOptions) {}

  read(operation: ReadOperation): ReturnType<Executor['read']> {
    const { id, key, want } = operation;
    const path = join(this.options.root, key);
    if (!existsSync(path)) {
      return { outcome: { kind: 'read', id, result: refused('not-found') } };
    }
    const descriptor = openSync(path, 'r');
    const { size, mtimeMs: modifiedMs } = fstatSync(descriptor);
    const state = { size, modifiedMs };
    if (want === 'content' && size > this.options.inlineBytesMax) {
      const content = { kind: 'open', stream: id } as const;
      const stream = new PlainContent(descriptor);
      return { outcome: { kind: 'read', id, result: { kind: 'found', state, content } }, stream };
    }
    // A Buffer's small reads lie in one shared pool, which the loop must not hand away.
    const bytes = readFileSync(descriptor);
    closeSync(descriptor);
    const content =
      want === 'content' ? ({ kind: 'whole', bytes } as const) : ({ kind: 'none' } as const);
    return { outcome: { kind: 'read', id, result: { kind: 'found', state, content } } };
  }

  prepare(operation: EditOperation): EditOutcome | PreparedEdit {
    const { id, key, edits } = operation;
    const path = join(this.options.root, key);
    const existed = existsSync(path);
    let page = existed ? readFileSync(path) : undefined;
    const results: EditResult[] = [];
    for (const edit of edits) {
      if (edit.kind === 'replace') page = Buffer.from(edit.content);
      else if (page === undefined) {
        results.push(refused('not-found'));
        continue;
      } else if (edit.kind === 'insert') page = Buffer.concat([page, edit.content]);
      else page = undefined;
      const state = { size: page?.length ?? 0, modifiedMs: 0 };
      const kind = edit.kind === 'insert' ? 'inserted' : 'replaced';
      results.push(page === undefined ? { kind: 'removed' } : { kind, state, page });
    }
    if (results.every(({ kind }) => kind === 'refused')) return unpublished(operation, results);
    const keys = keysOf(operation);
    if (page === undefined)
      return {
        id,
        key,
        change: { kind: 'remove', temporary: '', read: noIdentity },
        results,
        ...keys,
      };
    const temporary = `tmp-${id}`;
    writeFileSync(join(this.options.root, temporary), page);
    const change = { kind: 'replace', temporary, file: noIdentity, read: noIdentity } as const;
    return { id, key, change, results, ...keys };
  }
}

export class PlainPublisher implements Publisher {
  constructor(readonly options: StoreOptions) {}

  publish(group: readonly PreparedEdit[]): EditOutcome[] {
    return group.map((prepared) => this.#publish(prepared));
  }

  #publish({ id, key, change, results }: PreparedEdit): EditOutcome {
    const path = join(this.options.root, key);
    if (change.kind === 'remove') rmSync(path);
    else if (change.kind !== 'none') renameSync(join(this.options.root, change.temporary), path);
    return { kind: 'edit', id, results };
  }
}

/**
 * Blocks the thread until the file `gate`, or the page's own `<key>.gate`, lies in the root. While
 * it does, and after that, `<key>.waits` lies there.
 */
export function waitForGate(root: string, key: string): void {
  writeFileSync(join(root, `${key}.waits`), '');
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  const gates = [join(root, 'gate'), join(root, `${key}.gate`)];
  for (let tries = 0; tries < 10_000 && !gates.some((gate) => existsSync(gate)); tries += 1) {
    Atomics.wait(nobody, 0, 0, 1);
  }
}

/**
 * Whether another program is said to have changed the page: for `unstable-3.html` and the like, the
 * first three times that this is asked. How often it was asked is the size of `<key>.tries`.
 */
export function isSaidUnstable(root: string, key: string): boolean {
  const times = /unstable-(\d+)\.html$/.exec(key)?.[1];
  if (times === undefined) return false;
  const tries = join(root, `${key}.tries`);
  appendFileSync(tries, '.');
  return statSync(tries).size <= Number(times);
}
