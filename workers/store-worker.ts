/** The entry point of a store worker's thread: reads pages and prepares edits. */

import { takeOwner } from '../src/base/own-thread.ts';
import { FileMarks } from '../src/model/file-marks.ts';
import type { MainToStore, StoreWorkerData } from '../src/model/messages.ts';
import { createFileExecutor } from '../src/store/file-executor.ts';
import { markedFileSystem } from '../src/store/marked-file-system.ts';
import { serveStore } from '../src/store/serve-store.ts';
import { systemFileSystem } from '../src/store/system-file-system.ts';

takeOwner<StoreWorkerData, MainToStore>((data, port) => {
  // Nothing is closed at the thread's end: main may be reading a file just then, and closes what is
  // marked when it does so no more.
  const fileSystem = markedFileSystem(systemFileSystem, new FileMarks(data.files));
  serveStore(port, data, createFileExecutor(data.store, fileSystem));
});
