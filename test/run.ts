/**
 * Runs the tests and says as its last line how many passed and failed. `--system` runs test/system,
 * else everything but it; all other arguments go to `bun test`, and its exit status comes back.
 *
 * Each folder of tests is a run of its own: in one process the heap that thousands of tests leave
 * behind makes the last ones several times slower, and what they measure of memory wrong. The runs
 * come one after the other, for many tests wait for time to pass, and would miss it on a busy
 * machine; `bun test --parallel` fails for that reason, and because it gives each file a new
 * global.
 *
 * The totals are those of `bun test`'s own summary, for its JUnit report leaves out files that fail
 * to load. They are believed only when the report agrees with them: it is written at the very end,
 * so a run that was cut short (even by `process.exit(0)` in a test) is never counted as whole.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

interface Totals {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface Ended {
  readonly status: number;
  /** `undefined` when it did not come to its end. */
  readonly totals: Totals | undefined;
}

/** Characters of the end of the output that are searched for the summary; it has about 200. */
const TAIL_CHARACTERS_MAX = 16_384;
/** For one test: a busy machine is no failure. bunfig.toml has no place to say it. */
const TIMEOUT_MS = 20_000;
/** As a shell says that SIGINT or SIGTERM ended a command. */
const STATUS_STOPPED = 130;

const none: Totals = { passed: 0, failed: 0, skipped: 0 };
let stopped = false;
let running: Bun.Subprocess | undefined;

// A terminal's Ctrl-C reaches the child by itself; it must be waited for all the same.
process.on('SIGINT', () => {
  stopped = true;
});
process.on('SIGTERM', () => {
  stopped = true;
  running?.kill('SIGTERM');
});

const folder = mkdtempSync(join(tmpdir(), 'inkwire-run-'));
try {
  process.exitCode = await main(process.argv.slice(2));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main(given: readonly string[]): Promise<number> {
  const system = given.includes('--system');
  const rest = given.filter((argument) => argument !== '--system');
  let { passed, failed, skipped } = none;
  for (const [at, paths] of runsOf(rest, system).entries()) {
    const ended = await run([...rest, ...paths], system, join(folder, `${at}.xml`));
    const { status, totals } = ended;
    if (totals === undefined || stopped) {
      console.log(`\nbun test ended with status ${status} before it had counted its tests.`);
      return status === 0 ? (stopped ? STATUS_STOPPED : 1) : status;
    }
    passed += totals.passed;
    failed += totals.failed;
    skipped += totals.skipped;
  }
  // What a machine lacks may skip all tests of a file; that is said, and is no failure.
  const nothing = passed + failed + skipped === 0;
  if (nothing) console.log('\nNo test ran.');
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return failed > 0 || nothing ? 1 : 0;
}

/** The paths of each run; one run without any when paths are among the arguments. */
function runsOf(rest: readonly string[], system: boolean): string[][] {
  const named = rest.some((argument, at) => {
    const previous = rest[at - 1];
    const isValue = previous === '-t' || previous === '--test-name-pattern';
    return !argument.startsWith('-') && !isValue;
  });
  if (named) return [[]];
  if (system) return [['./test/system']];
  const files = [...new Bun.Glob('./test/**/*.test.{ts,tsx,js,jsx}').scanSync('.')].sort();
  const runs = new Map<string, string[]>();
  for (const file of files) {
    const name = dirname(file);
    if (/^\.?\/?test\/system(?:\/|$)/.test(name)) continue;
    runs.set(name, [...(runs.get(name) ?? []), file.startsWith('./') ? file : `./${file}`]);
  }
  return [...runs.values()];
}

async function run(given: readonly string[], system: boolean, report: string): Promise<Ended> {
  const always = ['--reporter=junit', `--reporter-outfile=${report}`, `--timeout=${TIMEOUT_MS}`];
  const without = system ? [] : ['--path-ignore-patterns=test/system/**'];
  const child = Bun.spawn([process.execPath, 'test', ...always, ...without, ...given], {
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'pipe',
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  running = child;
  const tail = await pass(child.stderr);
  const status = await child.exited;
  const totals = takeTotals(tail, report);
  // An exit status that no test accounts for must not get lost.
  const unsaid = status !== 0 && totals !== undefined && totals !== none && totals.failed === 0;
  return { status, totals: unsaid ? undefined : totals };
}

/** Copies what the child says to standard error; returns the end of it. */
async function pass(from: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let tail = '';
  for await (const bytes of from) {
    tail = (tail + decoder.decode(bytes, { stream: true })).slice(-TAIL_CHARACTERS_MAX);
    // The next piece waits, so that the last line of the two streams is the last one here too.
    await new Promise<void>((resolve) => process.stderr.write(bytes, () => resolve()));
  }
  return tail;
}

/** What `bun test` counted; `undefined` when it did not come to its end. */
function takeTotals(tail: string, report: string): Totals | undefined {
  const found = /((?:^ *\d+ [a-z ()]+\n)+)^Ran \d+ tests? across \d+ files?\./m;
  const summary = found.exec(tail.slice(tail.lastIndexOf('\n\n')))?.[1];
  // It writes no summary where no file, or no test's name, matches.
  if (summary === undefined) return /had no matches|matched 0 tests/.test(tail) ? none : undefined;
  const count = (what: string): number =>
    Number(new RegExp(`^ *(\\d+) ${what}$`, 'm').exec(summary)?.[1] ?? 0);
  const passed = count('pass');
  // An error outside of any test, at load say, is a failure; only some of them are counted as one.
  const reported = readReport(report);
  const failed = Math.max(count('fail'), (reported?.failed ?? 0) + count('errors?'));
  const skipped = count('skip') + count('todo');
  // No report is written where no file holds a test that could be loaded.
  const agrees = reported === undefined ? passed === 0 : reported.passed === passed;
  return agrees ? { passed, failed, skipped } : undefined;
}

function readReport(path: string): { passed: number; failed: number } | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const found = /<testsuites [^>]*tests="(\d+)"[^>]* failures="(\d+)" skipped="(\d+)"/.exec(text);
  if (found === null) return undefined;
  const [tests, failed, skipped] = found.slice(1).map(Number);
  if (tests === undefined || failed === undefined || skipped === undefined) return undefined;
  return { passed: tests - failed - skipped, failed };
}
