/**
 * The plain way to write a file durably, again and again, over 64 names by one thread: open, write,
 * fsync, rename, fsync of the folder. Prints its figures as JSON.
 *
 * Started as `bun sync-and-rename.ts FOLDER SECONDS BYTES`.
 */

import { closeSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Sample } from './contestant.ts';

const names = 64;

const [folder = '', seconds = '', bytes = ''] = process.argv.slice(2);
const content = new Uint8Array(Number(bytes)).fill(0x78);
const temporary = join(folder, 'temporary');
// It stays open: a program that writes much would keep it so too.
const folderDescriptor = openSync(folder, 'r');

function write(name: string): void {
  const descriptor = openSync(temporary, 'wx');
  writeSync(descriptor, content);
  fsyncSync(descriptor);
  closeSync(descriptor);
  renameSync(temporary, join(folder, name));
  fsyncSync(folderDescriptor);
}

// The first of each name replaces nothing, and so is not what is measured.
for (let name = 0; name < names; name += 1) write(`page${name}.html`);

const startMs = performance.now();
const endMs = startMs + Number(seconds) * 1_000;
const latenciesMs: number[] = [];
for (let nowMs = startMs; nowMs < endMs; ) {
  write(`page${latenciesMs.length % names}.html`);
  const afterMs = performance.now();
  latenciesMs.push(afterMs - nowMs);
  nowMs = afterMs;
}
const elapsedSeconds = (performance.now() - startMs) / 1_000;
latenciesMs.sort((a, b) => a - b);

function percentileMs(percentile: number): number {
  const at = Math.ceil((percentile / 100) * latenciesMs.length) - 1;
  return latenciesMs[Math.max(0, at)] ?? Number.NaN;
}

const sample: Sample = {
  perSecond: latenciesMs.length / elapsedSeconds,
  p50Ms: percentileMs(50),
  p99Ms: percentileMs(99),
};
console.log(JSON.stringify(sample));
