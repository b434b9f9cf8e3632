/** The files that the servers serve. */

import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const KIB = 1024;
const MIB = 1024 ** 2;

export const distinctCount = 10_000;
export const hugeBytes = 1024 ** 3;

export const samplePath = '/test.html';
export const mediumPath = '/medium.html';
export const largePath = '/large.html';
export const hugePath = '/huge.bin';

/** The many small pages, in folders of a hundred. */
export const distinctPaths: readonly string[] = Array.from({ length: distinctCount }, (_, n) => {
  const name = String(n).padStart(4, '0');
  return `/many-${name.slice(0, 2)}/${name}.html`;
});

export function sweepPath(bytes: number): string {
  return `/sweep-${bytes}.html`;
}

/** Puts all files into `root` that the rows ask for, but for the huge one. */
export function makePages(root: string, sample: string, sweepSizes: readonly number[]): void {
  const write = (path: string, content: string): void => writeFileSync(join(root, path), content);
  write(samplePath, sample);
  write(mediumPath, 'm'.repeat(64 * KIB));
  write(largePath, 'l'.repeat(MIB));
  for (const bytes of sweepSizes) write(sweepPath(bytes), 's'.repeat(bytes));
}

export function makeDistinctPages(root: string, sample: string): void {
  const folders = new Set(distinctPaths.map((path) => path.slice(0, path.lastIndexOf('/'))));
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
  for (const path of distinctPaths) writeFileSync(join(root, path), sample);
}

/**
 * The huge file takes no room on the disk: it is one hole. What is measured is how its pages get
 * from the system's page cache into sockets, and there they are pages like others once they were
 * read, which the warm-up does.
 */
export function makeHugeFile(root: string): void {
  const file = openSync(join(root, hugePath), 'w');
  try {
    ftruncateSync(file, hugeBytes);
  } finally {
    closeSync(file);
  }
}
