/** Plans: what a signature has to hold, and when a reply may be given again. */

import { describe, expect, test } from 'bun:test';
import { intake } from '../../src/app/app.ts';
import type { AppContext } from '../../src/app/context.ts';
import { latin1Bytes, latin1Text } from '../../src/base/bytes.ts';
import type { Clock } from '../../src/base/clock.ts';
import { PageCache } from '../../src/dispatch/cache/page-cache.ts';
import type { Dispatcher } from '../../src/dispatch/dispatcher.ts';
import type { Fields } from '../../src/http/message.ts';
import { refused } from '../../src/model/operation.ts';
import { expectsContinue, requestLine } from '../../src/server/exchange.ts';
import { Plan } from '../../src/server/plans.ts';
import { ReadyReplies, restOfReply } from '../../src/server/ready-reply.ts';
import { DateStamp } from '../../src/server/reply.ts';
import { signatureNames } from '../../src/server/signature.ts';
import { CHANGED_MS, Files, keyOf } from '../dispatch/cache/pages.ts';
import { requestHead } from '../http/fields.ts';
import { ManualClock } from '../support/manual-clock.ts';

/** Asked for in every request, and without weight for an answer to GET or HEAD of a page. */
const weightless = ['prefer', 'access-control-request-method'];

function context(): AppContext {
  const never = (): never => {
    throw new Error('not asked for');
  };
  const dispatcher: Dispatcher = {
    read: (_, done) => done(refused('not-found'), undefined),
    takeNow: never,
    edit: never,
    announce: never,
    openStream: never,
    stop: never,
    workers: 1,
    foldsCase: false,
  };
  return {
    dispatcher,
    clock: new ManualClock(),
    random: { uuid: () => 'random' },
    semantics: 'classic',
    startPage: true,
    requireConditional: true,
    echoBytesMax: 0,
    admission: { loopback: true, allowedHosts: [], allowedOrigins: ['http://allowed.example'] },
    cacheRules: [],
  };
}

/** The same fields, and which names were asked for. */
function listening(fields: Fields): { fields: Fields; names: Set<string> } {
  const names = new Set<string>();
  const heard = (name: string): string => {
    names.add(name);
    return name;
  };
  return {
    names,
    fields: {
      count: fields.count,
      countOf: (name) => fields.countOf(heard(name)),
      only: (name) => fields.only(heard(name)),
      combined: (name) => fields.combined(heard(name)),
      tokens: (name) => fields.tokens(heard(name)),
      lines: () => {
        throw new Error('every line was asked for');
      },
    },
  };
}

const heads: readonly (readonly [first: string, lines: readonly string[]])[] = [
  ['GET /test.html HTTP/1.1', []],
  ['HEAD /test.html HTTP/1.1', ['Connection: keep-alive', 'Expect: 100-continue']],
  ['GET /test.html HTTP/1.0', ['Range: bytes=0-1', 'If-Range: "a"']],
  ['GET / HTTP/1.1', ['Origin: http://allowed.example', 'If-Match: "a"', 'Prefer: return=minimal']],
  [
    'GET / HTTP/1.1',
    ['If-None-Match: "a"', 'If-Modified-Since: now', 'Sec-Fetch-Site: cross-site'],
  ],
];

test.each(heads)('%s %p asks for nothing that is not in the signature', (first, lines) => {
  const head = requestHead(lines, first);
  const { fields, names } = listening(head.fields);
  const heard = { ...head, fields };
  const taken = intake(context(), heard);
  if (taken.kind === 'run') taken.run(new Uint8Array(0), () => {});
  expectsContinue(heard, { kind: 'none' });
  requestLine(heard, false);
  const known: readonly string[] = [...signatureNames, ...weightless];
  expect([...names].filter((name) => !known.includes(name))).toEqual([]);
});

class WallClock extends ManualClock implements Clock {
  wall = Date.UTC(2026, 11, 31, 23, 59, 0);

  override wallMs(): number {
    return this.wall;
  }
}

function open() {
  const clock = new WallClock();
  const files = new Files();
  const cache = new PageCache(1_000_000, files.watch);
  const state = { size: 3, modifiedMs: CHANGED_MS };
  const fill = cache.beginFill(keyOf('a'), clock.wall);
  cache.endFill(fill, { state, bytes: latin1Bytes('abc'), file: files.mark('a') });
  const page = cache.take(keyOf('a'));
  if (page === undefined) throw new Error('the page was not kept');
  const date = new DateStamp(clock);
  date.refresh();
  const head = latin1Bytes(`HTTP/1.1 200 OK\r\nDate: ${date.text}\r\nX: y\r\n\r\n`);
  const replies = new ReadyReplies();
  const reply = replies.of(page, 200, head, page.bytes, date);
  if (reply === undefined) throw new Error('no reply was made');
  const plan = new Plan(page, reply, 200, 3, date);
  let run = 0;
  const isReady = (): boolean => {
    run += 1;
    date.refresh();
    return plan.isReady(run, date);
  };
  return { clock, files, cache, page, date, head, replies, reply, plan, isReady };
}

describe('a plan', () => {
  test('is dated anew in each second, head and content in one piece', () => {
    const { clock, reply, isReady } = open();
    expect(isReady()).toBe(true);
    const text = (): string => latin1Text(reply.bytes);
    expect(text()).toContain('Date: Thu, 31 Dec 2026 23:59:00 GMT\r\nX: y\r\n\r\nabc');
    clock.wall += 1_500;
    expect(isReady()).toBe(true);
    expect(text()).toContain('Date: Thu, 31 Dec 2026 23:59:01 GMT\r\nX: y\r\n\r\nabc');
  });

  test('does not hold when the clock went back, nor in another year', () => {
    const back = open();
    back.clock.wall -= 1_000;
    expect(back.isReady()).toBe(false);
    const year = open();
    year.clock.wall += 59_000;
    expect(year.isReady()).toBe(true);
    year.clock.wall += 1_000;
    expect(year.isReady()).toBe(false);
  });

  test('looks at the file once a run', () => {
    const { files, plan, date } = open();
    files.looks = 0;
    expect([plan.isReady(1, date), plan.isReady(1, date), plan.isReady(2, date)]).toEqual([
      true,
      true,
      true,
    ]);
    expect(files.looks).toBe(2);
    files.change('a');
    expect(plan.isReady(3, date)).toBe(false);
  });
});

describe('the replies of a page', () => {
  test('hold no bytes once it left the cache, nor does the page, whoever remembers them', () => {
    const { cache, page, reply, plan, date } = open();
    expect(plan.isReady(1, date)).toBe(true);
    cache.forget(keyOf('a'));
    expect([page.bytes.length, reply.bytes.length]).toEqual([0, 0]);
    expect(plan.isReady(1, date)).toBe(false);
  });

  test('one of the same head serves all, and the page lies in it', () => {
    const { page, head, replies, reply, date } = open();
    expect(page.bytes.buffer).toBe(reply.bytes.buffer);
    expect(latin1Text(page.bytes)).toBe('abc');
    expect(replies.of(page, 200, head, page.bytes, date)).toBe(reply);
    const other = latin1Bytes(latin1Text(head).replace('X: y', 'X: z'));
    const second = replies.of(page, 200, other, page.bytes, date);
    expect(second).not.toBe(reply);
    expect(second === undefined ? '' : latin1Text(second.bytes)).toEndWith('X: z\r\n\r\nabc');
    expect(replies.of(page, 200, head, page.bytes.subarray(0, 1), date)).not.toBe(reply);
  });

  test('are no more than sixteen, and none of a page that is gone', () => {
    const { cache, page, head, replies, date } = open();
    const of = (n: number) => {
      const text = latin1Text(head).replace('X: y', `X: ${n}`);
      return replies.of(page, 200, latin1Bytes(text), page.bytes, date);
    };
    const made = Array.from({ length: 20 }, (_, n) => of(n)).filter((reply) => reply !== undefined);
    expect(made.length).toBe(15);
    cache.forget(keyOf('a'));
    expect(cache.bytes).toBe(0);
  });

  test('what is left of one that was half sent has a head of its own', () => {
    const { reply } = open();
    for (let taken = 0; taken < reply.bytes.length; taken += 1) {
      const rest = restOfReply(reply.bytes, reply.headBytes, taken);
      const want = latin1Text(reply.bytes).slice(taken);
      expect(rest.map((piece) => latin1Text(piece)).join('')).toBe(want);
      const shared = rest.filter((piece) => piece.buffer === reply.bytes.buffer);
      for (const piece of shared) expect(piece.byteOffset >= reply.headBytes).toBe(true);
    }
  });
});
