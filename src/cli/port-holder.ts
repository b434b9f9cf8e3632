/** Who holds a port that is taken. Loaded only where one is, for it brings the client along. */

import { systemClock } from '../base/clock.ts';
import { parseEndpoint } from '../client/endpoint.ts';
import { createClient } from '../client/http-client.ts';
import { SERVER_NAME } from '../server/reply.ts';

/** How long the holder of a busy port may take to say who it is, milliseconds. */
const WHO_TIMEOUT_MS = 500;

/** Whether what answers there is an Inkwire. */
export async function isInkwire(host: string, port: number): Promise<boolean> {
  const endpoint = parseEndpoint(host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
  if (typeof endpoint === 'string') return false;
  const client = createClient(endpoint, { clock: systemClock, timeoutMs: WHO_TIMEOUT_MS });
  const fields = [['Host', endpoint.authority]] as const;
  const answer = await client.exchange({ method: 'OPTIONS', target: '*', fields });
  client.close();
  return answer.kind === 'completed' && answer.head.fields.only('server') === SERVER_NAME;
}
