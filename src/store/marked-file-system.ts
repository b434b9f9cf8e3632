/** A file system that marks each file which a thread opens through it, until it is closed. */

import type { FileMarks } from '../model/file-marks.ts';
import { FileError } from './errno.ts';
import type { FileDescriptor, FileSystem } from './file-system.ts';

/** Everything that opens or closes goes through the marks; the rest is `fileSystem`'s own. */
export function markedFileSystem(fileSystem: FileSystem, marks: FileMarks): FileSystem {
  function mark(descriptor: FileDescriptor): FileDescriptor {
    if (marks.tryMark(descriptor)) return descriptor;
    fileSystem.close(descriptor);
    throw new FileError('EMFILE', 'open');
  }
  return {
    ...fileSystem,
    open: (path, flags, mode) => mark(fileSystem.open(path, flags, mode)),
    openat: (folder, name, flags) => mark(fileSystem.openat(folder, name, flags)),
    openat2: (folder, path, flags, resolve) =>
      mark(fileSystem.openat2(folder, path, flags, resolve)),
    close(descriptor) {
      marks.take(descriptor);
      fileSystem.close(descriptor);
    },
  };
}
