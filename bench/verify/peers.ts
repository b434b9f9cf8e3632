/** Servers that take PUT, for `:verify --swap`: nginx with its module for WebDAV, and Bun.serve. */

import { join } from 'node:path';
import { freePort, type MeasuredServer, started, startNginxWith } from '../servers.ts';

/** nginx with its module for WebDAV; `undefined` when nginx is missing. */
export async function startDav(root: string, folder: string): Promise<MeasuredServer | undefined> {
  const http = (port: number): string => `
  types { text/html html; } keepalive_requests 100000000;
  server { listen 127.0.0.1:${port} backlog=1024; root ${root}; dav_methods PUT DELETE; }`;
  return await startNginxWith(http, folder);
}

export async function startPutServer(root: string): Promise<MeasuredServer> {
  const port = freePort();
  const script = join(import.meta.dir, 'put-server.ts');
  return await started('Bun.serve', [process.execPath, script, String(port), root], port);
}
