/**
 * The prompt: reads lines from a terminal and gives them to the session until the person leaves.
 */

import type { ReadStream, WriteStream } from 'node:tty';
import type { Clock } from '../base/clock.ts';
import { serverUrl } from './commands.ts';
import { complete } from './completion.ts';
import { Editor } from './editor/editor.ts';
import { lineCharsMax } from './editor/state.ts';
import { Terminal } from './editor/terminal.ts';
import type { History } from './history.ts';
import type { Output } from './output.ts';
import type { Session } from './session.ts';

export interface PromptOptions {
  readonly input: ReadStream;
  readonly screen: WriteStream;
  readonly clock: Clock;
  readonly history: History;
  readonly output: Output;
}

/** Signals that end a process: here they end the session in order, with the terminal as it was. */
const endings = ['SIGTERM', 'SIGHUP', 'SIGINT'] as const;

/** Runs the prompt. It resolves when the person has left, with the terminal as it was before. */
export async function runPrompt(session: Session, options: PromptOptions): Promise<void> {
  const { output, history } = options;
  await output.write(greeting(session, output.colour));
  const terminal = new Terminal(options.input, options.screen, options.clock);
  for (const signal of endings) process.on(signal, terminal.hangUp);
  const editor = new Editor(terminal, {
    history: () => history.lines,
    complete: (line, cursor) => complete(line, cursor, session.vocabulary),
    paint: (text) => (output.colour ? `\x1b[1m${text}\x1b[22m` : text),
  });
  try {
    for (;;) {
      const line = await editor.readLine(`${session.endpoint.authority}> `);
      if (line === undefined) return;
      if (line.length > lineCharsMax) {
        const most = lineCharsMax.toLocaleString('en-US');
        await output.complain(
          `the line is longer than ${most} characters, so it was not sent; put the content into a file and write @file`,
        );
        continue;
      }
      history.add(line);
      const outcome = await terminal.whileRunning(session.run(line), () => session.interrupt());
      if (outcome === 'quit' || outcome === 'unread') return;
    }
  } finally {
    for (const signal of endings) process.off(signal, terminal.hangUp);
    terminal.close();
  }
}

function greeting(session: Session, colour: boolean): string {
  const text = `Inkwire at ${serverUrl(session.endpoint)}; :help shows how`;
  return colour ? `\x1b[2m${text}\x1b[22m\n` : `${text}\n`;
}
