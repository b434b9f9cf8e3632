/**
 * Another program: saves a page so many times as fast as it can, each time as a new file, and with
 * nothing in it of what was there. Its parameters: the folder, the page's name, how often.
 */

import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder = '', name = '', saves = '0'] = process.argv.slice(2);
const page = join(folder, name);
const temporary = join(folder, '.saved');
for (let save = 1; save <= Number(saves); save += 1) {
  const body = `<body>\n<p>save ${save}</p>\n</body>`;
  writeFileSync(temporary, `<!DOCTYPE html>\n<html>${body}</html>`);
  renameSync(temporary, page);
}
