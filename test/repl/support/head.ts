/** The head of a response from its bytes, by the codec itself. */

import { latin1Bytes } from '../../../src/base/bytes.ts';
import { ClientConnection } from '../../../src/http/client-connection.ts';
import type { ResponseHead } from '../../../src/http/message.ts';

/** The head of `raw`, whose characters are its bytes and which ends in a blank line. */
export function parseHead(raw: string): ResponseHead {
  const connection = new ClientConnection();
  connection.expect('HEAD');
  connection.receive(latin1Bytes(raw));
  const event = connection.poll();
  if (event?.kind === 'head' || event?.kind === 'interim') return event.head;
  throw new Error(`no head: ${raw}`);
}
