/**
 * The files of a folder by `Bun.serve` and `Bun.file`, as a small handler does it; started as
 * `bun bun-server.ts PORT FOLDER`. What `Bun.file` does by itself (ranges, say) it does; what is
 * left to handlers (conditions, say) is not here.
 */

import { join, sep } from 'node:path';

const [port = '', folder = ''] = process.argv.slice(2);

Bun.serve({
  hostname: '127.0.0.1',
  port: Number(port),
  async fetch(request) {
    if (request.method === 'POST') {
      // Read whole, so that its framing is judged as well.
      return new Response(`${(await request.arrayBuffer()).byteLength}\n`);
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return new Response('not taken\n', { status: 405, headers: { Allow: 'GET, HEAD, POST' } });
    }
    const path = pathOf(request.url);
    if (path === undefined) return new Response('bad path\n', { status: 400 });
    const missing = new Response('missing\n', { status: 404 });
    if (!path.startsWith(folder + sep) || path.includes('\0')) return missing;
    try {
      const file = Bun.file(path);
      return (await file.exists()) ? new Response(file) : missing;
    } catch {
      return missing; // A name that the system does not take.
    }
  },
});

function pathOf(url: string): string | undefined {
  try {
    // The base is for a request of HTTP/1.0 that names no host.
    return join(folder, decodeURIComponent(new URL(url, 'http://localhost').pathname));
  } catch {
    return undefined;
  }
}
