/** The settle worker's loop: one sync of the root's file system for each message that asks. */

import { constants } from 'node:fs';
import { unreachable } from '../../base/assert.ts';
import type { OwnerPort } from '../../base/own-thread.ts';
import type { CommitToSettler, SettlerToCommit } from '../../model/messages.ts';
import { FileError } from '../errno.ts';
import { closeQuietly, type FileSystem } from '../file-system.ts';

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY;

/**
 * Serves `port` until it is told to stop. Throws `FileError` when the root cannot be opened. The
 * folder stays open between two syncs: a failed write since it was opened is told by the next one.
 *
 * @param afterwards called behind each sync, when that was told: what nobody waits for
 * @returns closes what is open; may be called again
 */
export function serveSettler(
  port: OwnerPort<CommitToSettler>,
  root: string,
  fileSystem: FileSystem,
  afterwards: () => void = () => {},
): () => void {
  const folder = fileSystem.open(root, folderFlags, 0);
  let isOpen = true;
  const close = (): void => {
    // The number may be another file's by then.
    if (isOpen) closeQuietly(fileSystem, folder);
    isOpen = false;
  };
  const settle = (): SettlerToCommit => {
    try {
      fileSystem.syncfs(folder);
      return { kind: 'settled' };
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return { kind: 'settling-failed', detail: error.message };
    }
  };
  port.on('message', (message) => {
    switch (message.kind) {
      case 'settle':
        // What comes behind a stop, nobody waits for.
        if (!isOpen) break;
        port.postMessage(settle());
        afterwards();
        break;
      case 'stop':
        close();
        port.close();
        break;
      default:
        unreachable(message);
    }
  });
  return close;
}
