/** A settle worker that has a bug: it dies when it is asked. */

import { parentPort } from 'node:worker_threads';

parentPort?.on('message', () => {
  throw new Error('a bug');
});
