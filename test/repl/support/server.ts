/**
 * A small HTTP server on a raw socket, whose behaviour each path chooses: what a test needs to see.
 */

import type { Socket } from 'bun';

export interface TestServer extends Disposable {
  readonly url: string;
  readonly port: number;
  /** Every request as text, its content included. */
  readonly requests: readonly string[];
  /** Connections that were opened so far. */
  readonly connections: number;
}

interface State {
  pending: string;
}

/** Starts it on a free port of the loopback. Requests must have a Content-Length or no content. */
export function startServer(): TestServer {
  const requests: string[] = [];
  let connections = 0;
  const listener = Bun.listen<State>({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      open(socket) {
        connections += 1;
        socket.data = { pending: '' };
      },
      data(socket, bytes) {
        socket.data.pending += bytes.toString('latin1');
        for (let request = take(socket.data); request !== undefined; request = take(socket.data)) {
          requests.push(request);
          answer(socket, request);
        }
      },
    },
  });
  return {
    url: `http://127.0.0.1:${listener.port}`,
    port: listener.port,
    requests,
    get connections() {
      return connections;
    },
    [Symbol.dispose]: () => listener.stop(true),
  };
}

/** Takes one whole request off what has arrived. */
function take(state: State): string | undefined {
  const head = state.pending.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const length = Number(/content-length: *(\d+)/i.exec(state.pending.slice(0, head))?.[1] ?? 0);
  if (state.pending.length < head + 4 + length) return undefined;
  const request = state.pending.slice(0, head + 4 + length);
  state.pending = state.pending.slice(head + 4 + length);
  return request;
}

function answer(socket: Socket<State>, request: string): void {
  const [, method = '', path = ''] = /^(\S+) (\S+)/.exec(request) ?? [];
  const content = request.slice(request.indexOf('\r\n\r\n') + 4);
  switch (path) {
    case '/hang':
      return;
    case '/drop':
      socket.end();
      return;
    case '/half':
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf');
      socket.end();
      return;
    case '/junk':
      socket.write('This is no HTTP\r\n\r\n');
      return;
    case '/close':
      respond(socket, '200 OK', 'closing', 'X-Server: test\r\n');
      socket.end();
      return;
    case '/missing':
      respond(socket, '404 Not Found', 'missing');
      return;
    case '/broken':
      respond(socket, '500 Internal Server Error', 'broken');
      return;
    case '/escape':
      respond(socket, '200 OK', '\x1b]0;title\x07');
      return;
    case '/made':
      respond(socket, '201 Created', 'made', 'Location: /created.html\r\n');
      return;
    default:
      respond(socket, '200 OK', `${method} ${path} ${content}`);
  }
}

function respond(socket: Socket<State>, status: string, content: string, fields = ''): void {
  const head = `HTTP/1.1 ${status}\r\n${fields}Content-Length: ${content.length}\r\n\r\n`;
  socket.write(Buffer.from(head + content, 'latin1'));
}
