/** What durable inserts are compared with: one thread that syncs and renames, and nginx's PUT. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { MeasuredServer } from '../servers.ts';
import type { Contestant } from './contestant.ts';
import { type HttpLoad, sampleOf } from './http-load.ts';
import { pageCount, pages } from './inserts.ts';

/** Of the peers that the ratios are taken beside. */
export const syncName = 'sync and rename: one thread, no HTTP, 64 names';
export const davName = `nginx, dav \`PUT\`, **not synced**, 64 connections, ${pageCount} pages`;

const sampleSchema = z.object({
  perSecond: z.number().positive(),
  p50Ms: z.number(),
  p99Ms: z.number(),
});

/**
 * A process of its own, so that nothing of this one is in the figures.
 *
 * @param folder is made; the files go there
 */
export function syncContestant(folder: string, bytes: number, seconds: number): Contestant {
  mkdirSync(folder);
  const script = join(import.meta.dir, 'sync-and-rename.ts');
  const command = [process.execPath, script, folder, String(seconds), String(bytes)];
  return {
    name: syncName,
    async measure(signal) {
      signal.throwIfAborted();
      const child = Bun.spawn(command, { stdout: 'pipe', stdin: 'ignore', signal });
      const [text, status] = await Promise.all([new Response(child.stdout).text(), child.exited]);
      signal.throwIfAborted();
      if (status !== 0) throw new Error(`sync and rename ended with status ${status}`);
      return sampleSchema.parse(JSON.parse(text));
    },
  };
}

/** nginx answers when the page cache has the content: a power cut loses it. */
export function davContestant(
  server: MeasuredServer,
  content: string,
  seconds: number,
): Contestant {
  const load: HttpLoad = {
    ...{ port: server.port, pages, fields: [], text: content, connections: 64 },
    method: 'PUT',
    extent: { kind: 'duration', durationMs: seconds * 1_000 },
  };
  return { name: davName, measure: (signal) => sampleOf(load, signal) };
}
