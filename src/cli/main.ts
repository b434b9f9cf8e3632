#!/usr/bin/env bun
/** The entry point of `inkwire`: one program, a command for each thing it does. */

import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { diffCommand } from './diff.ts';
import { historyCommand } from './history.ts';
import { replCommand } from './repl.ts';
import { restoreCommand } from './restore.ts';
import { serveCommand } from './serve.ts';
import { showCommand } from './show.ts';
import { oneLineErrors, usageStatus } from './usage.ts';

const program = new Command('inkwire')
  .description(packageJson.description)
  .version(packageJson.version)
  .addCommand(serveCommand())
  .addCommand(replCommand())
  .addCommand(historyCommand())
  .addCommand(showCommand())
  .addCommand(diffCommand())
  .addCommand(restoreCommand())
  .showSuggestionAfterError()
  .configureOutput(oneLineErrors)
  .exitOverride(usageStatus);

try {
  await program.parseAsync();
} catch (error) {
  // Commander has said what is wrong; only the status is left, unless that could not be said.
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = Math.max(Number(process.exitCode ?? 0), error.exitCode);
}
