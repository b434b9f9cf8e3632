/** Requests and answers over plain sockets, for servers of the tests that may answer not at all. */

import type { Socket } from 'bun';

export interface Request {
  readonly method: string;
  readonly path: string;
  /** Whether it says `If-None-Match: *`. */
  readonly fresh: boolean;
  /** The value of `If-Match`. */
  readonly ifMatch: string | undefined;
  /** The value of `Idempotency-Key`. */
  readonly key: string | undefined;
  readonly content: string;
}

export interface Answer {
  readonly status: number;
  readonly content?: string;
  readonly entityTag?: string;
}

/** Sends an answer, or ends the connection when there is none. */
export type Reply = (answer: Answer | undefined) => void;

interface State {
  pending: string;
}

/** Takes one whole request off what has arrived. */
function takeRequest(state: State): Request | undefined {
  const end = state.pending.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = state.pending.slice(0, end);
  const length = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
  const from = end + 4;
  if (state.pending.length < from + length) return undefined;
  const content = state.pending.slice(from, from + length);
  state.pending = state.pending.slice(from + length);
  const [, method = '', path = ''] = /^(\S+) (\S+)/.exec(head) ?? [];
  const fresh = /^if-none-match: \*/im.test(head);
  const ifMatch = /^if-match: *(.*?) *$/im.exec(head)?.[1];
  const key = /^idempotency-key: *(.*?) *$/im.exec(head)?.[1];
  return { method, path, fresh, ifMatch, key, content };
}

function send(socket: Socket<State>, answer: Answer | undefined): void {
  if (answer === undefined) {
    socket.end();
    return;
  }
  const { status, content = '', entityTag } = answer;
  const length = status === 204 ? '' : `Content-Length: ${content.length}\r\n`;
  const tag = entityTag === undefined ? '' : `ETag: ${entityTag}\r\n`;
  const head = `HTTP/1.1 ${status} x\r\nContent-Type: text/html\r\n${tag}${length}`;
  socket.write(`${head}\r\n${content}`);
}

export function listen(
  handle: (request: Request, reply: Reply) => void,
): Disposable & { readonly port: number } {
  const listener = Bun.listen<State>({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      open(socket) {
        socket.data = { pending: '' };
      },
      data(socket, bytes) {
        socket.data.pending += bytes.toString('latin1');
        for (;;) {
          const request = takeRequest(socket.data);
          if (request === undefined) return;
          handle(request, (answer) => send(socket, answer));
        }
      },
    },
  });
  return { port: listener.port, [Symbol.dispose]: () => listener.stop(true) };
}
