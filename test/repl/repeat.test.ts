/** What `:repeat` understands, and what it says of runs that make no sense. */

import { expect, test } from 'bun:test';
import { commandNames } from '../../src/repl/commands.ts';
import { optionUsage } from '../../src/repl/options.ts';
import {
  parseRepeat,
  type RepeatLine,
  repeatConnectionsMax,
  repeatCountMax,
  repeatOptionLines,
  repeatOptions,
  repeatPipelineMax,
  repeatThreadsMax,
} from '../../src/repl/repeat.ts';

/** What is meant when nothing but a count and `GET /` is said. */
const plain: RepeatLine = {
  kind: 'repeat',
  extent: { kind: 'count', count: 10 },
  connections: 1,
  rampMs: 0,
  pipeline: 1,
  warmupMs: 0,
  keepAlive: true,
  threads: 1,
  noKey: false,
  thresholds: [],
  json: false,
  ascii: false,
  source: {
    kind: 'request',
    request: {
      kind: 'request',
      method: 'GET',
      headers: [],
      target: '/',
      content: { kind: 'none' },
    },
  },
};

const duration = (durationMs: number) => ({ extent: { kind: 'duration', durationMs } as const });

const understood: readonly (readonly [text: string, parts: Partial<RepeatLine>])[] = [
  ['10 GET /', {}],
  ['10 -c 50 GET /', { connections: 50 }],
  ['10 -c50 GET /', { connections: 50 }],
  ['-c 50 10 GET /', { connections: 50 }],
  ['10 --connections=4096 GET /', { connections: 4_096 }],
  ['1000000000 GET /', { extent: { kind: 'count', count: 1_000_000_000 } }],
  ['-d 30s GET /', duration(30_000)],
  ['--duration=24h GET /', duration(86_400_000)],
  ['-d 1s --rate 100 GET /', { ...duration(1_000), rate: 100 }],
  ['--rate 0.5 10 GET /', { rate: 0.5 }],
  ['-d 10s --ramp 10s GET /', { ...duration(10_000), rampMs: 10_000 }],
  [
    '-d 1s --ramp 3s --warmup 2s --rate 2 GET /',
    { ...duration(1_000), rampMs: 3_000, warmupMs: 2_000, rate: 2 },
  ],
  ['10 --warmup 500ms GET /', { warmupMs: 500 }],
  ['10 --pipeline 16 GET /', { pipeline: 16 }],
  ['10 --no-keepalive GET /', { keepAlive: false }],
  ['10 --no-keepalive --pipeline 1 GET /', { keepAlive: false }],
  ['10 --timeout 5s GET /', { timeoutMs: 5_000 }],
  ['10 -c 64 --threads 64 GET /', { connections: 64, threads: 64 }],
  ['10 --expect 200 GET /', { expects: [[200, 200]] }],
  [
    "10 --expect '200, 201,4xx,500-503' GET /",
    {
      expects: [
        [200, 200],
        [201, 201],
        [400, 499],
        [500, 503],
      ],
    },
  ],
  ['10 --json GET /', { json: true }],
  ['10 --ascii GET /', { ascii: true }],
  ['10 --mix pages.txt', { source: { kind: 'mix', path: 'pages.txt' } }],
  [
    "--mix 'my pages.txt' 10 -c 2",
    { connections: 2, source: { kind: 'mix', path: 'my pages.txt' } },
  ],
  ['10 -c 1024 --pipeline 64 GET /', { connections: 1_024, pipeline: 64 }],
];

test.each(understood)('%j', (text, parts) => {
  expect(parseRepeat(text, commandNames)).toEqual({ ...plain, ...parts });
});

test('the request behind the options is taken as it was typed', () => {
  const line = parseRepeat("1000 -c 50 PUT -H 'A: b' test.html  item {{n}} --json ", commandNames);
  expect(line).toMatchObject({
    extent: { count: 1_000 },
    connections: 50,
    json: false,
    source: {
      request: {
        method: 'PUT',
        target: '/test.html',
        headers: [['A', 'b']],
        content: { kind: 'text', text: ' item {{n}} --json ' },
      },
    },
  });
});

test('conditions', () => {
  const line = parseRepeat("10 --fail-if 'p99 > 20ms, errors>0' GET /", commandNames);
  expect(line).toMatchObject({ thresholds: [{ text: 'p99>20ms' }, { text: 'errors>0' }] });
});

const usage = 'expected :repeat [COUNT] [options] REQUEST';

const refused: readonly (readonly [text: string, said: string])[] = [
  ['', `neither COUNT nor --duration; ${usage}`],
  ['-c 5', `neither COUNT nor --duration; ${usage}`],
  ['x GET /', `"x" is no count from 1 to 1000000000, and there is no --duration; ${usage}`],
  ['GET /', `"GET" is no count from 1 to 1000000000, and there is no --duration; ${usage}`],
  ['0 GET /', 'COUNT "0": expected a whole number from 1 to 1000000000'],
  [
    `${repeatCountMax + 1} GET /`,
    'COUNT "1000000001": expected a whole number from 1 to 1000000000',
  ],
  ['-5 GET /', 'COUNT "-5": expected a whole number from 1 to 1000000000'],
  ['10', `no request to repeat; ${usage}`],
  ['10 :quit', 'commands cannot be repeated, only requests'],
  ['10 GTE /', 'unknown method "GTE"; did you mean GET?'],
  ['10 20 GET /', 'COUNT is there twice; expected it once'],
  ['10 -d 5s GET /', 'COUNT and --duration are both there; expected one of them'],
  [`10 -c ${repeatConnectionsMax + 1} GET /`, '-c "4097": expected a whole number from 1 to 4096'],
  [
    `10 --pipeline ${repeatPipelineMax + 1} GET /`,
    '--pipeline "1025": expected a whole number from 1 to 1024',
  ],
  [
    `10 --threads ${repeatThreadsMax + 1} GET /`,
    '--threads "65": expected a whole number from 1 to 64',
  ],
  ['10 --treads 2 GET /', 'unknown option "--treads"; did you mean --threads?'],
  ['10 --no-keepalive=1 GET /', '--no-keepalive takes no value'],
  ['-d 25h GET /', '-d: "25h" is too long; at most 24h'],
  [
    '10 --expect 20 GET /',
    '--expect "20": expected statuses from 200 to 599, as 200, 200,201, 2xx or 200-299',
  ],
  [
    '10 --expect 200, GET /',
    '--expect "200,": expected statuses from 200 to 599, as 200, 200,201, 2xx or 200-299',
  ],
  ['10 --expect 299-200 GET /', '--expect: "299-200" runs backwards; expected 200-299'],
  [
    '10 --fail-if p99>20 GET /',
    '--fail-if: p99>20: expected a time with its unit, as 500us, 20ms or 1.5s',
  ],
  [
    "10 --fail-if 'a\u009b' GET /",
    '--fail-if: "a\\x9b" is no condition; expected a metric, >, >=, < or <=, and a limit, as p99>20ms',
  ],
  ['10 --mix a.txt GET /', '--mix and a request are both there; leave out "GET /"'],
  ['10 -c 3 --threads 4 GET /', '--threads 4 share 3 of -c; expected a connection for each thread'],
  [
    '10 --pipeline 2 --no-keepalive GET /',
    '--pipeline 2 needs kept connections; leave out --no-keepalive',
  ],
  [
    '10 -c 1024 --pipeline 65 GET /',
    '1024 connections with 65 each are more than 65536 requests under way; lower one of them',
  ],
  [
    '-d 1s --ramp 1001ms GET /',
    '--ramp is longer than --duration; the load would never be reached',
  ],
  [
    '-d 1s --warmup 1s --ramp 2001ms GET /',
    '--ramp is longer than --warmup and --duration; the load would never be reached',
  ],
  ['-d 1s --rate 0.5 GET /', '--rate 0.5 asks for less than one request in the time of --duration'],
  [
    '-d 2s --ramp 2s --rate 0.9 GET /',
    '--rate 0.9 asks for less than one request in the time of --duration',
  ],
  [
    '-d 24h --rate 100000 GET /',
    '--rate and --duration make more than 1000000000 requests; lower one of them',
  ],
  ['100000 --rate 1 GET /', '100000 requests at 1 per second take longer than 24 hours'],
];

test.each(refused)('%j is refused', (text, said) => {
  expect(parseRepeat(text, commandNames)).toEqual({ kind: 'problem', message: said });
});

test('the help lists every option, within 80 columns', () => {
  const lines = repeatOptionLines();
  expect(lines).toHaveLength(repeatOptions.length);
  for (const line of lines) expect(line.length).toBeLessThan(78);
});

test('the document has a row for every option', async () => {
  const text = await Bun.file(new URL('../../docs/REPL.md', import.meta.url)).text();
  const section = /\n### `:repeat`\n([\s\S]*?)\n##/.exec(text)?.[1] ?? '';
  const documented = [...section.matchAll(/^\| (`-.*?) \|/gm)].map(([, names = '']) =>
    names.replaceAll('`', ''),
  );
  expect(documented.sort()).toEqual(repeatOptions.map(optionUsage).sort());
});
