/** A settle worker whose disk fails from the second sync on. */

import { takeOwner } from '../../../../src/base/own-thread.ts';
import type { CommitToSettler } from '../../../../src/model/messages.ts';
import { FileError } from '../../../../src/store/errno.ts';
import { serveSettler } from '../../../../src/store/settle/serve-settler.ts';
import { systemFileSystem } from '../../../../src/store/system-file-system.ts';

let syncs = 0;
const syncfs = (): void => {
  syncs += 1;
  if (syncs > 1) throw new FileError('EIO', 'syncfs');
};
takeOwner<unknown, CommitToSettler>((_data, port) => {
  serveSettler(port, '/', { ...systemFileSystem, syncfs });
});
