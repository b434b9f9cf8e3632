/** Programs that drive a server with GET requests, each on one thread, and what rate they tell. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';

export interface Target {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly seconds: number;
}

export interface Loader {
  readonly name: string;
  /** Why it cannot run here; `undefined` when it can. */
  missing(): string | undefined;
  /** Completed requests per second. Rejects when one failed or was answered with an error. */
  rate(target: Target): Promise<number>;
}

/** The part of a JSON document of a tool that is read here. */
type Found = Readonly<Record<string, unknown>>;

async function output(command: readonly string[]): Promise<string> {
  const child = Bun.spawn([...command], { stdout: 'pipe', stderr: 'ignore', stdin: 'ignore' });
  const [text, status] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  if (status !== 0) throw new Error(`${command[0]} ended with status ${status}: ${text}`);
  return text;
}

function urlOf({ port, path }: Target): string {
  return `http://127.0.0.1:${port}${path}`;
}

function numberIn(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`no rate in: ${text}`);
  return Number(found);
}

const main = join(import.meta.dir, '../src/cli/main.ts');

/** `:repeat` as a person starts it: a process of its own, with the program's start in no figure. */
export const inkwireLoader: Loader = {
  name: 'Inkwire',
  missing: () => undefined,
  async rate(target) {
    const { port, connections, seconds, path } = target;
    const flags = `--duration ${Math.round(seconds * 1000)}ms -c ${connections} --expect 2xx`;
    const line = `:repeat ${flags} --fail-if 'errors>0' --json GET ${path}`;
    const address = `127.0.0.1:${port}`;
    const text = await output([process.execPath, main, 'repl', address, '-e', line]);
    const report: Found = JSON.parse(text);
    return Number(report['perSecond']);
  },
};

const wrk = Bun.which('wrk');

export const wrkLoader: Loader = {
  name: 'wrk',
  missing: () => (wrk === null ? 'not installed (package wrk)' : undefined),
  async rate(target) {
    const { connections, seconds } = target;
    const flags = ['-t1', `-c${connections}`, `-d${Math.max(1, Math.round(seconds))}s`];
    const text = await output([wrk ?? 'wrk', ...flags, urlOf(target)]);
    if (/Non-2xx|Socket errors/.test(text)) throw new Error(`wrk said: ${text}`);
    return numberIn(text, /^Requests\/sec:\s+([0-9.]+)$/m);
  },
};

const peers = join(import.meta.dir, 'peers');
const autocannon = join(peers, 'node_modules/autocannon/autocannon.js');
const node = Bun.which('node');

/** Installs what bench/peers names, where it is not there yet; a failure leaves it missing. */
export async function installPeers(): Promise<void> {
  if (existsSync(autocannon)) return;
  console.error('  installing what bench/peers names');
  const command = [process.execPath, 'install', '--frozen-lockfile'];
  await Bun.spawn(command, { cwd: peers, stdout: 'ignore', stderr: 'inherit' }).exited;
}

/** On Node, for which it is made. */
export const autocannonLoader: Loader = {
  name: 'autocannon',
  missing() {
    if (node === null) return 'needs Node.js, which is not installed';
    if (existsSync(autocannon)) return undefined;
    return 'not installed (see bench/peers)';
  },
  async rate(target) {
    const { connections, seconds } = target;
    const flags = ['-j', '-c', String(connections), '-d', String(Math.max(1, seconds))];
    const text = await output([node ?? 'node', autocannon, ...flags, urlOf(target)]);
    const report: Found = JSON.parse(text);
    const [errors, non2xx] = [report['errors'], report['non2xx']];
    if (errors !== 0 || non2xx !== 0) throw new Error(`autocannon met ${errors}, ${non2xx}`);
    return Number(report['2xx']) / Number(report['duration']);
  },
};

const hey = Bun.which('hey');

export const heyLoader: Loader = {
  name: 'hey',
  missing: () => (hey === null ? 'not installed (package hey)' : undefined),
  async rate(target) {
    const { connections, seconds } = target;
    const flags = ['-cpus', '1', '-c', String(connections), '-z', `${Math.max(1, seconds)}s`];
    const text = await output([hey ?? 'hey', ...flags, urlOf(target)]);
    // What its end cuts off it lists as errors; those say nothing of the server.
    if (/^\s*\[[45]\d\d\]\s+\d+ responses/m.test(text)) throw new Error(`hey said: ${text}`);
    return numberIn(text, /Requests\/sec:\s+([0-9.]+)/);
  },
};
