/** `inkwire serve`: flags to a configuration, a running server, and its end by a signal. */

import { availableParallelism } from 'node:os';
import { Command } from 'commander';
import { systemClock } from '../base/clock.ts';
import { describedLimits, limitText, placeholders } from '../config/limit-flags.ts';
import { type ServeConfig, type ServeFlags, takeServeConfig } from '../config/serve-config.ts';
import { LineWriter } from '../observe/line-writer.ts';
import { filesAllowed } from '../server/file-limit.ts';
import { type RunningServer, StartError, startServer } from '../server/server.ts';
import { standardError, standardOutput } from '../server/standard-output.ts';
import { restoreSamples, SAMPLES_ROOT } from './samples.ts';
import { onEndingSignals } from './signals.ts';
import { EXIT_USAGE, oneLineErrors, usageStatus } from './usage.ts';

const portMax = 65_535;

const examples = `
Examples:
  inkwire serve                       the samples in htdocs, at http://127.0.0.1:8080/
  inkwire serve --fresh               the same, with the samples put back as they were
  inkwire serve ~/site --port 0       another folder, at any free port
  inkwire serve site --semantics standard --log off

Durations are written 500ms, 10s, 2m; sizes 8000, 64kb, 1mb.
Stop it with Ctrl-C: what runs is finished first.`;

export function serveCommand(): Command {
  const command = new Command('serve')
    .description('serve the files of a folder, and take edits of them')
    .argument('[root]', 'the folder', SAMPLES_ROOT)
    .option('--port <number>', 'the port to listen at; 0 is any free one', '8080')
    .option('--host <name>', 'the address to listen at', '127.0.0.1')
    .option('--workers <number>', 'threads that read and edit', String(availableParallelism()))
    .option(
      '--semantics <name>',
      'what PUT means: classic (insert) or standard (replace)',
      'classic',
    )
    .option(
      '--durability <mode>',
      'sync edits to the disk before they are answered, or none',
      'sync',
    )
    .option('--log <format>', 'text, combined, json or off', 'text')
    .option('--fresh', 'put the samples back first (only where they are the root)')
    .option('--no-start-page', 'answer 404 at / when there is no index.html')
    .option('--require-conditional', 'replace and remove pages only under If-Match and the like')
    .option('--allowed-hosts <names>', 'names it answers to, beside localhost and addresses')
    .option('--allow-origin <origins>', 'origins whose pages may read and edit here')
    .option('--cache-control <rule>', "PATTERN=VALUE, such as '/assets/*=max-age=60'", collect)
    .addHelpText('after', examples)
    .configureOutput(oneLineErrors)
    .exitOverride(usageStatus)
    .action(run)
    .optionsGroup('Limits (docs/LIMITS.md says what they are for):');
  for (const limit of Object.values(describedLimits).flat()) {
    const { flag, unit, what, defaultValue } = limit;
    const given = `(default: ${limitText(unit, defaultValue)}${unit === 'rate' ? ' a second' : ''})`;
    command.option(`${flag} ${placeholders[unit]}`, `${what} ${given}`);
  }
  return command;
}

/** Gathers an option that may be given several times. */
function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

type Options = Omit<ServeFlags, 'root'> & { readonly fresh?: true };

async function run(root: string, options: Options, command: Command): Promise<void> {
  const fail = (message: string): never =>
    command.error(`error: ${message}`, { exitCode: EXIT_USAGE });
  const { fresh, ...flags } = options;
  const config = takeServeConfig({ root, ...flags }, filesAllowed());
  if (typeof config === 'string') return fail(config);
  if (fresh === true) {
    if (root !== SAMPLES_ROOT) {
      fail(`--fresh puts the samples into ${SAMPLES_ROOT} only; it was given with root ${root}`);
    }
    restoreSamples(root);
  }
  await serve(config, fail);
}

async function serve(config: ServeConfig, fail: (message: string) => never): Promise<void> {
  const complaints = new LineWriter(standardError(systemClock));
  const writer = new LineWriter(standardOutput(systemClock), undefined, (code) => {
    complaints.line(`error: the log cannot be written (${code}); the server runs on without it`);
  });
  try {
    const greet = (running: RunningServer): void => sayWhere(running, config, writer);
    const server = await startServer(config, { writer }, greet);
    await untilSignal(writer);
    await server.stop();
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    fail(await explain(error, config));
  }
  await writer.drained();
  await complaints.drained();
  // A connection that the kernel still holds must not keep the process.
  process.exit(0);
}

/** The first lines: programs that start a server read its address there. */
function sayWhere({ url, loopback }: RunningServer, config: ServeConfig, writer: LineWriter): void {
  const threads = `${config.workers} worker${config.workers === 1 ? '' : 's'}`;
  writer.line(`The server is running at ${url} (root ${config.root}, ${threads})`);
  writer.line(`Talk to it with: bun run repl ${url}`);
  if (!loopback) {
    writer.line('Warning: whoever can reach this machine can edit here, for there is no login');
  }
  if (config.allowedOrigins.includes('null')) {
    writer.line('Warning: --allow-origin null lets every sandboxed page and local file edit here');
  }
}

/** Resolves at the first SIGTERM or SIGINT; the second one ends the process at once. */
function untilSignal(writer: LineWriter): Promise<void> {
  return new Promise((resolve) => {
    onEndingSignals(systemClock, (count) => {
      if (count > 1) process.exit(1);
      writer.line('Stopping: what runs is finished first (once more to stop at once)');
      resolve();
    });
  });
}

/** What is wrong and what to try. */
async function explain(error: StartError, { host, port, root }: ServeConfig): Promise<string> {
  switch (error.code) {
    case 'port-busy': {
      const { isInkwire } = await import('./port-holder.ts');
      const holder = (await isInkwire(host, port)) ? ' by another Inkwire' : '';
      const next = port < portMax ? `--port ${port + 1}, or ` : '';
      return `${error.message}${holder}; try ${next}--port 0 for any free one`;
    }
    case 'address':
      return `${error.message}; expected an address of this machine, and a port that you may use`;
    case 'root-held':
      return `${error.message}; stop that one, or serve another folder`;
    case 'root':
      return root === SAMPLES_ROOT
        ? `${error.message}; --fresh makes it, with the samples in it`
        : `${error.message}; expected the path of a folder`;
    default:
      return error.message;
  }
}
