/** A settle worker that has a bug: it dies when it is asked. */

import { takeOwner } from '../../../../src/base/own-thread.ts';

takeOwner((_data, port) => {
  port.on('message', () => {
    throw new Error('a bug');
  });
});
