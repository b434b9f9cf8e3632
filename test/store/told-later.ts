/** A sync that is done at once, and told in a later turn of the event loop. */

import { FileError } from '../../src/store/errno.ts';
import type { FileDescriptor, FileSystem } from '../../src/store/file-system.ts';

/** @param sync what it does; an error that is none of a file comes out of the call itself */
export function toldLater(
  sync: (descriptor: FileDescriptor) => void,
): FileSystem['fdatasyncLater'] {
  return (descriptor, done) => {
    let failure: FileError | undefined;
    try {
      sync(descriptor);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      failure = error;
    }
    setImmediate(() => done(failure));
  };
}
