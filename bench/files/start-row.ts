/** The row of the start: from the start of the process to the end of its first answer. */

import type { Socket } from 'bun';
import { median, spreadOf } from '../figures.ts';
import { freePort, inkwireCommand } from '../servers.ts';
import type { Context } from './context.ts';
import type { Finding } from './finding.ts';
import { samplePath } from './served-pages.ts';

const msMax = 200;
const TIMEOUT_MS = 10_000;
/** Between two tries to connect, so that trying takes little from the process that starts. */
const TRY_PERIOD_MS = 1;
const row = 'start';

export async function measureStart(context: Context): Promise<readonly Finding[]> {
  const { stage, plan, signal } = context;
  // A folder is served by one Inkwire at a time.
  await stage.stopInkwire();
  const times: number[] = [];
  for (let start = 0; start < plan.starts; start += 1) {
    signal.throwIfAborted();
    const tookMs = await timeOfStart(stage.root, stage.workers, signal);
    context.say(`${row}: ${tookMs.toFixed(0)} ms`);
    times.push(tookMs);
  }
  return [
    {
      row,
      work: 'start to first answer',
      goal: { kind: 'under', value: msMax, unit: 'ms' },
      inkwire: `${median(times).toFixed(0)} ms, ${times.length} starts`,
      nginx: '',
      measured: spreadOf(times),
    },
  ];
}

async function timeOfStart(root: string, workers: number, signal: AbortSignal): Promise<number> {
  const port = freePort();
  const command = inkwireCommand({ port, root }, workers);
  const startMs = performance.now();
  const child = Bun.spawn([...command], {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'inherit',
    signal,
    killSignal: 'SIGKILL',
  });
  try {
    while (!(await isAnswered(port))) {
      if (child.exitCode !== null || performance.now() - startMs > TIMEOUT_MS) {
        signal.throwIfAborted();
        throw new Error('Inkwire does not start');
      }
      await Bun.sleep(TRY_PERIOD_MS);
    }
    return performance.now() - startMs;
  } finally {
    child.kill('SIGTERM');
    const killer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS);
    await child.exited;
    clearTimeout(killer);
  }
}

/** Whether the server takes a connection and answers on it, whole, with 200. */
async function isAnswered(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let text = '';
  let connected: Socket | undefined;
  try {
    connected = await Bun.connect({
      hostname: '127.0.0.1',
      port,
      socket: {
        open: (socket) => {
          socket.write(`GET ${samplePath} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
        },
        data: (_socket, bytes) => {
          text += bytes.toString('latin1');
          if (isWhole(text)) resolve(true);
        },
        close: () => resolve(false),
      },
    });
    return await promise;
  } catch {
    return false;
  } finally {
    connected?.end();
  }
}

/** Whether `text` is a whole response, with the status 200 and a length. */
export function isWhole(text: string): boolean {
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1 || !text.startsWith('HTTP/1.1 200 ')) return false;
  const length = /^content-length: ([0-9]+)\r$/im.exec(text.slice(0, headEnd + 1))?.[1];
  return length !== undefined && text.length >= headEnd + 4 + Number(length);
}
