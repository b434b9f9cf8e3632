/**
 * Inkwire as a user starts it: its commands as processes of their own, in a folder of their own.
 */

import { join } from 'node:path';
import { latin1Bytes, latin1Text } from '../../src/base/bytes.ts';

const entry = join(import.meta.dir, '../../src/cli/main.ts');

/** How long a process may take to say what is waited for, milliseconds. */
const WAIT_MS = 15_000;

/** What a process writes, as it comes: one character a byte, so that lengths are those of HTTP. */
class Output {
  text = '';
  #wake: (() => void)[] = [];
  #ended = false;

  constructor(stream: ReadableStream<Uint8Array>) {
    void this.#read(stream);
  }

  /**
   * Resolves with what `take` gives once it gives something; rejects when nothing more can come.
   */
  async take<T>(what: string, take: (text: string) => T | undefined): Promise<T> {
    const endMs = performance.now() + WAIT_MS;
    for (;;) {
      const found = take(this.text);
      if (found !== undefined) return found;
      const leftMs = endMs - performance.now();
      if (this.#ended || leftMs <= 0)
        throw new Error(`no ${what} in: ${JSON.stringify(this.text)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const bytes of stream) {
      this.text += latin1Text(bytes);
      this.#notify();
    }
    this.#ended = true;
    this.#notify();
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/** `inkwire serve` in `folder`; ended, and waited for, when it is disposed of. */
export async function serve(folder: string, ...flags: readonly string[]) {
  const child = Bun.spawn([process.execPath, entry, 'serve', '--port', '0', ...flags], {
    cwd: folder,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const log = new Output(child.stdout);
  const end = async (): Promise<void> => {
    child.kill('SIGTERM');
    await child.exited;
  };
  try {
    const url = await log.take(
      'address',
      (text) => /^Talk to it with: .* (\S+)\n/m.exec(text)?.[1],
    );
    return {
      url,
      port: Number(new URL(url).port),
      pid: child.pid,
      /** The log so far. */
      get log() {
        return utf8(log.text);
      },
      /** Resolves with the log once it has `count` lines of requests. */
      logged: (count: number) =>
        log.take(`log of ${count} requests`, (text) =>
          (text.match(/^Perform.*\n/gm) ?? []).length >= count ? utf8(text) : undefined,
        ),
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

/**
 * `inkwire repl` with its standard input as a pipe. `ask` writes a line and gives the answer to it,
 * which the REPL passes on byte for byte.
 */
export async function openRepl(url: string) {
  const child = Bun.spawn([process.execPath, entry, 'repl', url], {
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'inherit',
  });
  const output = new Output(child.stdout);
  let taken = 0;
  return {
    async ask(line: string): Promise<string> {
      child.stdin.write(`${line}\n`);
      await child.stdin.flush();
      const head = /^head\b/i.test(line);
      const answer = await output.take(`answer to ${line}`, (text) =>
        wholeAnswer(text.slice(taken), head),
      );
      taken += answer.length;
      return utf8(answer);
    },
    async [Symbol.asyncDispose]() {
      await child.stdin.end();
      await child.exited;
    },
  };
}

function utf8(text: string): string {
  return new TextDecoder().decode(latin1Bytes(text));
}

/** The first answer in `text`, with the line end that the REPL adds to content that has none. */
function wholeAnswer(text: string, head: boolean): string | undefined {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return undefined;
  const length = Number(
    /^Content-Length: ([0-9]+)\r$/im.exec(text.slice(0, headEnd + 1))?.[1] ?? 0,
  );
  let end = headEnd + 4 + (head ? 0 : length);
  if (!head && length > 0 && text[end - 1] !== '\n') end += 1;
  return text.length < end ? undefined : text.slice(0, end);
}
