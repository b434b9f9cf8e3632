/** What the figures were made on and with, in words. */

import { readFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import packageJson from '../../package.json' with { type: 'json' };
import { systemClock } from '../../src/base/clock.ts';
import { versionSaid } from './peers.ts';

/** One line: versions, processor, kernel and the date. */
export function machineText(driver: string): string {
  const versions = [
    `Inkwire ${packageJson.version}`,
    `Bun ${Bun.version}`,
    `nginx ${versionSaid('nginx', '-v')}`.trim(),
    driver === 'wrk' ? `wrk ${versionSaid('wrk', '-v')}` : driver,
  ];
  const date = new Date(systemClock.wallMs()).toISOString().slice(0, 10);
  const memory = Math.round(memoryBytes() / 1024 ** 3);
  const machine = [
    `${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'})`,
    ...(memory > 0 ? [`${memory} GiB`] : []),
    `${process.platform} ${release()}`,
  ];
  return `${[...versions, ...machine, date].join(', ')}.`;
}

/** 0 where it is not known. */
function memoryBytes(): number {
  if (process.platform !== 'linux') return 0;
  const line = /^MemTotal:\s+([0-9]+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'));
  return Number(line?.[1]) * 1024;
}
