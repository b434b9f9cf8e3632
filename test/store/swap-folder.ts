/**
 * The other side of a race: gives a name to several things in turn, to a folder or a file and to
 * links say. Each argument is `NAME=THING,THING…`; without any it is the folder `page-dir`.
 */

import { renameSync } from 'node:fs';

let running = true;
process.stdin.on('end', () => {
  running = false;
});
process.stdin.resume();

/** So many turns run before the input is looked at again. */
const turnsAtOnce = 1_000;

const given = process.argv.slice(2);
const swaps = (given.length > 0 ? given : ['page-dir=real,link,relative']).map((argument) => {
  const [name = '', things = ''] = argument.split('=');
  return { name, things: things.split(',') };
});

function swap(): void {
  for (let turn = 0; turn < turnsAtOnce; turn += 1) {
    for (const { name, things } of swaps) {
      for (const thing of things) {
        renameSync(thing, name);
        renameSync(name, thing);
      }
    }
  }
  if (running) setImmediate(swap);
}

process.stdout.write('swapping\n');
swap();
