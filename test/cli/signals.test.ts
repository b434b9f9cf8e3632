/** Signals as people send them: which are counted, alone and below `bun run` in a terminal. */

import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { COPY_MS, type EndingSignal, onEndingSignals } from '../../src/cli/signals.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE, TestRoot } from '../support/root.ts';
import { until } from '../support/server.ts';

const project = join(import.meta.dir, '../..');

type Sent = readonly [atMs: number, name: EndingSignal];

const rows: readonly (readonly [what: string, sent: readonly Sent[], heard: readonly string[]])[] =
  [
    ['one', [[0, 'SIGINT']], ['1 SIGINT']],
    [
      'a copy, at once',
      [
        [0, 'SIGINT'],
        [0, 'SIGINT'],
      ],
      ['1 SIGINT'],
    ],
    [
      'a copy, the latest',
      [
        [5, 'SIGTERM'],
        [4 + COPY_MS, 'SIGTERM'],
      ],
      ['1 SIGTERM'],
    ],
    [
      'a second',
      [
        [5, 'SIGINT'],
        [5 + COPY_MS, 'SIGINT'],
      ],
      ['1 SIGINT', '2 SIGINT'],
    ],
    [
      'one of another kind',
      [
        [5, 'SIGTERM'],
        [5, 'SIGINT'],
      ],
      ['1 SIGTERM', '2 SIGINT'],
    ],
    [
      'three presses, each with its copy',
      [0, 1000, 2000].flatMap((atMs): Sent[] => [
        [atMs, 'SIGINT'],
        [atMs + 1, 'SIGINT'],
      ]),
      ['1 SIGINT', '2 SIGINT', '3 SIGINT'],
    ],
    [
      'copies are counted from the one that they copy: a key that is held is pressed again',
      [0, COPY_MS - 1, 2 * COPY_MS - 2].map((atMs): Sent => [atMs, 'SIGINT']),
      ['1 SIGINT', '2 SIGINT'],
    ],
  ];

for (const [what, sent, heard] of rows) {
  test(`signals: ${what}`, () => {
    const clock = new ManualClock();
    const seen: string[] = [];
    const ignore = onEndingSignals(clock, (count, name) => void seen.push(`${count} ${name}`));
    for (const [atMs, name] of sent) {
      clock.advance(atMs - clock.monotonicMs());
      process.emit(name, name);
    }
    ignore();
    expect(seen).toEqual([...heard]);
    expect(process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')).toBe(0);
  });
}

/** `bun run` of a script, in a process group of its own, as a terminal starts it. */
class Foreground implements AsyncDisposable {
  readonly #child;
  readonly #read;
  /** What it has said so far, on both streams. */
  said = '';

  constructor(script: string, ...flags: readonly string[]) {
    this.#child = Bun.spawn([process.execPath, 'run', script, ...flags], {
      cwd: project,
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      env: { ...process.env, NO_COLOR: '1' },
      detached: true,
    });
    this.#read = Promise.all([this.#take(this.#child.stdout), this.#take(this.#child.stderr)]);
  }

  /** Ctrl-C: the terminal sends it to every process of the group. */
  press(): void {
    process.kill(-this.#child.pid, 'SIGINT');
  }

  async ended(): Promise<number> {
    const status = await this.#child.exited;
    await this.#read;
    return status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      process.kill(-this.#child.pid, 'SIGKILL');
    } catch {
      // All of the group have ended.
    }
    await this.#child.exited;
  }

  async #take(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of stream) this.said += decoder.decode(bytes, { stream: true });
  }
}

test('Ctrl-C below bun run serve: what runs is finished and answered', async () => {
  using root = new TestRoot({ 'test.html': SAMPLE });
  await using serve = new Foreground('serve', root.path, '--port', '0', '--workers', '1');
  await until('a server', () => serve.said.includes('Talk to it'));
  const port = /:([0-9]+)\/ \(root/.exec(serve.said)?.[1];
  await using client = await RawClient.open(Number(port));
  const content = '<p>last</p>';
  const fields = ['Content-Type: text/plain', 'Expect: 100-continue'];
  client.send(request('PUT', '/test.html', { fields, content }).slice(0, -content.length));
  await until('the word to go on', () => client.received.includes('100 Continue'));
  serve.press();
  await until('the word of it', () => serve.said.includes('Stopping'));
  client.send(content);
  expect((await client.next('PUT')).status).toBe(200);
  client.shutdown();
  expect(await serve.ended()).toBe(0);
});
