/** What Tab offers, and which names it knows. */

import { expect, test } from 'bun:test';
import { commands } from '../../src/repl/commands.ts';
import { commonStart, complete } from '../../src/repl/completion.ts';
import { NamesSeen, namesMax } from '../../src/repl/names-seen.ts';
import { parseHead } from './support/head.ts';

const vocabulary = {
  commands,
  names: ['/test.html', '/', '/a/b.html', '/a/c.html', '/한.html'],
  servers: ['http://127.0.0.1:8080', 'http://127.0.0.1:8081'],
  standing: ['X-Mine'],
};

/** `|` marks the cursor. */
const rows: readonly (readonly [line: string, start: number, candidates: readonly string[]])[] = [
  ['G|', 0, ['GET']],
  ['  g|', 2, ['GET']],
  ['get|', 0, ['GET']],
  ['P|', 0, ['PATCH', 'POST', 'PUT']],
  ['x|', 0, []],
  [':h|', 0, [':headers', ':help', ':history']],
  [':|', 0, [':headers', ':help', ':history', ':open', ':quit', ':repeat', ':undo', ':verify']],
  [':H|', 0, [':headers', ':help', ':history']],
  [':verify t|', 8, ['test.html']],
  [':verify -n 5 /t|', 13, ['/test.html']],
  [':verify t -n 5 --sw|', 15, ['--swap']],
  ['GET t|', 4, ['test.html']],
  ['GET /t|', 4, ['/test.html']],
  ['GET /a/|', 4, ['/a/b.html', '/a/c.html']],
  ['GET 한|', 4, ['한.html']],
  ['GET T|', 4, []],
  ['GET |', 4, ['a/b.html', 'a/c.html', 'test.html', '한.html']],
  ['GET t| x', 4, ['test.html']],
  ['PUT test.html t|', 0, []],
  ['PUT test.html |', 0, []],
  ['GET -|', 4, ['--header', '--no-key', '--retry', '-H']],
  ['GET --retry |', 0, []],
  ['GET --retry 3 --no-key te|', 23, ['test.html']],
  ['GET --retry=3 te|', 14, ['test.html']],
  [':undo te|', 6, ['test.html']],
  [':undo test.html -|', 0, []],
  ["GET -H 'If-M|", 8, ['If-Match:', 'If-Modified-Since:']],
  ['GET -H Ra|', 7, ['Range:']],
  ["GET -H 'A: b' te|", 14, ['test.html']],
  ['GET -H "A: b" -H \'A: b\' te|', 24, ['test.html']],
  [':help re|', 6, ['repeat']],
  [':open h|', 6, ['http://127.0.0.1:8080', 'http://127.0.0.1:8081']],
  [':headers -|', 9, ['-X-Mine']],
  [':headers Hos|', 9, ['Host:']],
  [':headers Host: x|', 0, []],
  [':repeat 1|', 0, []],
  [':repeat 10 p|', 11, ['PATCH', 'POST', 'PUT']],
  [':repeat 10 -c|', 11, ['-c']],
  [':repeat 10 --c|', 11, ['--connections']],
  [':repeat --r|', 8, ['--ramp', '--rate', '--retry']],
  [':repeat --rate 5|', 0, []],
  [':repeat --rate|', 8, ['--rate']],
  [':repeat --rate 5 --json --e|', 24, ['--expect']],
  [':repeat --rate=5 -c5 g|', 21, ['GET']],
  [":repeat --fail-if 'p99 > 1s|", 0, []],
  [":repeat --fail-if 'p99 > 1s' -d 1s ge|", 35, ['GET']],
  [":repeat 10 --fail-if 'p99 > 1s' GET te|", 36, ['test.html']],
  [':repeat --json GET --h|', 19, ['--header']],
  [':repeat 10 PUT test.html --r|', 0, []],
  [':repeat x|', 0, []],
  [':repeat 10 -c 5|', 0, []],
  [':repeat 10 -c 5 ge|', 16, ['GET']],
  [':repeat 10 -c 5 GET /te|', 20, ['/test.html']],
  [':quit x|', 0, []],
  [':nonsense x|', 0, []],
];

test.each(rows)('%j', (marked, start, candidates) => {
  const cursor = marked.indexOf('|');
  const found = complete(marked.replace('|', ''), cursor, vocabulary);
  expect(found.candidates).toEqual([...candidates]);
  if (candidates.length > 0) expect(found.start).toBe(start);
});

test('the common start of the candidates', () => {
  expect(commonStart([])).toBe('');
  expect(commonStart(['a/b.html', 'a/c.html'])).toBe('a/');
  expect(commonStart(['a', 'b'])).toBe('');
  expect(commonStart(['\u{1f600}', '\u{1f601}'])).toBe('');
});

test('names come from targets and from what answers name, newest first, each once', () => {
  const names = new NamesSeen();
  names.addTarget('/a');
  names.addTarget('*');
  names.addTarget('http://else.test/x');
  names.addAnswer(
    parseHead(
      'HTTP/1.1 201 Created\r\nLocation: /made\r\nContent-Location: http://h:1/abs\r\n\r\n',
    ),
    'h:1',
  );
  names.addAnswer(parseHead('HTTP/1.1 301 x\r\nLocation: //evil.test/x\r\n\r\n'), 'h:1');
  names.addAnswer(parseHead('HTTP/1.1 301 x\r\nLocation: http://evil.test/x\r\n\r\n'), 'h:1');
  names.addTarget('/a');
  expect(names.list).toEqual(['/a', '/abs', '/made']);
});

test('the names are bounded: the oldest goes', () => {
  const names = new NamesSeen();
  for (let n = 0; n < namesMax; n += 1) names.addTarget(`/${n}`);
  expect(names.list).toContain('/0');
  names.addTarget('/new');
  expect(names.list.length).toBe(namesMax);
  expect(names.list).not.toContain('/0');
});
