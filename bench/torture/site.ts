/** Where the pages of a round lie, and what becomes of them when the server is ended. */

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { samplePage } from './edit-load.ts';

export interface Site extends AsyncDisposable {
  /** The served folder. */
  readonly root: string;
  /** Whether the disaster loses what was written and not synced. */
  readonly losesWrites: boolean;
  /** Makes all that lies there now outlast what is to come. */
  flush(): void;
  /** What happens to the disk in the moment of the disaster. */
  strike(): void;
  /** Makes the pages readable again, as they are now. Nothing has them open. */
  restore(): Promise<void>;
}

/** Where a file needs no disk: memory, if the machine offers it. */
export function scratchFolder(name: string): string {
  const parent = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  return mkdtempSync(join(parent, `inkwire-${name}-`));
}

/** A folder that outlives the server: all that the kernel was told stays. */
export class FolderSite implements Site {
  readonly root = scratchFolder('kill');
  readonly losesWrites = false;

  flush(): void {}

  strike(): void {}

  async restore(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** So many lie in one folder, and each of the others in a folder of its own. */
export const pagesTogether = 8;

/** Puts pages into the site, durably; returns their targets, those that lie together first. */
export function makePages(site: Site, count: number): string[] {
  const names = Array.from({ length: count }, (_, at) => {
    return `in-${Math.max(0, at - pagesTogether + 1)}/page-${at}.html`;
  });
  for (const name of names) {
    mkdirSync(join(site.root, dirname(name)), { recursive: true });
    writeFileSync(join(site.root, name), samplePage);
  }
  site.flush();
  return names.map((name) => `/${name}`);
}

/** Files that the server has left where it prepares edits. */
export function leftOvers(site: Site): string[] {
  return readdirSync(join(site.root, '.inkwire/tmp'));
}
