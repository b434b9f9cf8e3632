#!/usr/bin/env bun
/** The entry point of `inkwire`: one program, a command for each thing it does. */

import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { oneLineErrors, usageStatus } from './usage.ts';

/** The commands by their names. What one of them is made of is loaded when it is asked for. */
const commands: ReadonlyMap<string, () => Promise<Command>> = new Map([
  ['serve', async () => (await import('./serve.ts')).serveCommand()],
  ['repl', async () => (await import('./repl.ts')).replCommand()],
  ['history', async () => (await import('./history.ts')).historyCommand()],
  ['show', async () => (await import('./show.ts')).showCommand()],
  ['diff', async () => (await import('./diff.ts')).diffCommand()],
  ['restore', async () => (await import('./restore.ts')).restoreCommand()],
]);

/** The one that is named first; all where none is, for the help and for names that are mistyped. */
function askedCommands(name: string | undefined): Promise<Command[]> {
  const asked = commands.get(name ?? '');
  const makers = asked === undefined ? [...commands.values()] : [asked];
  return Promise.all(makers.map((make) => make()));
}

const program = new Command('inkwire')
  .description(packageJson.description)
  .version(packageJson.version)
  .showSuggestionAfterError()
  .configureOutput(oneLineErrors)
  .exitOverride(usageStatus);
for (const command of await askedCommands(process.argv[2])) program.addCommand(command);

try {
  await program.parseAsync();
} catch (error) {
  // Commander has said what is wrong; only the status is left, unless that could not be said.
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = Math.max(Number(process.exitCode ?? 0), error.exitCode);
}
