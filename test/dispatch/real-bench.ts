/** A dispatcher over the workers that the server runs, and the real store. */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DispatcherOptions } from '../../src/dispatch/dispatcher.ts';
import { makeStoreFolder } from '../../src/store/open-store.ts';
import { systemFileSystem } from '../../src/store/system-file-system.ts';
import { Bench } from './harness.ts';

const workers = join(import.meta.dir, '..', '..', 'workers');

export function openReal(options: Partial<DispatcherOptions> = {}): Promise<Bench> {
  const urls = {
    storeWorkerUrl: pathToFileURL(join(workers, 'store-worker.ts')),
    commitWorkerUrl: pathToFileURL(join(workers, 'commit-worker.ts')),
  };
  const prepare = (root: string): void => {
    makeStoreFolder(root, systemFileSystem);
  };
  return Bench.open({ ...urls, ...options }, prepare);
}
