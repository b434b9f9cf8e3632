/**
 * A thread that listens and never accepts: when the kernel's queue is full, whoever connects gets
 * no answer at all. It says its port, and then blocks until it is terminated.
 */

import { createServer } from 'node:net';
import { parentPort } from 'node:worker_threads';

/** The shortest queue: the kernel makes two of it. */
const backlog = 1;

const server = createServer();
server.listen({ port: 0, host: '127.0.0.1', backlog }, () => {
  const address = server.address();
  parentPort?.postMessage(typeof address === 'object' ? address?.port : undefined);
  // After the message has gone out nothing may run here, for it would accept.
  setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
});
