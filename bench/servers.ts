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

const START_TIMEOUT_MS = 5_000;

/** Resolves once something accepts connections at `port`. */
async function untilListening(port: number, what: string): Promise<void> {
  const endMs = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      const socket = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data: () => {} } });
      socket.end();
      return;
    } catch (error) {
      if (performance.now() > endMs)
        throw new Error(`${what} does not listen at ${port}`, { cause: error });
      await Bun.sleep(20);
    }
  }
}

export function freePort(): number {
  const probe = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => {} } });
  const { port } = probe;
  probe.stop(true);
  return port;
}

export async function started(
  name: string,
  command: readonly string[],
  port: number,
): Promise<MeasuredServer> {
  const child = Bun.spawn([...command], { stdout: 'ignore', stderr: 'ignore', stdin: 'ignore' });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await child.exited;
  };
  try {
    await untilListening(port, name);
  } catch (error) {
    await stop();
    throw error;
  }
  return { name, port, pid: child.pid, [Symbol.asyncDispose]: stop };
}

/** Inkwire as a user starts it, without its log. */
export async function startInkwire(root: string, workers: number): Promise<MeasuredServer> {
  const port = freePort();
  const main = join(import.meta.dir, '../src/cli/main.ts');
  const flags = ['--port', String(port), '--workers', String(workers), '--log', 'off'];
  return await started('Inkwire', [process.execPath, main, 'serve', root, ...flags], port);
}

export const nginx = Bun.which('nginx', { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` });

/**
 * nginx with one worker, sendfile and an open-file cache, without a log; `undefined` when missing.
 */
export async function startNginx(
  root: string,
  folder: string,
): Promise<MeasuredServer | undefined> {
  const http = (port: number): string => `
  tcp_nopush on; keepalive_requests 100000000;
  open_file_cache max=20000 inactive=60s; open_file_cache_valid 60s;
  types { text/html html; } default_type application/octet-stream;
  server { listen 127.0.0.1:${port} backlog=1024; root ${root}; }`;
  return await startNginxWith(http, folder);
}

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
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join(' ');
  const config = `${user} worker_processes 1; daemon off; pid ${folder}/pid;
error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off; sendfile on; ${temporary}
  ${http(port)}
}
`;
  const path = join(folder, 'nginx.conf');
  writeFileSync(path, config);
  return await started('nginx', [nginx, '-p', folder, '-c', path], port);
}
