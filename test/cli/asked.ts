/** A command that looks at the past of pages, run within the test: what it says, and its status. */

import { resolve } from 'node:path';
import { type Command, CommanderError } from 'commander';
import { type Asked, openHistory, type Past } from '../../src/cli/past.ts';
import type { Ended } from './program.ts';

/** How a command ends that cannot do what it was asked for. */
class Failed extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export interface Answered extends Omit<Ended, 'out'> {
  readonly out: string;
  readonly bytes: Uint8Array;
}

/**
 * @param failedStatus as the command has it
 * @param writesMax after so many writes nobody reads any more
 */
export async function ask(
  root: string,
  run: (asked: Asked) => Promise<number>,
  failedStatus = 1,
  writesMax = Number.POSITIVE_INFINITY,
): Promise<Answered> {
  const out: Uint8Array[] = [];
  let err = '';
  const asked: Asked = {
    root,
    rootPath: resolve(root),
    output: {
      terminal: false,
      colour: false,
      interactive: false,
      write: async (data) => {
        out.push(new Uint8Array(Buffer.from(data)));
        return out.length < writesMax;
      },
      complain: async (line) => {
        err += `${line}\n`;
      },
      columns: () => 80,
    },
    fail: (message, status = failedStatus) => {
      throw new Failed(status, message);
    },
  };
  let status: number;
  try {
    status = await run(asked);
  } catch (error) {
    if (!(error instanceof Failed)) throw error;
    ({ status } = error);
    err += `error: ${error.message}\n`;
  }
  const bytes = new Uint8Array(Buffer.concat(out));
  return { status, out: new TextDecoder().decode(bytes), bytes, err };
}

/** The same for a command that only reads. */
export function askPast(
  root: string,
  run: (past: Past) => Promise<number>,
  failedStatus?: number,
  writesMax?: number,
): Promise<Answered> {
  return ask(
    root,
    async (asked) => {
      using history = openHistory(asked);
      return await run({ ...asked, history });
    },
    failedStatus,
    writesMax,
  );
}

/** Parses what stands behind a command's name; what is wrong with it, or its help. */
export async function parse(command: Command, ...flags: readonly string[]) {
  let out = '';
  let err = '';
  command.configureOutput({
    writeOut: (text) => {
      out += text;
    },
    writeErr: (text) => {
      err += text;
    },
  });
  try {
    await command.parseAsync(flags, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return { status: error.exitCode, out, err };
    throw error;
  }
  throw new Error('the command was run');
}
