/** The benchmark of durable writes with tiny numbers, so that it never rots, and what it leaves. */

import { expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileSystemName, mountOf } from '../../bench/writes/file-system-name.ts';
import { lackOfJournaledDisk } from '../../bench/writes/journaled-disk.ts';
import { repositoryPath } from '../docs/marked.ts';
import { named } from '../support/system.ts';

const script = join(import.meta.dir, '../../bench/main.ts');
const flags = ['writes', '--rounds', '1', '--seconds', '0.05', '--image-mib', '32'];

function start(...more: string[]) {
  const command = [process.execPath, script, ...flags, ...more];
  return Bun.spawn(command, { stdout: 'pipe', stderr: 'pipe' });
}

/** Mounts and folders of a run that has ended. */
function leftBy(pid: number): string[] {
  const mark = `.bench-writes-${pid}-`;
  const mounts = process.platform === 'linux' ? readFileSync('/proc/self/mountinfo', 'utf8') : '';
  const entries = [...mounts.split('\n'), ...readdirSync(repositoryPath('.'))];
  return entries.filter((entry) => entry.includes(mark));
}

test('each file system is named, measured and judged, or said to be left out', async () => {
  const child = start();
  const [output, status] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  expect(status).toBe(0);
  const isLeftOut = /^The journaled ext4 is left out: \S/m.test(output);
  if (lackOfJournaledDisk() !== undefined) expect(isLeftOut).toBe(true);
  const disks = [...output.matchAll(/^\| on (an image file|the project’s own disk): \S/gm)];
  const all = ['an image file', 'the project’s own disk'];
  expect(disks.map(([, disk]) => disk)).toEqual(isLeftOut ? all.slice(1) : all);
  // On a busy machine a measurement as short as these may end before a connection has come about.
  const figures = String.raw`[0-9][0-9,]* \| [0-9.]+ ms \| [0-9.]+ ms \|$`;
  const rows = output.match(new RegExp(`^\\| (?:Inkwire|sync and rename).* \\| ${figures}`, 'gm'));
  expect(rows).toHaveLength(7 * disks.length);
  const ratios = output.match(/^\| beside sync and rename \| at least 5 × \| [0-9.]+ × \|/gm);
  expect(ratios).toHaveLength(disks.length);
  expect(leftBy(child.pid)).toEqual([]);
}, 30_000);

const lack = lackOfJournaledDisk();

test.skipIf(lack !== undefined)(
  named('a profile tells of the threads that take part', lack),
  async () => {
    const child = start('--profile');
    const [output, status] = await Promise.all([new Response(child.stdout).text(), child.exited]);
    expect(status).toBe(0);
    for (const thread of ['bun(?:\\.exe)?', 'commit']) {
      expect(output).toMatch(new RegExp(`^\\| server: ${thread} \\| [0-9.]+ \\|`, 'm'));
    }
    expect(output).toMatch(/^To the disk, for each edit: [0-9.]+ KiB in [0-9.]+ writes;/m);
    expect(leftBy(child.pid)).toEqual([]);
  },
  30_000,
);

test.skipIf(lack !== undefined)(
  named('Ctrl-C leaves no mount and no folder', lack),
  async () => {
    const child = start();
    const decoder = new TextDecoder();
    let said = '';
    for await (const bytes of child.stderr) {
      said += decoder.decode(bytes, { stream: true });
      if (said.includes('Inkwire, 16 connections')) child.kill('SIGINT');
    }
    expect(await child.exited).toBe(130);
    expect(said).toEndWith('interrupted\n');
    expect(leftBy(child.pid)).toEqual([]);
  },
  30_000,
);

const mountinfo = [
  '22 27 0:21 / /proc rw,relatime - proc proc rw',
  '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard',
  String.raw`61 27 7:0 / /srv/two\040words ro shared:1 master:2 - ext4 /dev/loop0 rw,stripe=4`,
  '62 27 0:50 / /srv/covered rw - tmpfs first rw',
  '63 27 0:51 / /srv/covered rw - tmpfs second rw',
].join('\n');

const mounts = [
  { path: '/', source: '/dev/vda', options: ['rw', 'relatime', 'discard'] },
  { path: '/srv/two', source: '/dev/vda', options: ['rw', 'relatime', 'discard'] },
  { path: '/srv/two words', source: '/dev/loop0', options: ['ro', 'rw', 'stripe=4'] },
  { path: '/srv/two words/a', source: '/dev/loop0', options: ['ro', 'rw', 'stripe=4'] },
  { path: '/srv/covered/a', source: 'second', options: ['rw'] },
];

for (const { path, source, options } of mounts) {
  test(`the mount of ${path}`, () => {
    expect(mountOf(mountinfo, path)).toMatchObject({ source, options });
  });
}

test('a file system has a name', () => {
  expect(fileSystemName(import.meta.dir)).toMatch(/^\S+, .+/);
});
