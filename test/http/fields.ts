/** Fields of a request as the parser gives them, from lines as a test writes them. */

import { latin1Bytes } from '../../src/base/bytes.ts';
import { defaultHeadLimits } from '../../src/http/limits.ts';
import type { RequestHead } from '../../src/http/message.ts';
import { ServerConnection } from '../../src/http/server-connection.ts';

/** The head of a request with `lines` behind its `Host`. */
export function requestHead(lines: readonly string[], first = 'GET / HTTP/1.1'): RequestHead {
  const connection = new ServerConnection(defaultHeadLimits);
  const text = [first, 'Host: localhost', ...lines, '', ''].join('\r\n');
  connection.receive(latin1Bytes(text));
  const event = connection.poll();
  if (event?.kind !== 'request') throw new Error(`no request: ${JSON.stringify(text)}`);
  return event.head;
}
