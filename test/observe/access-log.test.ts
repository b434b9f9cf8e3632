/** The log's lines, to the letter. */

import { describe, expect, test } from 'bun:test';
import { createAccessLog, type Responded, textLine } from '../../src/observe/access-log.ts';
import { LineWriter } from '../../src/observe/line-writer.ts';

const found: Responded = {
  method: 'GET',
  target: '/test.html',
  status: 200,
  bytes: 286,
  elapsedMs: 0.4321,
  worker: 2,
};

const rows: readonly [entry: Partial<Responded>, want: string][] = [
  [{}, 'Perform a GET request: /test.html → 200, 286 bytes, 0.4 ms, worker 2'],
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

describe('the log', () => {
  async function lines(format: 'text' | 'off'): Promise<string> {
    let written = '';
    const writer = new LineWriter((bytes, done) => {
      written += new TextDecoder().decode(bytes);
      done(bytes.length);
    });
    const log = createAccessLog(format, writer);
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
