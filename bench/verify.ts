/**
 * `bun run verify`: the long campaign. `:verify` on a real Inkwire, with many edits on many pages,
 * and then on nginx with dav and on Bun.serve, to see what it says of servers that promise less.
 */

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/base/clock.ts';
import { systemRandom } from '../src/base/random.ts';
import { parseEndpoint } from '../src/client/endpoint.ts';
import { History } from '../src/repl/history.ts';
import { streamOutput } from '../src/repl/output.ts';
import { Session } from '../src/repl/session.ts';
import { commandLine } from './command-line.ts';
import { type MeasuredServer, startInkwire } from './servers.ts';
import { startDav, startPutServer } from './verify/peers.ts';

/** Edits of the other servers: their faults show at once. */
const PEER_EDITS_MAX = 500;

const usage = `
:verify on Inkwire with many edits on many pages, and then on nginx with dav and on Bun.serve, to
see what it says of servers that promise less.

  bun run verify [--edits 100000] [--pages 200] [--connections 64] [--root DIR]

  --root DIR    where the pages are made: on a disk, say

The exit status is 1 when Inkwire did not keep its promise.
`;

const { values } = commandLine(usage, {
  edits: { type: 'string', default: '100000' },
  pages: { type: 'string', default: '200' },
  connections: { type: 'string', default: '64' },
  root: { type: 'string' },
});

const page = `<!DOCTYPE html>
<html lang="en">
<head><title>Verified</title></head>
<body>
    <h1> This is HTML </h1>
</body>
</html>
`;

/** Runs one line of the REPL at `server`; whether it went well. */
async function say(server: MeasuredServer, line: string): Promise<boolean> {
  const endpoint = parseEndpoint(`127.0.0.1:${server.port}`);
  if (typeof endpoint === 'string') throw new Error(endpoint);
  const terminal = process.stdout.isTTY === true;
  const style = { terminal, colour: false, interactive: terminal };
  const session = new Session({
    endpoint,
    clock: systemClock,
    random: systemRandom,
    timeoutMs: 30_000,
    fail: false,
    output: streamOutput(process.stdout, process.stderr, style),
    history: new History(undefined, systemClock, () => {}),
  });
  const interrupt = (): void => void session.interrupt();
  process.on('SIGINT', interrupt);
  console.log(`${server.name}> ${line}`);
  try {
    return (await session.run(line)) === 'completed';
  } finally {
    process.off('SIGINT', interrupt);
    session.close();
  }
}

function rootWith(folder: string, name: string): string {
  const root = join(folder, name);
  mkdirSync(root);
  writeFileSync(join(root, 'test.html'), page);
  return root;
}

const parent = values.root ?? (existsSync('/dev/shm') ? '/dev/shm' : tmpdir());
const folder = mkdtempSync(join(parent, 'inkwire-verify-'));
try {
  const { edits, pages, connections } = values;
  const workers = Math.max(2, availableParallelism() - 1);
  const inkwire = await startInkwire(rootWith(folder, 'inkwire'), workers);
  try {
    const held = await say(
      inkwire,
      `:verify test.html --pages ${pages} -n ${edits} -c ${connections}`,
    );
    if (!held) process.exitCode = 1;
  } finally {
    await inkwire[Symbol.asyncDispose]();
  }
  const peerEdits = Math.min(Number(edits), PEER_EDITS_MAX);
  const line = `:verify test.html --swap -n ${peerEdits} -c ${connections}`;
  const davRoot = rootWith(folder, 'dav');
  await using dav = await startDav(davRoot, join(folder, 'nginx'));
  await using plain = await startPutServer(rootWith(folder, 'plain'));
  // They fail, and are meant to: what matters is that it is seen.
  if (dav === undefined) console.log('nginx is not installed');
  else await say(dav, line);
  await say(plain, line);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
