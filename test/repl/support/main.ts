/** The program with the one command under test, as a child process of the tests. */

import { Command, CommanderError } from 'commander';
import { replCommand } from '../../../src/cli/repl.ts';

try {
  await new Command('inkwire').addCommand(replCommand()).parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode;
}
