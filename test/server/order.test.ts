/** Pipelined requests: answered in order, and each sees exactly the writes before it. */

import { describe, expect, test } from 'bun:test';
import { Seeded, seedOfRun } from '../store/seeded.ts';
import { RawClient, type RawResponse, request } from '../support/raw-client.ts';
import { SAMPLE } from '../support/root.ts';
import { startTestServer, until } from '../support/server.ts';

/** What a request must be answered with. */
interface Want {
  readonly raw: string;
  readonly method: string;
  readonly status: number;
  readonly body: string | undefined;
}

/** The pages as they must be after the requests so far. */
class Model {
  readonly #pages = new Map<string, string>();

  constructor(names: readonly string[]) {
    for (const name of names) this.#pages.set(name, SAMPLE);
  }

  next(random: Seeded, n: number): Want {
    const name = random.pick([...names, ...names, 'missing.html']);
    const page = this.#pages.get(name);
    const missing = page === undefined;
    switch (random.below(8)) {
      case 0:
      case 1:
      case 2: {
        const content = `item ${n}`;
        if (missing) return want('PUT', name, 404, undefined, content);
        const edited = page.replace('<body>\n', `<body>\n    <h2> ${content} </h2>\n`);
        this.#pages.set(name, edited);
        return want('PUT', name, 200, edited, content);
      }
      case 3:
        return { ...want('HEAD', name, missing ? 400 : 200, undefined), method: 'HEAD' };
      case 4:
        if (random.below(4) > 0) return want('GET', name, missing ? 404 : 200, page);
        this.#pages.set(name, SAMPLE);
        return want('POST', name, 201, SAMPLE, SAMPLE);
      case 5:
        if (random.below(4) > 0) return want('BREW', name, 501, undefined, 'x');
        this.#pages.delete(name);
        return want('DELETE', name, missing ? 404 : 204, undefined);
      default:
        return want('GET', name, missing ? 404 : 200, page);
    }
  }
}

const names = ['a.html', 'b.html', 'c.html'];

function want(
  method: string,
  name: string,
  status: number,
  body: string | undefined,
  content?: string,
): Want {
  const options = content === undefined ? {} : { content };
  return { raw: request(method, `/${name}`, options), method, status, body };
}

function check(response: RawResponse, wanted: Want, said: string): void {
  const { status, body } = wanted;
  expect(response.status, said).toBe(status);
  if (body !== undefined) expect(response.body, said).toBe(body);
}

const files = Object.fromEntries(names.map((name) => [name, SAMPLE]));

describe('random sequences in one write', () => {
  const seed = seedOfRun();
  for (let round = 0; round < 5; round += 1) {
    test(`INKWIRE_SEED=${seed}, round ${round}`, async () => {
      await using server = await startTestServer({ files });
      const random = new Seeded(seed + round);
      const model = new Model(names);
      const wanted = Array.from({ length: 300 }, (_, n) => model.next(random, n));
      await using client = await RawClient.open(server.port);
      client.send(wanted.map(({ raw }) => raw).join(''));
      for (const [n, one] of wanted.entries()) {
        check(await client.next(one.method), one, `request ${n} of seed ${seed + round}`);
      }
      expect(client.received).toBe('');
    });
  }
});

test('writes of one connection alternate with reads of the same page', async () => {
  await using server = await startTestServer();
  await using client = await RawClient.open(server.port);
  const rounds = 30;
  let raw = '';
  for (let n = 0; n < rounds; n += 1) {
    raw += request('GET', '/test.html');
    raw += request('PUT', '/test.html', { content: String(n) });
    raw += request('HEAD', '/test.html') + request('GET', '/test.html');
  }
  client.send(raw);
  let page = SAMPLE;
  for (let n = 0; n < rounds; n += 1) {
    expect((await client.next()).body).toBe(page);
    page = page.replace('<body>\n', `<body>\n    <h2> ${n} </h2>\n`);
    expect((await client.next()).body).toBe(page);
    expect((await client.next('HEAD')).fields.get('content-length')).toBe(String(page.length));
    expect((await client.next()).body).toBe(page);
  }
});

for (const pipelinedRequestsMax of [1, 2, 32]) {
  test(`100 requests, at most ${pipelinedRequestsMax} of them taken at once`, async () => {
    await using server = await startTestServer({
      limits: { pipelinedRequestsMax },
      files: Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`${n}.txt`, `page ${n}`])),
    });
    await using client = await RawClient.open(server.port);
    client.send(Array.from({ length: 100 }, (_, n) => request('GET', `/${n}.txt`)).join(''));
    for (let n = 0; n < 100; n += 1) expect((await client.next()).body).toBe(`page ${n}`);
    expect((await client.ask(request('GET', '/0.txt'))).body).toBe('page 0');
  });
}

test('answers that outgrow the outbox wait for a slow reader', async () => {
  const bytes = 200_000;
  const count = 150;
  await using server = await startTestServer({
    limits: { outboxBytesMax: 300_000 },
    files: Object.fromEntries(
      Array.from({ length: count }, (_, n) => [`${n}.txt`, String(n % 10).repeat(bytes)]),
    ),
  });
  await using client = await RawClient.open(server.port);
  client.pause();
  const answered = (): number => server.log.filter((line) => line.includes('→ 200')).length;
  client.send(Array.from({ length: count }, (_, n) => request('GET', `/${n}.txt`)).join(''));
  await until('the first answers', () => answered() > 0);
  await settled(answered);
  expect(answered(), 'the rest is not even read').toBeLessThan(count);
  client.resume();
  for (let n = 0; n < count; n += 1) {
    expect((await client.next()).body === String(n % 10).repeat(bytes), `page ${n}`).toBe(true);
    if (n % 10 !== 0) continue;
    client.pause();
    await settled(() => client.received.length);
    client.resume();
  }
  expect(client.received).toBe('');
});

test('large content of pipelined writes is held back, and all of it arrives', async () => {
  await using server = await startTestServer({ limits: { heldContentBytesMax: 600_000 } });
  await using client = await RawClient.open(server.port);
  const contents = Array.from({ length: 12 }, (_, n) => String(n % 10).repeat(500_000 + n));
  client.send(contents.map((content) => request('POST', '/new.txt', { content })).join(''));
  client.send(request('GET', '/new.txt'));
  for (const content of contents) {
    expect((await client.next('POST')).body === content).toBe(true);
  }
  const last = contents.at(-1) ?? '';
  expect(Number((await client.next()).fields.get('content-length'))).toBe(last.length);
});

/** Resolves once `value()` has stayed the same for some turns of the event loop. */
async function settled(value: () => number): Promise<void> {
  let last = value();
  let same = 0;
  await until('no more change', () => {
    same = value() === last ? same + 1 : 0;
    last = value();
    return same >= 10;
  });
}
