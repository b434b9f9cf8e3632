/**
 * Another program: saves a page again and again, each time with a mark, and keeps all that its
 * saves put an end to. Its parameters: the folder, the page's name, its own folder on the same
 * disk, and the way: `in-place` or `by-exchange`. It ends when there is a file `stop` in its own
 * folder.
 *
 * A save by rename destroys a version that it has not seen. So it exchanges names, which is a
 * rename to everyone else, and looks at what it has got. In place it reads what it writes over.
 */

import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { systemFileSystem } from '../../src/store/system-file-system.ts';

/** However long nobody stops it. */
const savesMax = 100_000;

const [root = '', name = '', own = '', way = ''] = process.argv.slice(2);
const [rootFolder, ownFolder] = [root, own].map((path) => openSync(path, constants.O_DIRECTORY));

function content(save: number): string {
  const body = `<body>\n<p>save ${save}.</p>\n</body>`;
  return `<!DOCTYPE html>\n<html>${body}</html>`;
}

const ways: Readonly<Record<string, (save: number) => void>> = {
  'by-exchange'(save) {
    writeFileSync(join(own, `${save}`), content(save));
    systemFileSystem.exchangeat(ownFolder ?? -1, `${save}`, rootFolder ?? -1, name);
  },
  'in-place'(save) {
    const page = openSync(join(root, name), 'r+');
    // Nobody else writes into a file that is there. Which one it was is a part of the name.
    writeFileSync(join(own, `${save}-${fstatSync(page).ino}`), readFileSync(page));
    ftruncateSync(page, writeSync(page, content(save), 0));
    closeSync(page);
  },
};

const stop = join(own, 'stop');
for (let save = 1; save <= savesMax && !existsSync(stop); save += 1) {
  ways[way]?.(save);
  if (save === 1) writeFileSync(join(own, 'begun'), '');
}
