/** A history worker that has nothing to scan, removes nothing, and says what it is told. */

import { takeOwner } from '../../../../src/base/own-thread.ts';
import type { CommitToHistory, HistoryToCommit } from '../../../../src/model/messages.ts';

takeOwner<unknown, CommitToHistory>((_data, port) => {
  const say = (message: HistoryToCommit): void => port.postMessage(message);
  port.on('message', (message) => {
    if (message.kind === 'stop') {
      port.close();
      return;
    }
    if (message.kind === 'settled') {
      say({ kind: 'pruned', pages: [{ page: 0, revision: 0 }] });
      return;
    }
    const { files } = message;
    const pages = Array.from({ length: files.length / 3 }, (_, index) => ({
      page: files[3 * index] ?? -1,
      revision: files[3 * index + 1] ?? -1,
    }));
    say({ kind: 'pruned', pages });
  });
  say({ kind: 'left', count: 2, failure: 'unlinkat: EACCES' });
  say({ kind: 'left', count: 1, failure: 'unlinkat: EIO' });
  say({ kind: 'scanned' });
});
