/** The log's lines, to the letter. */

import { describe, expect, test } from 'bun:test';
import { systemClock } from '../../src/base/clock.ts';
import { createAccessLog, type LogFormat } from '../../src/observe/access-log.ts';
import { LineWriter } from '../../src/observe/line-writer.ts';
import { combinedLine, jsonLine, type Responded, textLine } from '../../src/observe/log-lines.ts';

const found: Responded = {
  peer: '127.0.0.1:49733',
  minorVersion: 1,
  method: 'GET',
  target: '/test.html',
  status: 200,
  bytes: 286,
  elapsedMs: 0.4321,
  worker: 2,
};

const rows: readonly [entry: Partial<Responded>, want: string][] = [
  [{}, 'Perform a GET request: /test.html → 200, 286 bytes, 0.4 ms, worker 2'],
  [
    { method: 'OPTIONS', why: 'x' },
    'Perform an OPTIONS request: /test.html → 200, x, 0.4 ms, worker 2',
  ],
  [{ worker: undefined }, 'Perform a GET request: /test.html → 200, 286 bytes, 0.4 ms'],
  [
    { method: 'POST', target: '/a?b', status: 201, bytes: 0, elapsedMs: 1234.56 },
    'Perform a POST request: /a?b → 201, 0 bytes, 1234.6 ms, worker 2',
  ],
  [
    { status: 404, target: '/blank.html', bytes: 150, why: 'no such file: blank.html' },
    'Perform a GET request: /blank.html → 404, no such file: blank.html, 0.4 ms, worker 2',
  ],
  [
    { method: '?', target: '?', status: 400, worker: undefined, why: 'bare lf' },
    'Refuse what is no request → 400, bare lf, 0.4 ms',
  ],
  [{ elapsedMs: 0 }, 'Perform a GET request: /test.html → 200, 286 bytes, 0.0 ms, worker 2'],
];

describe('a line of text', () => {
  for (const [entry, want] of rows) {
    test(want, () => expect(textLine({ ...found, ...entry })).toBe(want));
  }
});

const NOW_MS = Date.UTC(2026, 10, 2, 3, 4, 5, 678);

describe('a combined line', () => {
  const rows: readonly [entry: Partial<Responded>, want: string][] = [
    [{}, '127.0.0.1 - - [02/Nov/2026:03:04:05 +0000] "GET /test.html HTTP/1.1" 200 286 "-" "-"'],
    [
      { peer: '[::1]:80', minorVersion: 0, referer: 'http://h/', userAgent: 'curl/8' },
      '::1 - - [02/Nov/2026:03:04:05 +0000] "GET /test.html HTTP/1.0" 200 286 "http://h/" "curl/8"',
    ],
    [
      { method: '?', status: 400, bytes: 9, userAgent: 'a"b\\c\x1b[0m\xe9' },
      '127.0.0.1 - - [02/Nov/2026:03:04:05 +0000] "-" 400 9 "-" "a\\x22b\\x5Cc\\x1B[0m\\xE9"',
    ],
  ];
  for (const [entry, want] of rows) {
    test(want, () => expect(combinedLine({ ...found, ...entry }, NOW_MS)).toBe(want));
  }
});

test('a line of JSON', () => {
  const entry = { ...found, userAgent: 'a"\n', why: undefined };
  expect(JSON.parse(jsonLine(entry, NOW_MS))).toEqual({
    time: '2026-11-02T03:04:05.678Z',
    peer: '127.0.0.1:49733',
    method: 'GET',
    target: '/test.html',
    version: 'HTTP/1.1',
    status: 200,
    bytes: 286,
    ms: 0.432,
    worker: 2,
    userAgent: 'a"\n',
  });
  expect(JSON.parse(jsonLine({ ...found, method: '?' }, NOW_MS))).not.toHaveProperty('method');
  expect(jsonLine(entry, NOW_MS)).not.toContain('\n');
});

test('control characters never reach a terminal', () => {
  const entry = { ...found, why: 'no such file: \u009b31m\u001b[0m' };
  expect(textLine(entry)).toContain('no such file: \\x9B31m\\x1B[0m');
  const json = jsonLine(entry, NOW_MS);
  expect([...json].every((character) => /[ -~\xa0-\uffff]/.test(character))).toBe(true);
  expect(JSON.parse(json).why).toBe(entry.why);
});

describe('the log', () => {
  async function lines(format: LogFormat): Promise<string> {
    let written = '';
    const writer = new LineWriter((bytes, done) => {
      written += new TextDecoder().decode(bytes);
      done(bytes.length);
    });
    const log = createAccessLog(format, writer, systemClock);
    log.connected('127.0.0.1:49733');
    log.responded(found);
    log.note('A worker was replaced.');
    await writer.drained();
    return written;
  }

  test('text: who connected, what was asked, and notes', async () => {
    expect(await lines('text')).toBe(
      `Connected by 127.0.0.1:49733\n${textLine(found)}\nA worker was replaced.\n`,
    );
  });

  test('off: notes only, for they are about the server', async () => {
    expect(await lines('off')).toBe('A worker was replaced.\n');
  });
});
