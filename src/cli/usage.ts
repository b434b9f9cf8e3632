/** Usage errors: one line, exit status 2, the same in every command; and help, as an answer. */

import { CommanderError } from 'commander';
import { streamOutput } from '../repl/output.ts';

export const EXIT_USAGE = 2;

/** The help, or the version, could not be written. */
const EXIT_UNWRITTEN = 1;

const plainStyle = { terminal: false, colour: false, interactive: false };

/** For `configureOutput`: what is wrong and what was probably meant, in one line. */
export const oneLineErrors = {
  // Written by Commander, it would end the program with a trace where nobody reads it to its end.
  writeOut: (text: string): void => {
    const { stdout, stderr } = process;
    const output = streamOutput(stdout, stderr, plainStyle, (code) => {
      // Help comes in several pieces.
      if (process.exitCode === EXIT_UNWRITTEN) return;
      process.exitCode = EXIT_UNWRITTEN;
      void output.complain(`error: it could not be written (${code})`);
    });
    void output.write(text);
  },
  outputError: (text: string, write: (text: string) => void): void => {
    write(text.replace(/\n\(Did you mean (.*)\?\)/, '; did you mean $1?'));
  },
};

/** What could not be done, though it was understood: the code of such an error. */
export const failedCode = 'inkwire.failed';

/** For `exitOverride`: Commander's own usage errors have the status 1; here it is 2. */
export function usageStatus(error: CommanderError): never {
  if (error.code === failedCode) throw error;
  const status = error.exitCode === 0 ? 0 : EXIT_USAGE;
  throw new CommanderError(status, error.code, error.message);
}
