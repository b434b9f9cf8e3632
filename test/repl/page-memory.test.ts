/** What a session remembers of pages, by what requests came to, and how much of it. */

import { describe, expect, test } from 'bun:test';
import { latin1Text, utf8Bytes } from '../../src/base/bytes.ts';
import type { ExchangeResult } from '../../src/client/exchange.ts';
import type { FieldLine, RequestMessage } from '../../src/http/message.ts';
import {
  type LastWrite,
  PageMemory,
  pageBytesRememberedMax,
  pagesRememberedMax,
  type Sight,
} from '../../src/repl/page-memory.ts';
import { parseHead } from './support/head.ts';

function request(method: string, target: string, content = '', host = 'a'): RequestMessage {
  const fields: FieldLine[] = [['Host', host]];
  const message = { method, target, fields };
  return content === '' ? message : { ...message, content: utf8Bytes(content) };
}

function answer(status: number, content: string | Uint8Array = '', fields = ''): ExchangeResult {
  const bytes = typeof content === 'string' ? utf8Bytes(content) : content;
  const head = parseHead(`HTTP/1.1 ${status} x\r\n${fields}\r\n`);
  const rest = { interim: [], elapsedMs: 1, surplus: false };
  return { kind: 'completed', head, content: bytes, ...rest };
}

const lost: ExchangeResult = { kind: 'failed', failure: 'closed', message: '', sent: true };
const unsent: ExchangeResult = { kind: 'failed', failure: 'connect', message: '', sent: false };
const here = 'Content-Location: /p\r\n';

type Step = readonly [method: string, result: ExchangeResult];

function after(...steps: readonly Step[]): LastWrite | undefined {
  const memory = new PageMemory();
  for (const [method, result] of steps) memory.observe(request(method, '/p', 'sent'), result);
  return memory.lastWrite();
}

function sightText(sight: Sight | undefined): string {
  if (sight === undefined) return 'unseen';
  return sight.kind === 'page' ? latin1Text(sight.content) : sight.kind;
}

function leftText({ left }: LastWrite): string {
  if (left.kind === 'page') return latin1Text(left.content);
  return left.kind === 'tag' ? left.entityTag : left.kind;
}

const seen: Step = ['GET', answer(200, 'old')];

const rows: readonly { name: string; steps: readonly Step[]; before: string; left: string }[] = [
  { name: 'seen', steps: [seen, ['PUT', answer(200, 'new', here)]], before: 'old', left: 'new' },
  { name: 'unseen', steps: [['PUT', answer(200, 'new', here)]], before: 'unseen', left: 'new' },
  {
    name: 'missing',
    steps: [
      ['GET', answer(404, 'no')],
      ['POST', answer(201, 'new', here)],
    ],
    before: 'missing',
    left: 'new',
  },
  {
    name: 'missing for HEAD, and gone',
    steps: [seen, ['HEAD', answer(410)], ['POST', answer(201, 'new', here)]],
    before: 'missing',
    left: 'new',
  },
  {
    name: 'missing for a write',
    steps: [
      ['PUT', answer(404)],
      ['POST', answer(201, 'new', here)],
    ],
    before: 'missing',
    left: 'new',
  },
  { name: 'removed', steps: [seen, ['DELETE', answer(204)]], before: 'old', left: 'missing' },
  {
    name: 'written twice',
    steps: [
      ['PUT', answer(200, 'one', here)],
      ['PUT', answer(200, 'two', here)],
    ],
    before: 'one',
    left: 'two',
  },
  {
    name: 'a minimal answer with a tag',
    steps: [seen, ['PUT', answer(204, '', 'ETag: "t"\r\n')]],
    before: 'old',
    left: '"t"',
  },
  {
    name: 'a weak tag',
    steps: [seen, ['PUT', answer(204, '', 'ETag: W/"t"\r\n')]],
    before: 'old',
    left: 'unshown',
  },
  { name: 'no tag', steps: [seen, ['PUT', answer(204)]], before: 'old', left: 'unshown' },
  {
    name: 'behind a minimal answer',
    steps: [seen, ['PUT', answer(204)], ['PUT', answer(200, 'new', here)]],
    before: 'unseen',
    left: 'new',
  },
  {
    name: 'content that is not the page',
    steps: [seen, ['PUT', answer(200, '{"ok":true}')]],
    before: 'old',
    left: 'unshown',
  },
  {
    name: 'a page with a coding',
    steps: [seen, ['PUT', answer(200, 'zip', `${here}Content-Encoding: gzip\r\n`)]],
    before: 'old',
    left: 'unshown',
  },
  {
    name: 'a page that was too long to show',
    steps: [seen, ['POST', answer(201, '', `${here}ETag: "t"\r\n`)]],
    before: 'old',
    left: '"t"',
  },
  {
    name: 'content that is another page',
    steps: [seen, ['PUT', answer(200, 'new', 'Content-Location: /q\r\n')]],
    before: 'old',
    left: 'unshown',
  },
  {
    name: 'content with a coding',
    steps: [
      seen,
      ['GET', answer(200, 'zip', 'Content-Encoding: gzip\r\n')],
      ['DELETE', answer(204)],
    ],
    before: 'unseen',
    left: 'missing',
  },
  {
    name: 'parts and what did not change',
    steps: [
      seen,
      ['GET', answer(206, 'o')],
      ['GET', answer(304)],
      ['HEAD', answer(200)],
      ['OPTIONS', answer(200, 'x')],
      ['DELETE', answer(204)],
    ],
    before: 'old',
    left: 'missing',
  },
  {
    name: 'a refused write changes nothing',
    steps: [seen, ['PUT', answer(200, 'new', here)], ['PUT', answer(412)], ['PUT', unsent]],
    before: 'old',
    left: 'new',
  },
  { name: 'no answer', steps: [seen, ['PUT', lost]], before: 'old', left: 'unknown' },
  { name: '503', steps: [seen, ['PUT', answer(503)]], before: 'old', left: 'unknown' },
  { name: '202', steps: [seen, ['PUT', answer(202)]], before: 'old', left: 'unknown' },
  {
    name: 'after no answer',
    steps: [seen, ['PUT', lost], ['DELETE', answer(204)]],
    before: 'unseen',
    left: 'missing',
  },
];

test.each(rows)('$name', ({ steps, before, left }) => {
  const write = after(...steps);
  if (write === undefined) throw new Error('no write');
  expect([sightText(write.before), leftText(write)]).toEqual([before, left]);
  expect(latin1Text(write.sent ?? new Uint8Array())).toBe('sent');
});

test('another method that changes things leaves nothing known', () => {
  expect(after(seen, ['PUT', answer(200, 'new', here)], ['MOVE', answer(201)])).toBeUndefined();
});

test('an address, and no answer at all, are not remembered', () => {
  const memory = new PageMemory();
  memory.observe(request('PUT', 'http://a/p', 'x'), answer(204));
  memory.observe(request('PUT', '/p', 'x'), unsent);
  expect(memory.lastWrite()).toBeUndefined();
});

test('the names of pages: of a folder, percent-encoded, by host', () => {
  const memory = new PageMemory();
  const put = (target: string, location: string, host = 'a') => {
    const said = answer(200, 'new', `Content-Location: ${location}\r\n`);
    memory.observe(request('PUT', target, 'x', host), said);
    return memory.lastWrite()?.left.kind;
  };
  expect(put('/d/', '/d/index.html')).toBe('page');
  expect(put('/d', '/d/index.html')).toBe('unshown');
  expect(put('/%ed%95%9c', '/%ED%95%9C')).toBe('page');
  expect(put('/q?a=1', '/q')).toBe('page');
  expect(put('/%', '/%')).toBe('unshown');
  memory.observe(request('GET', '/p', '', 'a'), answer(200, 'old'));
  put('/p', '/p', 'b');
  expect(memory.lastWrite('/p')).toMatchObject({ host: 'b' });
  expect(memory.lastWrite('/p')?.before).toBeUndefined();
});

describe('bounds', () => {
  const write = (memory: PageMemory, target: string, content: string | Uint8Array = 'new') =>
    memory.observe(request('PUT', target), answer(200, content, `Content-Location: ${target}\r\n`));

  test('the pages, and one more: the one that was not met for longest goes', () => {
    const memory = new PageMemory();
    for (let n = 1; n <= pagesRememberedMax; n += 1) write(memory, `/${n}`);
    expect(memory.lastWrite('/1')).toBeDefined();
    memory.observe(request('GET', '/1'), answer(200, 'x'));
    write(memory, '/more');
    expect(memory.lastWrite('/1')).toBeDefined();
    expect(memory.lastWrite('/2')).toBeUndefined();
    expect(memory.lastWrite('/3')).toBeDefined();
    expect(memory.lastWrite()?.target).toBe('/more');
  });

  test('the bytes, and one more; a content that is held twice counts once', () => {
    const memory = new PageMemory();
    write(memory, '/full', new Uint8Array(pageBytesRememberedMax - 1));
    write(memory, '/1', new Uint8Array(1));
    expect(memory.lastWrite('/full')).toBeDefined();
    write(memory, '/1', new Uint8Array(1));
    expect(memory.lastWrite('/full')).toBeUndefined();
    expect(memory.lastWrite('/1')).toBeDefined();
  });

  test('a page that is too large by itself', () => {
    const memory = new PageMemory();
    write(memory, '/1');
    write(memory, '/huge', new Uint8Array(pageBytesRememberedMax + 1));
    expect(memory.lastWrite('/huge')).toBeUndefined();
    expect(memory.lastWrite()).toBeUndefined();
    memory.clear();
    write(memory, '/2', new Uint8Array(pageBytesRememberedMax));
    expect(memory.lastWrite('/2')).toBeDefined();
  });
});
