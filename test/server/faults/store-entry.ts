/**
 * The real store worker with a fault: content that holds a mark makes it fail, once, in that way.
 */

import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { latin1Text } from '../../../src/base/bytes.ts';
import { FileMarks } from '../../../src/model/file-marks.ts';
import type { MainToStore, StoreWorkerData } from '../../../src/model/messages.ts';
import { type EditOperation, type ReadOperation, refused } from '../../../src/model/operation.ts';
import { createFileExecutor } from '../../../src/store/file-executor.ts';
import { markedFileSystem } from '../../../src/store/marked-file-system.ts';
import { serveStore } from '../../../src/store/serve-store.ts';
import { systemFileSystem } from '../../../src/store/system-file-system.ts';
import { owner } from '../../support/owner.ts';

const { data, port } = await owner<StoreWorkerData, MainToStore>();
const marks = new FileMarks(data.files);
const executor = createFileExecutor(data.store, markedFileSystem(systemFileSystem, marks));

/** That of a read of `<fault>.html`, or of an insert whose text is `FAULT <fault>`. */
function faultOf(operation: ReadOperation | EditOperation): string | undefined {
  if (operation.kind === 'read') return /^(\w+)-read\.html$/.exec(operation.key)?.[1];
  const [edit] = operation.edits;
  if (edit?.kind !== 'insert') return undefined;
  return /^FAULT (\w+)$/.exec(latin1Text(edit.content))?.[1];
}

function fault(operation: ReadOperation | EditOperation): void {
  const name = faultOf(operation);
  if (name === 'throw') throw new Error('a bug');
  if (name === 'exit') process.exit(3);
  const armed = join(data.store.root, 'again');
  if (name === 'again' && existsSync(armed)) {
    rmSync(armed);
    process.exit(3);
  }
  if (name === 'hang') {
    // So that a test can tell when the worker is at it.
    writeFileSync(join(data.store.root, 'hangs'), '');
    for (;;);
  }
  const marker = join(data.store.root, 'happened');
  if (name === 'once' && !existsSync(marker)) {
    writeFileSync(marker, '');
    process.exit(3);
  }
}

serveStore(port, data, {
  read(operation) {
    fault(operation);
    return executor.read(operation);
  },
  prepare(operation) {
    fault(operation);
    if (faultOf(operation) === 'unstable') {
      const results = operation.edits.map(() => refused('unstable'));
      return { kind: 'edit', id: operation.id, results };
    }
    // Runs when the loop has handed over what it was given.
    if (faultOf(operation) === 'handed') queueMicrotask(() => process.exit(3));
    return executor.prepare(operation);
  },
});
