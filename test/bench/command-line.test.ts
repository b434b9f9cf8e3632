/** How the commands of the benchmarks are asked, and what they say of what they do not know. */

import { describe, expect, test } from 'bun:test';
import { repositoryPath } from '../docs/marked.ts';

const commands = ['main', 'compare', 'hostile', 'torture', 'verify'] as const;

async function run(command: (typeof commands)[number], ...words: readonly string[]) {
  const script = repositoryPath(`bench/${command}.ts`);
  const child = Bun.spawn([process.execPath, script, ...words], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [output, errors, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { output, errors, status };
}

test.each(commands)('%s --help says what it does and how it is asked', async (command) => {
  const { output, errors, status } = await run(command, '--help');
  expect([errors, status]).toEqual(['', 0]);
  expect(output).toMatch(/^[A-Z:].+?\n {2}bun run \w+/s);
});

describe('what is not known is refused with one line, and nothing is done', () => {
  const rows = [
    { command: 'main', words: ['write'], want: 'write: did you mean writes? --help tells more' },
    {
      command: 'main',
      words: ['writes', 'files'],
      want: 'files: one word at most stands beside the options; --help tells more',
    },
    {
      command: 'main',
      words: ['--secnds', '3'],
      want: 'unknown option --secnds: did you mean --seconds? --help tells more',
    },
    {
      command: 'main',
      words: ['--seconds=x'],
      want: '--seconds x: expected a number from 0.05 to 60; --help tells more',
    },
    {
      command: 'torture',
      words: ['--kills', '3'],
      want:
        'unknown option --kills: expected --rounds, --cuts, --long-cuts, --histories, --seed; ' +
        '--help tells more',
    },
    {
      command: 'torture',
      words: ['--rounds', '--cuts'],
      want: '--rounds: expected a value; --help tells more',
    },
    {
      command: 'torture',
      words: ['--cuts', 'x'],
      want:
        '--rounds, --cuts, --long-cuts, --histories and --seed take whole numbers; ' +
        '--help tells more',
    },
    {
      command: 'compare',
      words: ['--write=yes'],
      want: '--write: it takes no value; --help tells more',
    },
    { command: 'compare', words: ['now'], want: 'now: expected --write; --help tells more' },
    {
      command: 'hostile',
      words: ['--only', 'nobody'],
      want: '--only nobody: there is no such attack; --help tells more',
    },
  ] as const;
  test.each(rows)('$command $words', async ({ command, words, want }) => {
    const { output, errors, status } = await run(command, ...words);
    expect({ output, errors, status }).toEqual({ output: '', errors: `${want}\n`, status: 2 });
  });
});
