/**
 * Requests of one turn of the event loop rest on one look at their page's file, as far as they had
 * all begun to arrive before it. Sessions here are given what they read by hand, so that a page can
 * change between two of them.
 */

import { describe, expect, test } from 'bun:test';
import type { Intake } from '../../src/app/app.ts';
import { latin1Bytes, latin1Text } from '../../src/base/bytes.ts';
import { defaultServerLimits } from '../../src/config/limits.ts';
import { PageCache } from '../../src/dispatch/cache/page-cache.ts';
import { defaultHeadLimits } from '../../src/http/limits.ts';
import { createAccessLog } from '../../src/observe/access-log.ts';
import { LineWriter } from '../../src/observe/line-writer.ts';
import { ContentBudget } from '../../src/server/content-budget.ts';
import { JointSends } from '../../src/server/joint-sends.ts';
import { LoopTurn } from '../../src/server/loop-turn.ts';
import { Plans } from '../../src/server/plans.ts';
import { DateStamp } from '../../src/server/reply.ts';
import { Session } from '../../src/server/session.ts';
import type { SessionContext } from '../../src/server/session-context.ts';
import { StreamTurns } from '../../src/server/stream-turns.ts';
import { Underway } from '../../src/server/underway.ts';
import { CHANGED_MS, Files, keyOf } from '../dispatch/cache/pages.ts';
import { ManualClock } from '../support/manual-clock.ts';

const GET = latin1Bytes('GET /a HTTP/1.1\r\nHost: h\r\n\r\n');
const TWICE = latin1Bytes(latin1Text(GET).repeat(2));

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A server of one page, which lies in the cache; its content says how often it was changed. */
class OnePage {
  readonly files = new Files();
  #changes = 0;
  readonly #cache = new PageCache(1_000_000, this.files.watch);
  readonly #clock = new ManualClock();
  readonly #context: SessionContext;

  constructor() {
    const clock = this.#clock;
    const date = new DateStamp(clock);
    const turn = new LoopTurn(clock);
    this.#context = {
      clock,
      limits: defaultServerLimits,
      headLimits: defaultHeadLimits,
      log: createAccessLog('off', new LineWriter((b, done) => done(b.length)), clock),
      budget: new ContentBudget(1),
      underway: new Underway(),
      date,
      turn,
      turns: new StreamTurns(),
      sends: new JointSends(turn),
      plans: new Plans(date, defaultHeadLimits),
      fields: [],
      intake: () => this.#intake(),
    };
  }

  /** Another program saves the page. */
  change(): void {
    this.#changes += 1;
    this.files.change('a');
  }

  connect(): Connection {
    return new Connection(this.#context);
  }

  /** Connections that have asked before, at the beginning of a turn. */
  async connected(count: number): Promise<Connection[]> {
    const connections = Array.from({ length: count }, () => this.connect());
    for (let round = 0; round < 3; round += 1) {
      await nextTurn();
      for (const connection of connections) connection.session.receive(GET);
    }
    await nextTurn();
    for (const connection of connections) connection.takeContents();
    this.files.looks = 0;
    return connections;
  }

  #intake(): Intake {
    return {
      kind: 'run',
      safe: true,
      takesContent: false,
      run: (_, respond) => {
        const bytes = latin1Bytes(`v${this.#changes}`);
        const state = { size: bytes.length, modifiedMs: CHANGED_MS };
        const fill = this.#cache.beginFill(keyOf('a'), CHANGED_MS + 60_000);
        this.#cache.endFill(fill, { state, bytes, file: this.files.mark('a') });
        const page = this.#cache.take(keyOf('a'));
        respond({ status: 200, fields: [], content: { kind: 'bytes', bytes }, log: {}, page });
      },
      fields: [],
    };
  }
}

/** A connection, and what was sent on it. */
class Connection {
  readonly session: Session;
  #sent = '';

  constructor(context: SessionContext) {
    const wire = {
      write: (bytes: Uint8Array): number => {
        this.#sent += latin1Text(bytes);
        return bytes.length;
      },
      pause: () => {},
      resume: () => {},
      shutdown: () => {},
      end: () => {},
      terminate: () => {},
    };
    this.session = new Session(wire, context, '127.0.0.1:1');
  }

  takeContents(): string[] {
    const contents = [...this.#sent.matchAll(/\r\n\r\n(v\d+)/g)].map(
      ([, content]) => content ?? '',
    );
    this.#sent = '';
    return contents;
  }
}

describe('in one turn', () => {
  test('the file is looked at once for the first reads of all connections', async () => {
    const page = new OnePage();
    const connections = await page.connected(5);
    for (const { session } of connections) session.receive(GET);
    expect(page.files.looks).toBe(1);
    await nextTurn();
    expect(connections.map((one) => one.takeContents())).toEqual(Array(5).fill(['v0']));
  });

  test('it is looked at again for what came second on a connection', async () => {
    const page = new OnePage();
    const [first, second] = await page.connected(2);
    first?.session.receive(GET);
    page.change();
    first?.session.receive(GET);
    // That was there before the change, or might have been.
    second?.session.receive(GET);
    await nextTurn();
    expect(first?.takeContents()).toEqual(['v0', 'v1']);
    expect(second?.takeContents()).toEqual(['v1']);
  });

  test('it is looked at again for a second request of one read', async () => {
    const page = new OnePage();
    const [first, second] = await page.connected(2);
    first?.session.receive(GET);
    page.change();
    second?.session.receive(TWICE);
    await nextTurn();
    expect(first?.takeContents()).toEqual(['v0']);
    expect(second?.takeContents().at(-1)).toBe('v1');
  });

  test('it is looked at again for a connection that was taken in it', async () => {
    const page = new OnePage();
    const [first] = await page.connected(1);
    first?.session.receive(GET);
    page.change();
    const fresh = page.connect();
    fresh.session.receive(GET);
    await nextTurn();
    expect(fresh.takeContents()).toEqual(['v1']);
  });
});

test('in the next turn it is looked at again for everyone', async () => {
  const page = new OnePage();
  const connections = await page.connected(3);
  for (let change = 1; change <= 3; change += 1) {
    for (const { session } of connections) session.receive(GET);
    page.change();
    await nextTurn();
    for (const one of connections) expect(one.takeContents()).toEqual([`v${change - 1}`]);
  }
});

test('what is to be done at the end of a turn is done before the next, in order', async () => {
  const turn = new LoopTurn(new ManualClock());
  const done: string[] = [];
  const { number } = turn;
  turn.atEnd(() => done.push(`first in ${turn.number - number}`));
  turn.atEnd(() => done.push('second'));
  expect([turn.number, ...done]).toEqual([number]);
  await nextTurn();
  expect(done).toEqual(['first in 1', 'second']);
});
