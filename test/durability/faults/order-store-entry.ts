/** A store worker that breaks the order of operations, in the way that the environment names. */

import { noConditions } from '../../../src/model/conditions.ts';
import { FileMarks } from '../../../src/model/file-marks.ts';
import type { MainToStore, StoreWorkerData } from '../../../src/model/messages.ts';
import type { EditOperation, ReadOperation, ReadOutcome } from '../../../src/model/operation.ts';
import { createFileExecutor } from '../../../src/store/file-executor.ts';
import { markedFileSystem } from '../../../src/store/marked-file-system.ts';
import { serveStore } from '../../../src/store/serve-store.ts';
import type { Executor } from '../../../src/store/store.ts';
import { systemFileSystem } from '../../../src/store/system-file-system.ts';
import { owner } from '../../support/owner.ts';

/** How long a page is answered from memory, milliseconds: a few edits. */
const rememberedMs = 20;

const { data, port } = await owner<StoreWorkerData, MainToStore>();
const marks = new FileMarks(data.files);
const real = createFileExecutor(data.store, markedFileSystem(systemFileSystem, marks));
const remembered = new Map<string, { readonly outcome: ReadOutcome; readonly untilMs: number }>();

function readOrRemember(operation: ReadOperation): ReturnType<Executor['read']> {
  const known = remembered.get(operation.key);
  if (known !== undefined && performance.now() < known.untilMs) {
    return { outcome: { ...structuredClone(known.outcome), id: operation.id } };
  }
  const read = real.read(operation);
  // What is returned is given away.
  const outcome = structuredClone(read.outcome);
  remembered.set(operation.key, { outcome, untilMs: performance.now() + rememberedMs });
  return read;
}

function prepareAnyway(operation: EditOperation): ReturnType<Executor['prepare']> {
  const edits = operation.edits.map((edit) => ({ ...edit, conditions: noConditions }));
  return real.prepare({ ...operation, edits });
}

const faults: Readonly<Record<string, Partial<Executor>>> = {
  'forgets-conditions': { prepare: prepareAnyway },
  'remembers-pages': { read: readOrRemember },
};

serveStore(port, data, {
  read: (operation) => real.read(operation),
  prepare: (operation) => real.prepare(operation),
  ...faults[process.env['INKWIRE_TEST_FAULT'] ?? ''],
});
