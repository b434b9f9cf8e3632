/**
 * The servers that are measured, each a process of its own on a free port, serving the same folder.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface MeasuredServer extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
}

/** Where a server is to listen, and what it is to serve. */
export interface Listening {
  readonly port: number;
  readonly root: string;
}

const START_TIMEOUT_MS = 5_000;
/** Between two tries to connect to a server that starts. */
const TRY_PERIOD_MS = 20;
/** What was told to stop, and has not by then, is killed. */
const STOP_TIMEOUT_MS = 5_000;
/** Enough for 12,000 connections of Inkwire, each with a file that it is sent. */
const FILES_WANTED = 32_768;
/** As much of a server's last words as helps. */
const LAST_WORDS_CHARACTERS = 500;

/** Whether something accepts connections at `port`. */
export async function accepts(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data: () => {} } });
    socket.end();
    return true;
  } catch {
    return false;
  }
}

export function freePort(): number {
  const probe = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => {} } });
  const { port } = probe;
  probe.stop(true);
  return port;
}

/**
 * Starts a server, with as many open files as this user may have, and waits until it listens.
 *
 * @throws Error with its last words when it ends instead, or does not listen in time
 */
export async function started(
  name: string,
  command: readonly string[],
  port: number,
): Promise<MeasuredServer> {
  const child = Bun.spawn([...withAllFiles(command)], {
    stdout: 'ignore',
    stderr: 'pipe',
    stdin: 'ignore',
  });
  // Read all the time, for a full pipe would hold the server up.
  const lastWords = tailOf(child.stderr);
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await child.exited;
    clearTimeout(killer);
  };
  const endMs = performance.now() + START_TIMEOUT_MS;
  while (!(await accepts(port))) {
    if (child.exitCode === null && child.signalCode === null && performance.now() < endMs) {
      await Bun.sleep(TRY_PERIOD_MS);
      continue;
    }
    const how = child.exitCode === null ? 'does not listen' : `ended with ${child.exitCode}`;
    await stop();
    throw new Error(`${name} ${how}: ${(await lastWords).trim()}`);
  }
  return { name, port, pid: child.pid, [Symbol.asyncDispose]: stop };
}

/** Only root may go above what is allowed; others get all of that. */
const raiseFiles = `ulimit -n ${FILES_WANTED} 2>/dev/null || ulimit -n "$(ulimit -H -n)"`;

/** The shell gives its place to the command, so the process is the one that was started. */
export function withAllFiles(command: readonly string[]): readonly string[] {
  return ['sh', '-c', `${raiseFiles}; exec "$@"`, 'sh', ...command];
}

/** How many files a server that is started here may have open. */
export function filesAllowed(): number {
  const said = Bun.spawnSync([...withAllFiles(['sh', '-c', 'ulimit -n'])])
    .stdout.toString()
    .trim();
  return said === 'unlimited' ? Number.MAX_SAFE_INTEGER : Number(said);
}

async function tailOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let tail = '';
  for await (const bytes of stream) {
    tail = (tail + decoder.decode(bytes, { stream: true })).slice(-LAST_WORDS_CHARACTERS);
  }
  return tail;
}

/** The command that starts Inkwire as a user does, without its log. */
export function inkwireCommand(
  { port, root }: Listening,
  workers: number,
  flags: readonly string[] = [],
): readonly string[] {
  const main = join(import.meta.dir, '../src/cli/main.ts');
  const always = ['--port', String(port), '--workers', String(workers), '--log', 'off'];
  return [process.execPath, main, 'serve', root, ...always, ...flags];
}

export async function startInkwire(
  root: string,
  workers: number,
  flags: readonly string[] = [],
): Promise<MeasuredServer> {
  const port = freePort();
  return await started('Inkwire', inkwireCommand({ port, root }, workers, flags), port);
}

export const nginx = Bun.which('nginx', { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` });

/**
 * nginx with one worker and no access log; `undefined` when missing.
 *
 * @param http what stands in its `http` block, given the port it listens at
 * @param folder for its own files
 */
export async function startNginxWith(
  http: (port: number) => string,
  folder: string,
): Promise<MeasuredServer | undefined> {
  if (nginx === null) return undefined;
  const port = freePort();
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'nginx.conf');
  writeFileSync(path, nginxConfiguration(http(port), folder));
  return await started('nginx', [nginx, '-p', folder, '-c', path], port);
}

function nginxConfiguration(http: string, folder: string): string {
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ');
  return `${user} worker_processes 1; daemon off; pid ${folder}/pid;
error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off; sendfile on; ${temporary}
  ${http}
}
`;
}
