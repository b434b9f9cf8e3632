/**
 * Inserts through a network that cuts connections in random moments, into a server that is killed
 * and started again: a client that repeats what had no answer, under the same key, does each once.
 */

import { beforeAll, beforeEach, describe, expect, test } from 'bun:test';
import { ServerProcess } from '../../bench/torture/server-process.ts';
import { FolderSite, makePages } from '../../bench/torture/site.ts';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { Client, Endpoint } from '../../src/client/exchange.ts';
import { createClient } from '../../src/client/http-client.ts';
import { Repeater } from '../../src/client/repeater.ts';
import { idempotencyKeyField, isReplayed, keyField } from '../../src/client/repetition.ts';
import type { FieldLine, RequestMessage } from '../../src/http/message.ts';
import { startLoad } from '../../src/load/start-load.ts';
import { Seeded, seedOfRun } from '../store/seeded.ts';
import { CuttingProxy, cuts } from '../support/cutting-proxy.ts';

const inserts = 200;
const connections = 8;
const kills = 2;
/** One of so many requests meets a cut. */
const cutOneOf = 5;

/** Waits between tries are a tenth as long: a server is back sooner than people need. */
const hurried: Clock = {
  ...systemClock,
  after: (delayMs, task) => systemClock.after(delayMs < 5_000 ? delayMs / 10 : delayMs, task),
};

/** A server in a folder of its own, behind a proxy that cuts. */
class Scene implements AsyncDisposable {
  readonly #site = new FolderSite();
  readonly target: string;
  readonly #choice: Seeded;
  #server: ServerProcess | undefined;
  #proxy: CuttingProxy | undefined;
  #restarting: Promise<void> = Promise.resolve();
  answered = 0;
  killed = 0;

  constructor(choice: Seeded) {
    this.#choice = choice;
    [this.target = '/'] = makePages(this.#site, 1);
  }

  async start(): Promise<void> {
    this.#server = await ServerProcess.start({ root: this.#site.root });
    this.#proxy = new CuttingProxy(this.#server.port, this.#choice, cutOneOf);
  }

  get proxy(): CuttingProxy {
    if (this.#proxy === undefined) throw new Error('it was not started');
    return this.#proxy;
  }

  get endpoint(): Endpoint {
    const { port } = this.proxy;
    return { host: '127.0.0.1', port, authority: `127.0.0.1:${port}` };
  }

  /** Tells of one more answer; now and then the server dies of it. */
  hear(): void {
    this.answered += 1;
    if (this.killed < kills && this.answered > ((this.killed + 1) * inserts) / (kills + 1)) {
      this.killed += 1;
      this.#restarting = this.#restart();
    }
  }

  async #restart(): Promise<void> {
    const { port } = this.proxy;
    const serverPort = this.#server?.port ?? port;
    await this.#server?.[Symbol.asyncDispose]();
    this.#server = await ServerProcess.start({ root: this.#site.root, port: serverPort });
  }

  /** How often each text stands in the page now: a count for each number of times. */
  async standing(texts: readonly string[]): Promise<Map<number, number>> {
    await this.#restarting;
    const response = await fetch(`http://127.0.0.1:${this.#server?.port}${this.target}`);
    const page = await response.text();
    const counts = new Map<number, number>();
    for (const text of texts) {
      const times = page.split(` ${text} `).length - 1;
      counts.set(times, (counts.get(times) ?? 0) + 1);
    }
    return counts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#proxy?.[Symbol.dispose]();
    await this.#restarting;
    await this.#server?.[Symbol.asyncDispose]();
    await this.#site[Symbol.asyncDispose]();
  }
}

let scene: Scene;

const seed = seedOfRun();
beforeAll(() => console.log(`INKWIRE_SEED=${seed}`));

beforeEach(async () => {
  scene = new Scene(new Seeded(seed));
  await scene.start();
});

/** The client as it is, or one whose keys do not reach the wire. */
function clientOf(keys: boolean): Client {
  const client = createClient(scene.endpoint, { clock: hurried, timeoutMs: 10_000 });
  if (keys) return client;
  const hasNoKey = ([name]: FieldLine): boolean => name !== idempotencyKeyField;
  return {
    endpoint: client.endpoint,
    exchange: (request) => client.exchange({ ...request, fields: request.fields.filter(hasNoKey) }),
    cancel: () => client.cancel(),
    close: () => client.close(),
  };
}

function insertOf(text: string): RequestMessage {
  const fields: FieldLine[] = [
    ['Host', scene.endpoint.authority],
    ['Content-Type', 'text/plain'],
    keyField(systemRandom.uuid()),
  ];
  const content = new TextEncoder().encode(text);
  return { method: 'PUT', target: scene.target, fields, content };
}

/** Sends all inserts, each until it is answered; what they came to. */
async function insertAll(texts: readonly string[], keys: boolean) {
  const waiting = [...texts];
  const statuses = new Set<number | string>();
  let repetitions = 0;
  let replayed = 0;
  const work = async (): Promise<void> => {
    const client = clientOf(keys);
    const repeater = new Repeater(client, hurried);
    for (let text = waiting.shift(); text !== undefined; text = waiting.shift()) {
      const sent = await repeater.exchange(insertOf(text), { repetitionsMax: 100 });
      const { result } = sent;
      statuses.add(result.kind === 'completed' ? result.head.status : result.message);
      repetitions += sent.repetitions;
      if (result.kind === 'completed' && isReplayed(result.head.fields)) replayed += 1;
      scene.hear();
    }
    client.close();
  };
  await Promise.all(Array.from({ length: connections }, work));
  return { statuses: [...statuses], repetitions, replayed };
}

const texts = Array.from({ length: inserts }, (_, at) => `insert-${at}`);

describe('the client library', () => {
  test('with keys: each insert stands once', async () => {
    await using _ = scene;
    const { statuses, repetitions, replayed } = await insertAll(texts, true);
    expect(statuses).toEqual([200]);
    expect(await scene.standing(texts)).toEqual(new Map([[1, inserts]]));
    // All that was to be survived did come.
    expect(scene.killed).toBe(kills);
    for (const cut of cuts) expect(scene.proxy.made[cut]).toBeGreaterThan(0);
    expect(repetitions).toBeGreaterThan(inserts / (2 * cutOneOf));
    expect(replayed).toBeGreaterThan(0);
  }, 60_000);

  test('without keys some stand twice', async () => {
    await using _ = scene;
    const { statuses, replayed } = await insertAll(texts, false);
    expect(statuses).toEqual([200]);
    const standing = await scene.standing(texts);
    expect(standing.get(0)).toBeUndefined();
    expect(inserts - (standing.get(1) ?? 0)).toBeGreaterThan(0);
    expect(replayed).toBe(0);
  }, 60_000);
});

describe('a load, with four under way on each connection', () => {
  test('with keys: each insert stands once', async () => {
    await using _ = scene;
    const { method, target, fields } = insertOf('');
    const named = fields.filter(([name]) => name !== idempotencyKeyField);
    const template = {
      ...{ method, target, weight: 1, retry: 100 },
      fields: [...named, keyField('load-{{n}}')],
      content: { kind: 'text', text: 'insert-{{n}}' },
    } as const;
    const run = startLoad(
      {
        endpoint: scene.endpoint,
        requests: [template],
        extent: { kind: 'count', count: inserts },
        ...{ connections, rampMs: 0, pipeline: 4, warmupMs: 0, keepAlive: true },
        ...{ timeoutMs: 10_000, threads: 1 },
      },
      hurried,
      systemRandom,
    );
    const watch = hurried.every(5, () => {
      while (scene.answered < run.progress().done) scene.hear();
    });
    const report = await run.report;
    watch.cancel();
    expect([...report.byStatus]).toEqual([[200, inserts]]);
    const numbered = texts.map((_text, at) => `insert-${at + 1}`);
    expect(await scene.standing(numbered)).toEqual(new Map([[1, inserts]]));
    expect(report.retried).toBeGreaterThan(0);
    expect(report.replayed).toBeGreaterThan(0);
  }, 60_000);
});
