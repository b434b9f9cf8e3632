/**
 * A client that shares no code with Inkwire: what the server sends is judged by a second reading of
 * the RFC, a small and strict one.
 */

import type { Socket } from 'bun';

export interface RawResponse {
  readonly status: number;
  readonly statusLine: string;
  /** Field lines as they came. */
  readonly lines: readonly string[];
  /** By name in lower case; a repeated field keeps its last value. */
  readonly fields: ReadonlyMap<string, string>;
  /** Latin-1, one character a byte. */
  readonly body: string;
  /** 1xx statuses that came before. */
  readonly interim: readonly number[];
}

export class RawClient implements AsyncDisposable {
  /** Everything received and not taken, Latin-1. */
  #received = '';
  #ended = false;
  #closed = false;
  #unsent: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  #wake: (() => void)[] = [];
  #socket: Socket | undefined;

  static async open(port: number): Promise<RawClient> {
    const client = new RawClient();
    client.#socket = await Bun.connect({
      hostname: '127.0.0.1',
      port,
      allowHalfOpen: true,
      socket: {
        data: (_socket, bytes) => {
          client.#received += bytes.toString('latin1');
          client.#notify();
        },
        drain: () => {
          client.#flush();
          client.#notify();
        },
        end: () => {
          client.#ended = true;
          client.#notify();
        },
        close: () => {
          client.#ended = true;
          client.#closed = true;
          client.#notify();
        },
        error: () => {},
      },
    });
    return client;
  }

  /** Sends text, one byte a character. */
  send(text: string): void {
    this.#unsent = Buffer.concat([this.#unsent, Buffer.from(text, 'latin1')]);
    this.#flush();
  }

  /** Sends text a byte at a time, each in a write of its own. */
  async dribble(text: string): Promise<void> {
    this.#socket?.setNoDelay(true);
    for (const character of text) {
      this.send(character);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Sends FIN and goes on reading. */
  shutdown(): void {
    this.#socket?.shutdown();
  }

  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  /** Breaks the connection with a reset. */
  reset(): void {
    this.#socket?.terminate();
  }

  /** Whether the server has ended its side. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Bytes that the kernel has not taken yet. */
  get unsent(): number {
    return this.#unsent.length;
  }

  /** What was received and not taken. */
  get received(): string {
    return this.#received;
  }

  /** The next final response to a request with `method`. Rejects when the connection ends first. */
  async next(method = 'GET', timeoutMs = 10_000): Promise<RawResponse> {
    const interim: number[] = [];
    for (;;) {
      const head = await this.#take(timeoutMs, (text) => {
        const end = text.indexOf('\r\n\r\n');
        return end === -1 ? undefined : end + 4;
      });
      const [statusLine = '', ...lines] = head.slice(0, -4).split('\r\n');
      const match = /^HTTP\/1\.1 ([0-9]{3}) ([ -~]*)$/.exec(statusLine);
      if (match === null) throw new Error(`no status line: ${JSON.stringify(statusLine)}`);
      const status = Number(match[1]);
      const fields = new Map<string, string>();
      for (const line of lines) {
        const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): (\S(?:.*\S)?)?$/.exec(line);
        if (field === null) throw new Error(`no field line: ${JSON.stringify(line)}`);
        fields.set((field[1] ?? '').toLowerCase(), field[2] ?? '');
      }
      if (status < 200) {
        interim.push(status);
        continue;
      }
      const length = Number(fields.get('content-length') ?? '0');
      const none = method === 'HEAD' || status === 204 || status === 304;
      const body = none ? '' : await this.#take(timeoutMs, (text) => enough(text, length));
      return { status, statusLine, lines, fields, body, interim };
    }
  }

  /** Sends and takes the response. */
  async ask(text: string): Promise<RawResponse> {
    this.send(text);
    return await this.next(text.slice(0, text.indexOf(' ')));
  }

  /** Resolves when exactly `text` was received and not taken. */
  async holds(text: string, timeoutMs = 10_000): Promise<void> {
    await this.#until(timeoutMs, JSON.stringify(text), () => {
      if (this.#ended) throw new Error(`the connection ended; received: ${this.#received}`);
      return this.#received === text;
    });
  }

  /** Resolves when the kernel has taken all that was to be sent. */
  async sent(timeoutMs = 10_000): Promise<void> {
    await this.#until(timeoutMs, 'the sending', () => this.#unsent.length === 0);
  }

  /** Resolves when the server has ended its side; gives what it sent and nobody took. */
  async end(timeoutMs = 10_000): Promise<string> {
    await this.#until(timeoutMs, 'the end of the connection', () => this.#ended);
    return this.#received;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket?.end();
    if (!this.#closed) this.#socket?.terminate();
  }

  #flush(): void {
    if (this.#unsent.length === 0) return;
    const taken = this.#socket?.write(this.#unsent) ?? 0;
    this.#unsent = taken < 0 ? Buffer.alloc(0) : this.#unsent.subarray(taken);
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  async #take(timeoutMs: number, find: (text: string) => number | undefined): Promise<string> {
    let end: number | undefined;
    await this.#until(timeoutMs, 'a response', () => {
      end = find(this.#received);
      if (end === undefined && this.#ended) {
        throw new Error(`the connection ended; received: ${JSON.stringify(this.#received)}`);
      }
      return end !== undefined;
    });
    const taken = this.#received.slice(0, end);
    this.#received = this.#received.slice(end);
    return taken;
  }

  async #until(timeoutMs: number, what: string, holds: () => boolean): Promise<void> {
    const endMs = performance.now() + timeoutMs;
    while (!holds()) {
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) throw new Error(`waited ${timeoutMs} ms for ${what}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }
}

function enough(text: string, length: number): number | undefined {
  return text.length >= length ? length : undefined;
}

/** A request's text; content gets its length. */
export function request(
  method: string,
  target: string,
  options: { readonly fields?: readonly string[]; readonly content?: string } = {},
): string {
  const { fields = [], content } = options;
  const length = content === undefined ? [] : [`Content-Length: ${content.length}`];
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: localhost', ...fields, ...length];
  return `${lines.join('\r\n')}\r\n\r\n${content ?? ''}`;
}
