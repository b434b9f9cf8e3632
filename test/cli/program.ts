/** `inkwire` as a process of its own: what it says, what it is told, and how it ends. */

import { join } from 'node:path';
import { until } from '../support/server.ts';

const entry = join(import.meta.dir, '../../src/cli/main.ts');

/** How long it may take to start, to say something or to end, milliseconds. */
const WAIT_MS = 10_000;

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export class Program implements AsyncDisposable {
  readonly #child;
  readonly #read: Promise<unknown>;
  readonly #reader;
  /** What it has said so far. */
  out = '';
  err = '';

  /** @param folder where it is started */
  constructor(folder: string, ...flags: readonly string[]) {
    this.#child = Bun.spawn([process.execPath, entry, ...flags], {
      cwd: folder,
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      env: { ...process.env, NO_COLOR: '1' },
    });
    this.#reader = this.#child.stdout.getReader();
    this.#read = Promise.all([this.#readOut(), this.#readErr()]);
  }

  /** Resolves once it serves, with the port; rejects when it ends instead. */
  async port(): Promise<number> {
    await until(
      `a server: ${this.err}`,
      () => this.out.split('\n').length > 2 || this.#child.exitCode !== null,
      WAIT_MS,
    );
    const port = /^The server is running at http:\/\/.*:([0-9]+)\/ /.exec(this.out)?.[1];
    if (port === undefined) throw new Error(`no server: ${this.out}${this.err}`);
    return Number(port);
  }

  signal(name: 'SIGTERM' | 'SIGINT'): void {
    this.#child.kill(name);
  }

  /** Nobody reads its output any more, as behind a `head` that has left. */
  async closeOutput(): Promise<void> {
    await this.#reader.cancel();
  }

  /** Resolves when it has ended by itself. */
  async ended(): Promise<Ended> {
    await until('the end of the process', () => this.#hasEnded(), WAIT_MS);
    await this.#read;
    return { status: this.#child.exitCode, out: this.out, err: this.err };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#child.exited;
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async #readOut(): Promise<void> {
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return;
      this.out += decoder.decode(value, { stream: true });
    }
  }

  async #readErr(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of this.#child.stderr) {
      this.err += decoder.decode(bytes, { stream: true });
    }
  }
}
