/** A process that adds `count` lines `NAME 0`, `NAME 1` … to a history file. */

import { systemClock } from '../../../src/base/clock.ts';
import { History } from '../../../src/repl/history.ts';

const [path, name, count] = process.argv.slice(2);
const history = new History(path, systemClock, (message) => {
  throw new Error(message);
});
for (let n = 0; n < Number(count); n += 1) history.add(`${name} ${n}`);
