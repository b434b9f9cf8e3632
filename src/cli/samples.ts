/** The sample pages, and how they are put back as they were. */

import { copyFileSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';

/** Where the samples are served from. */
export const SAMPLES_ROOT = 'htdocs';

const samplesFolder = join(import.meta.dir, '../config/samples');

/** Puts every sample into `root`, which is made if it is missing; other pages stay. */
export function restoreSamples(root: string): void {
  mkdirSync(root, { recursive: true });
  for (const name of readdirSync(samplesFolder)) {
    // Whole or not at all, also for whoever reads the page meanwhile.
    const temporary = join(root, `.${name}.fresh`);
    copyFileSync(join(samplesFolder, name), temporary);
    renameSync(temporary, join(root, name));
  }
}
