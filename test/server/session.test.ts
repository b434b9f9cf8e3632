/** A session over a wire that takes what the test lets it take, and never tells of room. */

import { expect, test } from 'bun:test';
import type { Intake } from '../../src/app/app.ts';
import type { ResponseContent } from '../../src/app/response.ts';
import { concatBytes, latin1Bytes } from '../../src/base/bytes.ts';
import { defaultServerLimits, type ServerLimits } from '../../src/config/limits.ts';
import { defaultHeadLimits } from '../../src/http/limits.ts';
import { createAccessLog } from '../../src/observe/access-log.ts';
import { LineWriter } from '../../src/observe/line-writer.ts';
import { ContentBudget } from '../../src/server/content-budget.ts';
import type { InstantReader } from '../../src/server/instant-reader.ts';
import { JointSends } from '../../src/server/joint-sends.ts';
import { LoopTurn } from '../../src/server/loop-turn.ts';
import { Plans } from '../../src/server/plans.ts';
import { DateStamp } from '../../src/server/reply.ts';
import { Session } from '../../src/server/session.ts';
import { StreamTurns } from '../../src/server/stream-turns.ts';
import { Underway } from '../../src/server/underway.ts';
import { ManualClock } from '../support/manual-clock.ts';

class TestWire {
  /** Bytes that a write may take. */
  room = 0;
  sent = 0;
  /** Writes, from now on, that take nothing whatever the room. */
  refusals = 0;
  ended: string | undefined;

  write(bytes: Uint8Array): number {
    if (this.refusals > 0) {
      this.refusals -= 1;
      return 0;
    }
    const taken = Math.min(this.room, bytes.length);
    this.room -= taken;
    this.sent += taken;
    return taken;
  }
  pause(): void {}
  resume(): void {}
  shutdown(): void {}
  terminate(): void {
    this.ended = 'reset';
  }
}

/** A session whose requests are all answered with `bytes` of content. */
function start(bytes: number, limits: Partial<ServerLimits> = {}) {
  return startWith({ kind: 'bytes', bytes: new Uint8Array(bytes) }, limits);
}

/** A session whose requests are all answered with this content. */
function startWith(
  content: ResponseContent,
  limits: Partial<ServerLimits> = {},
  reader?: InstantReader,
) {
  const clock = new ManualClock();
  const wire = new TestWire();
  let runs = 0;
  const intake = (): Intake => {
    return {
      kind: 'run',
      safe: true,
      takesContent: false,
      run: (_, respond) => {
        runs += 1;
        respond({ status: 200, fields: [], content, log: {} });
      },
      fields: [],
    };
  };
  const turn = new LoopTurn(clock);
  const session = new Session(
    Object.assign(wire, {
      end: () => {
        wire.ended = 'closed';
      },
    }),
    {
      clock,
      limits: { ...defaultServerLimits, ...limits },
      headLimits: defaultHeadLimits,
      log: createAccessLog('off', new LineWriter((b, done) => done(b.length)), clock),
      budget: new ContentBudget(1),
      underway: new Underway(),
      date: new DateStamp(clock),
      turns: new StreamTurns(),
      reader,
      turn,
      sends: new JointSends(turn),
      plans: new Plans(new DateStamp(clock), defaultHeadLimits),
      fields: [],
      intake,
    },
    '127.0.0.1:1',
  );
  return { clock, wire, session, answered: () => runs };
}

const GET = latin1Bytes('GET / HTTP/1.1\r\nHost: h\r\n\r\n');

test('a client that takes a little at a time is not late, though the kernel never tells', () => {
  const { clock, wire, session } = start(5_000_000);
  session.receive(GET);
  // 10 KB/s for two minutes: ten times the least rate, in steps that raise no event.
  for (let second = 0; second < 120; second += 1) {
    wire.room += 10_000;
    clock.advance(1_000);
    session.check();
    expect(wire.ended).toBeUndefined();
  }
  expect(wire.sent).toBe(1_200_000);
  clock.advance(defaultServerLimits.writeStallTimeoutMs);
  session.check();
  expect(wire.ended).toBe('reset');
});

test('so it is with content that is read as it is sent', async () => {
  let closes = 0;
  const handle = {
    file: { descriptor: 1, size: 5_000_000, modifiedNs: '0' },
    fetch: () => {},
    close: () => {
      closes += 1;
    },
  };
  const content: ResponseContent = {
    kind: 'stream',
    bytes: 5_000_000,
    pieces: [{ kind: 'file', start: 0, end: 5_000_000 }],
    open: () => handle,
  };
  const reader: InstantReader = {
    bytes: new Uint8Array(100_000),
    readNow: (_, __, bytes) => Math.min(bytes, 100_000),
  };
  const { clock, wire, session } = startWith(content, {}, reader);
  wire.room = 1_000;
  session.receive(GET);
  expect(wire.sent).toBe(1_000);
  for (let second = 0; second < 120; second += 1) {
    wire.room += 10_000;
    clock.advance(1_000);
    session.check();
    // A new turn, in which parts may be sent.
    await new Promise((resolve) => setImmediate(resolve));
    expect(wire.ended).toBeUndefined();
  }
  expect(wire.sent).toBe(1_201_000);
  clock.advance(defaultServerLimits.writeStallTimeoutMs);
  session.check();
  expect([wire.ended, closes]).toEqual(['reset', 1]);
});

test('requests that waited for room are answered though the peer has sent its FIN', () => {
  const { wire, session, answered } = start(100, { outboxBytesMax: 1 });
  for (let n = 0; n < 3; n += 1) session.receive(GET.slice());
  session.receiveEnd();
  expect(answered()).toBe(1);
  wire.room = 1_000_000;
  // Room comes only with the last write of the turn, when reading has been given up already.
  wire.refusals = 1;
  session.drain();
  expect(answered()).toBe(3);
  expect(wire.ended).toBe('closed');
});

test('nothing is made for a client that takes nothing, beyond what it may be owed', () => {
  const bytes = 300_000;
  const { wire, session, answered } = start(bytes);
  session.receive(concatBytes(Array.from({ length: 32 }, () => GET)));
  expect(answered() * bytes).toBeLessThanOrEqual(defaultServerLimits.outboxBytesMax + bytes);
  wire.room = Number.POSITIVE_INFINITY;
  session.drain();
  expect(answered()).toBe(32);
});
