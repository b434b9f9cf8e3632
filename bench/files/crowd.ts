/**
 * Connections that each ask once and then say nothing, as a process of their own:
 *
 *   bun bench/files/crowd.ts PORT PATH COUNT
 *
 * It says `ready` once all are answered, holds them until its standard input ends, and says then
 * how many are still open.
 */

import type { Socket } from 'bun';

/** Opened in one go; more would overflow the queue of those not accepted. */
const OPEN_AT_ONCE = 250;

const [port, path, count] = process.argv.slice(2);
const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`;
const open = new Set<Socket>();

/** Resolves at the first bytes of the answer: a small one comes in one piece. */
async function join(): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  await Bun.connect({
    hostname: '127.0.0.1',
    port: Number(port),
    socket: {
      open(socket) {
        open.add(socket);
        socket.write(request);
      },
      data(_socket, bytes) {
        const isRight = bytes.subarray(0, 12).toString() === 'HTTP/1.1 200';
        if (isRight) resolve();
        else reject(new Error(`one of the crowd was answered: ${bytes.toString()}`));
      },
      close(socket) {
        open.delete(socket);
        reject(new Error('one of the crowd was closed'));
      },
    },
  });
  await promise;
}

for (let left = Number(count); left > 0; left -= OPEN_AT_ONCE) {
  await Promise.all(Array.from({ length: Math.min(left, OPEN_AT_ONCE) }, join));
}
console.log('ready');
await Bun.stdin.text();
console.log(open.size);
process.exit(0);
