/** A server as a process of its own, which can be ended the way a machine ends it: at once. */

import { join } from 'node:path';
import { latin1Text } from '../../src/base/bytes.ts';

/** `inkwire`, as a user starts it. */
const program = join(import.meta.dir, '../../src/cli/main.ts');

const runningAt = /^The server is running at http:\/\/[^/]*:(\d+)\//m;

/** How long a process may take to say what is waited for, milliseconds. */
const WAIT_MS = 15_000;

export interface ServerOptions {
  readonly root: string;
  /** 0: any free one. */
  readonly port?: number;
  readonly durability?: 'sync' | 'none';
  /** More flags. */
  readonly flags?: readonly string[];
  /** Takes the same arguments as `inkwire`; default: `inkwire` itself. */
  readonly script?: string;
  /** A program that runs it, with arguments: it stays the child, so that it hears the signals. */
  readonly under?: readonly string[];
  /** What it finds in its environment, beside what is there already. */
  readonly environment?: Readonly<Record<string, string>>;
}

export class ServerProcess implements AsyncDisposable {
  /** All that it wrote to its standard output. */
  #output = '';
  #ended = false;
  #wake: () => void = () => {};

  private constructor(readonly child: Bun.Subprocess<'ignore', 'pipe', 'inherit'>) {
    void this.#read();
  }

  /** Resolves when it takes requests. */
  static async start(options: ServerOptions): Promise<ServerProcess> {
    const { root, port = 0, durability = 'sync', under = [], flags = [] } = options;
    const { script = program, environment } = options;
    const given = ['--port', String(port), '--durability', durability, '--log', 'off', ...flags];
    const child = Bun.spawn([...under, process.execPath, script, 'serve', root, ...given], {
      env: { ...process.env, ...environment },
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'inherit',
    });
    const server = new ServerProcess(child);
    try {
      await server.says(runningAt);
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  get port(): number {
    return Number(this.takeSaid(runningAt));
  }

  get pid(): number {
    return this.child.pid;
  }

  /** The first group of what it wrote of that form; `undefined` when it did not so far. */
  takeSaid(form: RegExp): string | undefined {
    return form.exec(this.#output)?.[1];
  }

  /** Resolves with the first group once it has written something of that form. */
  async says(form: RegExp): Promise<string> {
    const endMs = performance.now() + WAIT_MS;
    for (;;) {
      const said = this.takeSaid(form);
      if (said !== undefined) return said;
      const leftMs = endMs - performance.now();
      if (this.#ended || leftMs <= 0) {
        throw new Error(`the server did not say ${form}, but: ${JSON.stringify(this.#output)}`);
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  /** Ends it in this moment, whatever it is at. */
  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** Kills it, and resolves when nothing of it is left: no thread, and no open file. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.child.exited;
  }

  async #read(): Promise<void> {
    for await (const bytes of this.child.stdout) {
      this.#output += latin1Text(bytes);
      this.#wake();
    }
    this.#ended = true;
    this.#wake();
  }
}
