/**
 * Lets this thread exit, once, before one of its file calls: the one whose number, counted from 0,
 * stands in the file `exit-at` in the served folder.
 */

import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { takeOwner } from '../../../src/base/own-thread.ts';
import type { StoreWorkerData } from '../../../src/model/messages.ts';
import type { FileSystem } from '../../../src/store/file-system.ts';
import { systemFileSystem } from '../../../src/store/system-file-system.ts';

let number = '';
let count = 0;
// What the thread is started with is heard by its own entry point too.
takeOwner<StoreWorkerData, never>(({ store }) => {
  number = join(store.root, 'exit-at');
});

function before(): void {
  if (!existsSync(number)) return;
  count += 1;
  if (count <= Number(readFileSync(number, 'utf8'))) return;
  // The thread that takes this one's place is to live.
  rmSync(number);
  process.exit(3);
}

/** @param isCounted whether a call of that name is one to exit before */
export function exitAt(isCounted: (name: string) => boolean): void {
  const real: FileSystem = { ...systemFileSystem };
  for (const [name, call] of Object.entries(real)) {
    if (!isCounted(name)) continue;
    const counted = (...given: unknown[]): unknown => {
      before();
      return Reflect.apply(call, real, given);
    };
    Object.assign(systemFileSystem, { [name]: counted });
  }
}
