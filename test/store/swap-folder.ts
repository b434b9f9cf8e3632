/** The other side of a race: gives the name `page-dir` to a folder and to two links in turn. */

import { renameSync } from 'node:fs';

let running = true;
process.stdin.on('end', () => {
  running = false;
});
process.stdin.resume();

/** So many turns run before the input is looked at again. */
const turnsAtOnce = 1_000;

function swap(): void {
  for (let turn = 0; turn < turnsAtOnce; turn += 1) {
    for (const name of ['real', 'link', 'relative']) {
      renameSync(name, 'page-dir');
      renameSync('page-dir', name);
    }
  }
  if (running) setImmediate(swap);
}

process.stdout.write('swapping\n');
swap();
