/** The grammar's table. It is frozen: a row may be added, none may change. */

import { expect, test } from 'bun:test';
import { commandNames } from '../../src/repl/commands.ts';
import { type ParsedLine, parseLine } from '../../src/repl/language.ts';
import { closestWord, editDistance } from '../../src/repl/suggest.ts';

interface Wanted {
  readonly method: string;
  readonly target: string;
  readonly retry?: number;
  readonly noKey?: true;
  readonly headers?: readonly (readonly [string, string])[];
  readonly text?: string;
  readonly file?: string;
}

const requests: readonly (readonly [line: string, want: Wanted])[] = [
  ['GET /', { method: 'GET', target: '/' }],
  ['get /', { method: 'GET', target: '/' }],
  ['Get test.html', { method: 'GET', target: '/test.html' }],
  ['  GET   test.html', { method: 'GET', target: '/test.html' }],
  ['GET\t/test.html', { method: 'GET', target: '/test.html' }],
  ['GET /test.html ', { method: 'GET', target: '/test.html' }],
  ['HEAD blank.html', { method: 'HEAD', target: '/blank.html' }],
  ['PUT test.html This is test', { method: 'PUT', target: '/test.html', text: 'This is test' }],
  ['put test.html  two', { method: 'PUT', target: '/test.html', text: ' two' }],
  ['PUT test.html a  b ', { method: 'PUT', target: '/test.html', text: 'a  b ' }],
  ['PUT test.html\ttabbed', { method: 'PUT', target: '/test.html', text: 'tabbed' }],
  ['PUT test.html', { method: 'PUT', target: '/test.html' }],
  [
    'POST index.html <h1> This is HTML </h1>',
    { method: 'POST', target: '/index.html', text: '<h1> This is HTML </h1>' },
  ],
  ['PUT t.html "quoted"', { method: 'PUT', target: '/t.html', text: '"quoted"' }],
  ["PUT t.html it's -H 'A: b'", { method: 'PUT', target: '/t.html', text: "it's -H 'A: b'" }],
  ['PUT t.html -H', { method: 'PUT', target: '/t.html', text: '-H' }],
  ['PUT t.html # no comment', { method: 'PUT', target: '/t.html', text: '# no comment' }],
  ['PUT t.html :quit', { method: 'PUT', target: '/t.html', text: ':quit' }],
  ['PUT t.html {{n}} {{other}}', { method: 'PUT', target: '/t.html', text: '{{n}} {{other}}' }],
  ['PUT t.html 한국어 텍스트', { method: 'PUT', target: '/t.html', text: '한국어 텍스트' }],
  ['PUT t.html back\\slash \\n', { method: 'PUT', target: '/t.html', text: 'back\\slash \\n' }],
  ['POST new.html @page.html', { method: 'POST', target: '/new.html', file: 'page.html' }],
  ['POST new.html @my page.html', { method: 'POST', target: '/new.html', file: 'my page.html' }],
  ['POST new.html \\@page', { method: 'POST', target: '/new.html', text: '@page' }],
  ['POST new.html \\\\@page', { method: 'POST', target: '/new.html', text: '\\\\@page' }],
  ['POST new.html  @page', { method: 'POST', target: '/new.html', text: ' @page' }],
  ['POST new.html a @page', { method: 'POST', target: '/new.html', text: 'a @page' }],
  ['PATCH a/b.html x', { method: 'PATCH', target: '/a/b.html', text: 'x' }],
  ['DELETE /a%20b.html', { method: 'DELETE', target: '/a%20b.html' }],
  ['GET /a?q=1&r=2', { method: 'GET', target: '/a?q=1&r=2' }],
  ['GET ?q', { method: 'GET', target: '/?q' }],
  ['GET //x', { method: 'GET', target: '//x' }],
  ['OPTIONS *', { method: 'OPTIONS', target: '*' }],
  ['OPTIONS **', { method: 'OPTIONS', target: '/**' }],
  ['GET *', { method: 'GET', target: '/*' }],
  ['GET http://a.test/x', { method: 'GET', target: 'http://a.test/x' }],
  ['GET HTTP://a.test/x', { method: 'GET', target: 'HTTP://a.test/x' }],
  ['CONNECT a.test:80', { method: 'CONNECT', target: 'a.test:80' }],
  ['propfind /', { method: 'PROPFIND', target: '/' }],
  ['BREW pot', { method: 'BREW', target: '/pot' }],
  ['GET 한.html', { method: 'GET', target: '/한.html' }],
  ["GET -H 'A: b' /", { method: 'GET', target: '/', headers: [['A', 'b']] }],
  ['GET -H "A: b" /', { method: 'GET', target: '/', headers: [['A', 'b']] }],
  ['GET -H A:b /', { method: 'GET', target: '/', headers: [['A', 'b']] }],
  ["GET --header 'A: b'  /", { method: 'GET', target: '/', headers: [['A', 'b']] }],
  [
    "PUT -H 'A: b' -H 'A: c' t.html text -H",
    {
      method: 'PUT',
      target: '/t.html',
      headers: [
        ['A', 'b'],
        ['A', 'c'],
      ],
      text: 'text -H',
    },
  ],
  ['GET -H "If-Match: \\"x\\"" /', { method: 'GET', target: '/', headers: [['If-Match', '"x"']] }],
  ['GET -H "A: \\\\ \\n" /', { method: 'GET', target: '/', headers: [['A', '\\ \\n']] }],
  ["GET -H 'A: \\' /", { method: 'GET', target: '/', headers: [['A', '\\']] }],
  ["GET -H 'A:' /", { method: 'GET', target: '/', headers: [['A', '']] }],
  ["GET -H 'A:  b  ' /", { method: 'GET', target: '/', headers: [['A', 'b']] }],
  ['GET --retry 3 /', { method: 'GET', target: '/', retry: 3 }],
  ['GET --retry=0 /', { method: 'GET', target: '/', retry: 0 }],
  ['GET --retry "100" /', { method: 'GET', target: '/', retry: 100 }],
  ['PUT --no-key t.html x', { method: 'PUT', target: '/t.html', noKey: true, text: 'x' }],
  [
    "PUT --no-key -H 'A: b' --retry 2 t.html --no-key",
    {
      method: 'PUT',
      target: '/t.html',
      retry: 2,
      noKey: true,
      headers: [['A', 'b']],
      text: '--no-key',
    },
  ],
  ['PUT t.html --retry 3', { method: 'PUT', target: '/t.html', text: '--retry 3' }],
  ['UNDO /', { method: 'UNDO', target: '/' }],
  ["GET -H 'A: é' /", { method: 'GET', target: '/', headers: [['A', '\u00c3\u00a9']] }],
];

test.each(requests)('%j', (line, want) => {
  expect(parseLine(line, commandNames)).toEqual({
    kind: 'request',
    method: want.method,
    target: want.target,
    headers: [...(want.headers ?? [])],
    ...(want.retry !== undefined && { retry: want.retry }),
    ...(want.noKey !== undefined && { noKey: want.noKey }),
    content:
      want.file !== undefined
        ? { kind: 'file', path: want.file }
        : want.text !== undefined
          ? { kind: 'text', text: want.text }
          : { kind: 'none' },
  });
});

const others: readonly (readonly [line: string, want: ParsedLine])[] = [
  ['', { kind: 'nothing' }],
  ['  \t ', { kind: 'nothing' }],
  ['# a comment', { kind: 'nothing' }],
  ['  #GET /', { kind: 'nothing' }],
  [':help', { kind: 'command', name: 'help', rest: '' }],
  [':QUIT', { kind: 'command', name: 'quit', rest: '' }],
  ['  :history  5 ', { kind: 'command', name: 'history', rest: '5' }],
  [':headers A: b c', { kind: 'command', name: 'headers', rest: 'A: b c' }],
  [
    ':repeat 1000 -c 50 PUT test.html item {{n}}',
    { kind: 'command', name: 'repeat', rest: '1000 -c 50 PUT test.html item {{n}}' },
  ],
];

test.each(others)('%j is no request', (line, want) => {
  expect(parseLine(line, commandNames)).toEqual(want);
});

const problems: readonly (readonly [line: string, said: RegExp])[] = [
  ['GTE /', /^unknown method "GTE"; did you mean GET\?$/],
  ['psot /', /did you mean POST\?/],
  ['help', /did you mean :help\?/],
  ['histroy', /did you mean :history\?/],
  ['exit', /did you mean :quit\?/],
  ['please do', /^unknown method "please"; expected GET,/],
  ['<h1> /', /^unknown method "<h1>"/],
  ['\x1b[2J /', /^unknown method "\\x1b\[2J"/],
  ['GET', /^"GET" has no target; expected GET target/],
  ['GET ', /has no target/],
  ["GET -H 'A: b'", /has no target/],
  ['GET -H', /^-H has no value/],
  ["GET -H 'A: b /", /is not closed; expected another '/],
  ["GET -H 'A: b'c /", /expected a blank after the closing '/],
  ['GET -H Nocolon /', /^"Nocolon" is no header field; expected Name: value$/],
  ["GET -H 'A b: c' /", /^"A b" is no field name/],
  ["GET -H ': c' /", /is no field name/],
  ["GET -H 'A: b\x01' /", /holds a control character/],
  ["GET -H 'A: b\r\nC: d' /", /holds a control character/],
  ["PUT -H 'Content-Length: 5' /", /^Content-Length is set from the content/],
  ["PUT -H 'transfer-encoding: chunked' /", /is set from the content/],
  ['GET -X /', /^unknown option "-X"; .*expected -H 'Name: value' or a target/],
  ['GET --heeder A:b /', /did you mean --header\?/],
  ['GET --retry /', /^--retry "\/": expected a whole number from 0 to 100$/],
  ['GET --retry', /^--retry has no value/],
  ['GET --retry=101 /', /^--retry "101": expected/],
  ['GET --retry -1 /', /^--retry "-1": expected/],
  ['GET --retry 1 --retry 1 /', /^--retry is there twice/],
  ['GET --rety 1 /', /did you mean --retry\?/],
  ['GET --nokey /', /did you mean --no-key\?/],
  ['undo', /did you mean :undo\?/],
  ['GET /a#b', /^a fragment is never sent: leave out "#b"/],
  ['GET /a\x07', /the target "\/a\\x07" holds a control character/],
  ['PUT t.html @', /^expected the name of a file after @/],
  [':', /^a colon alone is no command/],
  [':hlep', /^unknown command ":hlep"; did you mean :help\?$/],
  [':zzzzz', /^unknown command ":zzzzz"; :help lists them$/],
];

test.each(problems)('%j is refused', (line, said) => {
  const parsed = parseLine(line, commandNames);
  expect(parsed.kind).toBe('problem');
  if (parsed.kind === 'problem') expect(parsed.message).toMatch(said);
});

test('the table has the forty lines it should have', () => {
  expect(requests.length + others.length + problems.length).toBeGreaterThanOrEqual(40);
});

const distances: readonly (readonly [a: string, b: string, want: number])[] = [
  ['', '', 0],
  ['', 'abc', 3],
  ['get', 'get', 0],
  ['gte', 'get', 1],
  ['gt', 'get', 1],
  ['geet', 'get', 1],
  ['got', 'get', 1],
  ['kitten', 'sitting', 3],
];

test.each(distances)('the distance of %j and %j is %d', (a, b, want) => {
  expect(editDistance(a, b)).toBe(want);
  expect(editDistance(b, a)).toBe(want);
});

test('a word is suggested only when it is near', () => {
  expect(closestWord('optoins', ['OPTIONS'])).toBe('OPTIONS');
  expect(closestWord('x', ['GET', 'q'])).toBeUndefined();
  expect(closestWord('delta', ['DELETE'])).toBe('DELETE');
  expect(closestWord('a'.repeat(1000), ['a'])).toBeUndefined();
});
