/** Threads: what their owner hears of them, whichever way they end, and nothing behind the exit. */

import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { startThread } from '../../src/base/thread.ts';
import { until } from '../support/server.ts';
import { burstLength, type EntryData, type Told } from './threads/told.ts';

const burst = Array.from({ length: burstLength }, (_, index) => index);

function start(module: string, aside?: MessagePort) {
  const heard: unknown[] = [];
  const errors: string[] = [];
  const data: EntryData = { greeting: 'hello', ...(aside && { aside }) };
  const url = new URL(`./threads/${module}`, import.meta.url);
  const thread = startThread<Told, unknown>(url, 'tested', data, aside ? [aside] : [], {
    message: (message) => heard.push(message),
    error: (text) => {
      heard.push('error');
      errors.push(text);
    },
    exit: () => heard.push('exit'),
  });
  return { thread, heard, errors };
}

const endings: readonly {
  readonly name: string;
  readonly told: Told;
  readonly want: readonly unknown[];
  readonly error?: RegExp;
}[] = [
  { name: 'closes its port', told: 'close', want: ['closes', 'exit'] },
  { name: 'exits, and all it said comes first', told: 'exit', want: [...burst, 'exit'] },
  {
    name: 'throws, and all it said comes first',
    told: 'throw',
    want: [...burst, 'error', 'exit'],
    error: /^OwnError: 7 \| a bug\n +at .*entry\.ts:\d+:\d+\)?$/,
  },
  {
    name: 'throws what is no error',
    told: 'throw-text',
    want: ['error', 'exit'],
    error: /^only a text$/,
  },
  {
    name: 'rejects where nobody catches it',
    told: 'reject',
    want: ['error', 'exit'],
    error: /^TypeError: late\n +at .*entry\.ts:\d+:\d+\)?$/,
  },
];

describe('a thread that', () => {
  for (const { name, told, want, error } of endings) {
    test(name, async () => {
      const { thread, heard, errors } = start('entry.ts');
      thread.post('what');
      thread.post(told);
      await thread.exited;
      thread.post('late');
      expect(heard).toEqual(['hello', 'what?', ...want]);
      expect(errors.length).toBe(error === undefined ? 0 : 1);
      if (error !== undefined) expect(errors[0]).toMatch(error);
    });
  }

  test('hangs is terminated', async () => {
    const { thread, heard } = start('entry.ts');
    await until('its greeting', () => heard.length === 1);
    thread.post('hang');
    thread.terminate();
    await thread.exited;
    expect(heard).toEqual(['hello', 'exit']);
  });

  test('does not begin: there is no such module', async () => {
    const { thread, heard, errors } = start('nowhere.ts');
    await thread.exited;
    expect(heard).toEqual(['error', 'exit']);
    expect(errors[0]).toContain('nowhere.ts');
  });
});

test('a port is handed over, and the thread clears up at its end', async () => {
  const { port1, port2 } = new MessageChannel();
  const beside: unknown[] = [];
  port1.onmessage = ({ data }) => beside.push(data);
  const { thread } = start('entry.ts', port2);
  thread.post('close');
  await thread.exited;
  await until('its last word', () => beside.length === 2);
  expect(beside).toEqual(['beside: hello', 'exits']);
  port1.close();
});

// Elsewhere there is no /proc.
test.skipIf(process.platform !== 'linux')(
  'it has its name in the tools of the system',
  async () => {
    const { thread, heard } = start('entry.ts');
    await until('its greeting', () => heard.length === 1);
    const names = readdirSync('/proc/self/task').map((id) =>
      readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim(),
    );
    expect(names).toContain('tested');
    thread.terminate();
    await thread.exited;
  },
);
