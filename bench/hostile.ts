/**
 * `bun run hostile`: hostile clients of each kind against one server, and an honest client beside
 * them. Printed are what the honest one got, and the server's memory and files.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import packageJson from '../package.json' with { type: 'json' };
import { type Attack, attacks } from './attacks.ts';
import { commandLine, refuse } from './command-line.ts';
import { Honest, type Served } from './honest.ts';
import { openFiles, Peak, residentBytes, settledBytes } from './process-figures.ts';
import { type MeasuredServer, startInkwire } from './servers.ts';

const MIB = 1024 ** 2;
const LARGE_BYTES = 20_000_000;
/** The longest wait for memory to settle. */
const SETTLE_MAX_MS = 15_000;
/** Before the first attack, so that the server has its code compiled and its heap grown. */
const WARM_UP_MS = 1_000;
const WORKERS = 2;

interface Figures {
  readonly attack: Attack;
  readonly opened: number;
  readonly served: Served;
  readonly bytes: readonly [before: number, peak: number, after: number];
  readonly files: readonly [before: number, after: number];
}

const usage = `
Hostile clients of each kind against one server, and an honest client beside them: what the honest
one got, and the server's memory and files.

  bun run hostile [--seconds 12] [--scale 1] [--only NAME] [--write]

  --seconds N    how long each attack takes, 60 at most
  --scale N      a part of the attackers, above 0 and up to 1
  --only NAME    one of them: ${attacks.map(({ name }) => name).join(', ')}
  --write        puts the table into docs/LIMITS.md
`;

const { values } = commandLine(usage, {
  seconds: { type: 'string', default: '12' },
  scale: { type: 'string', default: '1' },
  only: { type: 'string' },
  write: { type: 'boolean', default: false },
});
if (values.only !== undefined && !attacks.some(({ name }) => name === values.only)) {
  refuse(`--only ${values.only}: there is no such attack`);
}
const seconds = Number(values.seconds);
const scale = Number(values.scale);
if (!(seconds > 0 && seconds <= 60 && scale > 0 && scale <= 1)) {
  refuse('--seconds takes up to 60, --scale above 0 and up to 1');
}
const settleMs = Math.min(SETTLE_MAX_MS, seconds * 1_000);

async function measure(server: MeasuredServer, attack: Attack): Promise<Figures> {
  const { pid, port } = server;
  const before = residentBytes(pid);
  const filesBefore = openFiles(pid);
  const peak = new Peak(pid);
  const honest = new Honest(port);
  const script = join(import.meta.dir, 'attacks.ts');
  const numbers = [port, seconds, scale].map(String);
  const child = Bun.spawn([process.execPath, script, attack.name, ...numbers], {
    stderr: 'inherit',
  });
  const opened = Number(await new Response(child.stdout).text());
  const status = await child.exited;
  const served = await honest.stop();
  if (status !== 0) throw new Error(`the attack ${attack.name} ended with ${status}`);
  // Memory is given back in the course of work, so a server that nobody asks keeps it longer.
  const visitor = new Honest(port);
  const after = await settledBytes(pid, settleMs);
  await visitor.stop();
  const bytes = [before, peak.stop(), after] as const;
  return { attack, opened, served, bytes, files: [filesBefore, openFiles(pid)] };
}

async function quiet(server: MeasuredServer): Promise<Served> {
  const honest = new Honest(server.port);
  await Bun.sleep(Math.min(WARM_UP_MS, seconds * 1_000));
  return await honest.stop();
}

function row({ attack, opened, served, bytes, files }: Figures): string {
  const mebibytes = bytes.map((count) => Math.round(count / MIB)).join(', ');
  const title = scale === 1 ? attack.title : `${attack.title} (× ${scale})`;
  const made = opened.toLocaleString('en-US');
  return `| ${title} | ${made} | ${honestCells(served)} | ${mebibytes} | ${files.join(', ')} |`;
}

function honestCells({ served, asked, p50Ms, p99Ms }: Served): string {
  return `${served} of ${asked} | ${p50Ms.toFixed(1)} ms, ${p99Ms.toFixed(1)} ms`;
}

function write(text: string): void {
  const path = join(import.meta.dir, '../docs/LIMITS.md');
  const document = readFileSync(path, 'utf8');
  const between = /(<!-- hostile -->\n)[\s\S]*(<!-- \/hostile -->)/;
  if (!between.test(document)) throw new Error('docs/LIMITS.md has lost its markers');
  writeFileSync(
    path,
    document.replace(between, (_, start, end) => `${start}${text}\n${end}`),
  );
}

const root = mkdtempSync(join(tmpdir(), 'inkwire-hostile-'));
try {
  const sample = readFileSync(join(import.meta.dir, '../src/config/samples/test.html'));
  for (const name of ['test.html', 'honest.html']) writeFileSync(join(root, name), sample);
  writeFileSync(join(root, 'large.bin'), new Uint8Array(LARGE_BYTES));
  await using server = await startInkwire(root, WORKERS);
  await quiet(server);
  const calm = await quiet(server);
  const rows = [`| nobody | | ${honestCells(calm)} | | |`];
  for (const attack of attacks) {
    if (values.only !== undefined && values.only !== attack.name) continue;
    const figures = await measure(server, attack);
    console.log(row(figures));
    rows.push(row(figures));
  }
  const cpu = cpus()[0]?.model.trim() ?? 'an unknown processor';
  const text = [
    '| hostile | connections made | honest | p50, p99 | memory, MiB | files |',
    '|---|---|---|---|---|---|',
    ...rows,
    '',
    `${seconds} s each, one server with ${WORKERS} workers, without a log, client and server on one machine.`,
    `${new Date().toISOString().slice(0, 10)}; ${cpus().length} × ${cpu}, ${process.platform}; ` +
      `Inkwire ${packageJson.version}, Bun ${Bun.version}.`,
  ].join('\n');
  console.log(`\n${text}`);
  if (values.write) write(text);
} finally {
  rmSync(root, { recursive: true, force: true });
}
