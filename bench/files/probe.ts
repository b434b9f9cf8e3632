/** One request before a load, for what a driver does not look at: is it what is to be measured? */

import type { MeasuredServer } from '../servers.ts';
import type { Load } from './load.ts';

const TIMEOUT_MS = 30_000;

/** Throws when the first page of the load is not answered as it is to be. */
export async function probe(server: MeasuredServer, load: Load): Promise<void> {
  const { status } = await ask(server, load);
  if (status === load.status) return;
  throw new Error(`${server.name} answers ${load.paths[0]} with ${status}, not ${load.status}`);
}

/** The entity tag that the server gives the first page of the load. */
export async function entityTagOf(server: MeasuredServer, load: Load): Promise<string> {
  const { headers } = await ask(server, load);
  const tag = headers.get('ETag');
  if (tag === null) throw new Error(`${server.name} gives ${load.paths[0]} no ETag`);
  return tag;
}

async function ask({ port }: MeasuredServer, { paths, fields }: Load): Promise<Response> {
  const headers: [string, string][] = fields.map(([name, value]) => [name, value]);
  // Without it `fetch` would ask for a coding, and get another entity tag.
  headers.push(['Accept-Encoding', 'identity']);
  const url = `http://127.0.0.1:${port}${paths[0]}`;
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  // Only the head is of interest: of a gigabyte nothing more is taken.
  await response.body?.cancel();
  return response;
}
