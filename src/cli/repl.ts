/**
 * `inkwire repl`: reads its options, decides between prompt and batch, and sets the exit status.
 */

import { Command } from 'commander';
import { z } from 'zod';
import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import { parseEndpoint } from '../client/endpoint.ts';
import type { Endpoint } from '../client/exchange.ts';
import { repetitionsMax } from '../client/repetition.ts';
import { takeDurationMs } from '../config/units.ts';
import { type BatchPlan, exitFailed, exitUsage, type PlacedLine, runBatch } from '../repl/batch.ts';
import { History, historyPath } from '../repl/history.ts';
import { readLines } from '../repl/lines.ts';
import { streamOutput } from '../repl/output.ts';
import { runPrompt } from '../repl/repl.ts';
import { Session } from '../repl/session.ts';
import { onEndingSignals } from './signals.ts';
import { oneLineErrors, usageStatus } from './usage.ts';

/** Bytes of a file of commands: all its lines are held and read before the first is run. */
const commandFileBytesMax = 64 * 1024 * 1024;
/** Longest time to wait for one answer, milliseconds: an hour, past which a person has left. */
const timeoutMsMax = 60 * 60 * 1000;

const duration = z.string().transform((text, context) => {
  const ms = takeDurationMs(text);
  if (ms !== undefined && ms >= 1 && ms <= timeoutMsMax) return ms;
  context.addIssue(`"${text}" is no duration; expected 1ms to 60m, such as 500ms, 30s, 2m`);
  return z.NEVER;
});

const server = z.string().transform((text, context): Endpoint => {
  const endpoint = parseEndpoint(text);
  if (typeof endpoint !== 'string') return endpoint;
  context.addIssue(endpoint);
  return z.NEVER;
});

const retry = z.string().transform((text, context) => {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : repetitionsMax + 1;
  if (count <= repetitionsMax) return count;
  context.addIssue(`"${text}" is no count of repetitions; expected 0 to ${repetitionsMax}`);
  return z.NEVER;
});

const optionsSchema = z.object({
  url: server,
  execute: z.array(z.string()).default([]),
  file: z.string().min(1, 'the name of the file is empty').optional(),
  fail: z.boolean().default(false),
  timeout: duration,
  retry,
  key: z.boolean(),
  color: z.boolean(),
});

type Options = z.infer<typeof optionsSchema>;

const examples = `
Examples:
  inkwire repl                                         a prompt, with history and completion
  inkwire repl -e 'PUT test.html This is test'         one request; its answer on standard output
  inkwire repl --fail -f requests.txt                  a file of requests; # begins a comment
  echo 'GET /' | inkwire repl http://127.0.0.1:8081    requests from a pipe

Exit status: 0 when every exchange completed, 1 when one failed (with --fail also for a status of
400 or more), 2 for a usage error.`;

export function replCommand(): Command {
  return new Command('repl')
    .description('send requests to a server, one line each, and see the answers as they came')
    .argument('[url]', 'the server', 'http://127.0.0.1:8080')
    .option('-e, --execute <line>', 'run this line and leave; may be given several times', collect)
    .option('-f, --file <file>', 'run the lines of this file and leave; - is standard input')
    .option('--fail', 'count a status of 400 or more as a failure')
    .option('--timeout <duration>', 'longest wait for an answer', '30s')
    .option('--retry <count>', 'send again what had no answer, so often at most', '0')
    .option('--no-key', 'send writes without an Idempotency-Key')
    .option('--no-color', 'no colours (the variable NO_COLOR does the same)')
    .addHelpText('after', examples)
    .configureOutput(oneLineErrors)
    .exitOverride(usageStatus)
    .action(run);
}

function collect(value: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), value];
}

async function run(url: string, given: object, command: Command): Promise<void> {
  const parsed = optionsSchema.safeParse({ ...given, url });
  if (!parsed.success) {
    const said = parsed.error.issues.map((issue) => issue.message).join('; ');
    command.error(`error: ${said}`, { exitCode: exitUsage });
  }
  process.exitCode = await start(parsed.data);
}

/** Runs the prompt or the batch; returns the exit status. */
async function start(options: Options): Promise<number> {
  const { stdin, stdout, stderr } = process;
  const { TERM, NO_COLOR, XDG_STATE_HOME } = process.env;
  const batch = options.execute.length > 0 || options.file !== undefined;
  const dumb = TERM === 'dumb';
  const interactive = !batch && stdin.isTTY === true && stdout.isTTY === true && !dumb;
  const noColour = (NO_COLOR ?? '') !== '';
  const colour = interactive && options.color && !noColour;
  let unwritten: string | undefined;
  const style = { terminal: stdout.isTTY === true, colour, interactive };
  const output = streamOutput(stdout, stderr, style, (code) => {
    unwritten ??= code;
  });
  // A batch neither reads nor writes the history: scripts should not depend on what was typed.
  const path = interactive ? historyPath({ XDG_STATE_HOME }) : undefined;
  const history = new History(path, systemClock, (message) => void output.complain(message));
  const session = new Session({
    endpoint: options.url,
    clock: systemClock,
    random: systemRandom,
    timeoutMs: options.timeout,
    retry: options.retry,
    noKeys: !options.key,
    fail: options.fail,
    output,
    history,
  });
  try {
    if (interactive) {
      await runPrompt(session, {
        input: stdin,
        screen: stdout,
        clock: systemClock,
        history,
        output,
      });
      return 0;
    }
    const stop = new AbortController();
    const plan = await batchPlan(options, stop.signal);
    if (typeof plan === 'string') {
      await output.complain(plan);
      return exitUsage;
    }
    stopOnSignals(stop, session);
    const status = await runBatch(session, plan, output);
    if (unwritten === undefined) return status;
    await output.complain(`the answers could not be written (${unwritten})`);
    return Math.max(status, exitFailed);
  } finally {
    session.close();
  }
}

/**
 * Lets the first signal stop what runs, so that it reports what was done, and the second drop what
 * that waits for. The third ends the process, as a signal does.
 */
function stopOnSignals(stop: AbortController, session: Session): void {
  const ignore = onEndingSignals(systemClock, (count, name) => {
    if (count === 1) stop.abort();
    else if (count === 2) session.interrupt();
    else {
      ignore();
      process.kill(process.pid, name);
    }
  });
}

/** The lines to run; a sentence when the file cannot be read. */
async function batchPlan(options: Options, signal: AbortSignal): Promise<BatchPlan | string> {
  const lines: PlacedLine[] = options.execute.map((text) => ({ text, place: '-e' }));
  if (options.file === '-' || (options.file === undefined && lines.length === 0)) {
    const chunks = standardInput(signal);
    return { lines, stream: { name: 'standard input', chunks }, signal };
  }
  if (options.file === undefined) return { lines, signal };
  const read = await fileLines(options.file);
  return typeof read === 'string' ? read : { lines: [...lines, ...read], signal };
}

async function fileLines(path: string): Promise<PlacedLine[] | string> {
  const lines: PlacedLine[] = [];
  try {
    let held = 0;
    // Read as it comes, for it may be a pipe, which has no size.
    for await (const line of readLines(Bun.file(path).stream())) {
      const place = `${path}:${lines.length + 1}`;
      if (line.kind === 'unreadable') return `${place}: ${line.message}`;
      held += line.text.length;
      if (held > commandFileBytesMax) {
        return `${path} holds more than ${commandFileBytesMax} bytes; pipe it in instead`;
      }
      lines.push({ text: line.text, place });
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return `cannot read ${path} (${code}); expected a file with one request or command a line`;
  }
  return lines;
}

/** What arrives on standard input, until its end or until `signal` aborts. */
async function* standardInput(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const reader = Bun.stdin.stream().getReader();
  const stop = () => void reader.cancel();
  signal.addEventListener('abort', stop);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    await reader.cancel();
  }
}
