/**
 * Pages by `Bun.serve` with `Bun.file` and `Bun.write`, as a small handler does it, without locks,
 * entity tags or conditions; started as `bun put-server.ts PORT FOLDER`.
 */

import { unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';

const [port = '', folder = ''] = process.argv.slice(2);

Bun.serve({
  hostname: '127.0.0.1',
  port: Number(port),
  async fetch(request) {
    const path = join(folder, basename(new URL(request.url).pathname));
    switch (request.method) {
      case 'GET':
        // Read whole: a file that is sent as a file is sent as long as it was when that began.
        return (await Bun.file(path).exists())
          ? new Response(await Bun.file(path).bytes())
          : new Response('missing\n', { status: 404 });
      case 'PUT':
        await Bun.write(path, await request.arrayBuffer());
        return new Response(null, { status: 204 });
      case 'DELETE':
        await unlink(path);
        return new Response(null, { status: 204 });
      default:
        return new Response('not taken\n', { status: 405, headers: { Allow: 'GET, PUT, DELETE' } });
    }
  },
});
