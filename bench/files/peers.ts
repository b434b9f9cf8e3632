/** The servers that are compared beside nginx: each where it can be run, or why it cannot. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemPath } from '../mounted-image.ts';
import { freePort, type Listening, type MeasuredServer, started } from '../servers.ts';
import { caddyConfiguration, lighttpdConfiguration } from './configurations.ts';

export interface Peer {
  readonly name: string;
  /** Why it cannot run here; `undefined` when it can. */
  missing(): string | undefined;
  version(): string;
  /** @param folder for its own files, which is there */
  command(listening: Listening, folder: string): readonly string[];
}

const node = Bun.which('node');
const sirv = join(import.meta.dir, '../peers/node_modules/sirv');

function program(name: string): string | null {
  return Bun.which(name, { PATH: systemPath });
}

/** The first number with points in it that the program says of itself. */
export function versionSaid(name: string, ...flags: readonly string[]): string {
  const path = program(name);
  if (path === null) return '';
  const { stdout, stderr } = Bun.spawnSync([path, ...flags]);
  return /[0-9]+(?:\.[0-9]+)+/.exec(`${stdout}${stderr}`)?.[0] ?? '';
}

export const peers: readonly Peer[] = [
  {
    name: 'lighttpd',
    missing: () => (program('lighttpd') === null ? 'not installed (package lighttpd)' : undefined),
    version: () => versionSaid('lighttpd', '-v'),
    command: (listening, folder) => {
      const path = join(folder, 'lighttpd.conf');
      writeFileSync(path, lighttpdConfiguration(listening));
      return [program('lighttpd') ?? 'lighttpd', '-D', '-f', path];
    },
  },
  {
    name: 'Caddy',
    missing: () => (program('caddy') === null ? 'not installed (package caddy)' : undefined),
    version: () => versionSaid('caddy', 'version'),
    command: (listening, folder) => {
      const path = join(folder, 'Caddyfile');
      writeFileSync(path, caddyConfiguration(listening));
      // One thread, as the others have; its home is where it may leave something.
      const homes = ['HOME', 'XDG_DATA_HOME', 'XDG_CONFIG_HOME'].map((name) => `${name}=${folder}`);
      const environment = ['GOMAXPROCS=1', ...homes];
      const run = ['run', '--config', path, '--adapter', 'caddyfile'];
      return ['env', ...environment, program('caddy') ?? 'caddy', ...run];
    },
  },
  {
    name: 'Bun.serve with Bun.file',
    missing: () => undefined,
    version: () => Bun.version,
    command: ({ port, root }) => {
      const script = join(import.meta.dir, 'bun-file-server.ts');
      return [process.execPath, script, String(port), root];
    },
  },
  {
    name: 'sirv on Node.js',
    missing: () => {
      if (node === null) return 'needs Node.js, which is not installed';
      return existsSync(sirv) ? undefined : 'not installed (see bench/peers)';
    },
    version: () => versionSaid('node', '--version'),
    command: ({ port, root }) => {
      const script = join(import.meta.dir, '../peers/sirv-server.js');
      return [node ?? 'node', script, String(port), root];
    },
  },
];

export async function startPeer(peer: Peer, root: string, parent: string): Promise<MeasuredServer> {
  const port = freePort();
  const folder = join(parent, peer.name.replace(/\W+/g, '-'));
  mkdirSync(folder, { recursive: true });
  return await started(peer.name, peer.command({ port, root }, folder), port);
}
