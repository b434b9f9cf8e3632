/** A thread that says what it was started with, and then does as it is told. */

import { type OwnerPort, takeOwner } from '../../../src/base/own-thread.ts';
import { burstLength, type EntryData, type Told } from './told.ts';

class OwnError extends Error {
  override readonly name = 'OwnError';
}

function burst(port: OwnerPort<Told>): void {
  for (let index = 0; index < burstLength; index += 1) port.postMessage(index);
}

function exit(): void {
  process.exit(3);
}

function hang(): void {
  for (;;);
}

takeOwner<EntryData, Told>(({ greeting, aside }, port) => {
  process.once('exit', () => aside?.postMessage('exits'));
  port.on('message', (told) => {
    switch (told) {
      case 'close':
        port.postMessage('closes');
        port.close();
        break;
      case 'throw':
        burst(port);
        throw new OwnError('7 | a bug');
      case 'throw-text':
        throw 'only a text';
      case 'reject':
        void Promise.reject(new TypeError('late'));
        break;
      case 'exit':
        burst(port);
        exit();
        break;
      case 'hang':
        hang();
        break;
      default:
        port.postMessage(`${told}?`);
    }
  });
  aside?.postMessage(`beside: ${greeting}`);
  port.postMessage(greeting);
});
