/** The server from outside: one table of exchanges, run in four ways. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { RawClient, request } from '../support/raw-client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { checkFiles, checkResponse, inPlace, methodOf, type Place } from './exchanges/check.ts';
import { fragments } from './exchanges/fragments.ts';
import { framing } from './exchanges/framing.ts';
import { reads } from './exchanges/reads.ts';
import { type Row, rootFiles, seedFiles } from './exchanges/row.ts';
import { classic, standard } from './exchanges/semantics.ts';
import { writes, writesOf } from './exchanges/writes.ts';

const both = [...reads, ...writes, ...framing, ...fragments('PATCH')];

const tables = {
  classic: [...both, ...writesOf('classic'), ...classic, ...fragments('PUT')],
  standard: [...both, ...writesOf('standard'), ...standard],
} as const;

/** Bytes of a request that is sent one by one. */
const DRIBBLED_BYTES_MAX = 2_000;

for (const semantics of ['classic', 'standard'] as const) {
  describe(semantics, () => {
    const rows: readonly Row[] = tables[semantics];
    let server: TestServer;
    let tag = '';

    beforeAll(async () => {
      server = await startTestServer({ config: { semantics }, files: rootFiles });
      const place = plant('first', 0);
      await using client = await RawClient.open(server.port);
      const page = await client.ask(request('GET', `/${place.folder}/page.html`));
      tag = (page.fields.get('etag') ?? '').replaceAll('"', '');
      expect(tag).toMatch(/^[!-~]{16,}$/);
    });

    afterAll(async () => {
      await server[Symbol.asyncDispose]();
    });

    /** Gives a row its folder. All pages have the same content, and so the same tag. */
    function plant(mode: string, index: number): Place {
      const folder = `${mode}-${index}`;
      for (const [name, content] of Object.entries(seedFiles)) {
        server.root.write(`${folder}/${name}`, content);
      }
      return { folder, etag: tag };
    }

    /** The connection does what the row says: goes on with the next request, or ends. */
    async function checkAfter(row: Row, client: RawClient): Promise<void> {
      if (row.closes === true) expect(await client.end()).toBe('');
      else expect((await client.ask(request('GET', '/probe.txt'))).body).toBe('probe\n');
    }

    describe('on a connection of its own', () => {
      for (const [index, row] of rows.entries()) {
        test(row.name, async () => {
          const place = plant('fresh', index);
          await using client = await RawClient.open(server.port);
          client.send(inPlace(row.raw, place));
          checkResponse(row, await client.next(methodOf(row.raw)), place);
          await checkAfter(row, client);
          checkFiles(row, server.root, place);
        });
      }
    });

    test('all on one connection, one after another', async () => {
      let client = await RawClient.open(server.port);
      for (const [index, row] of rows.entries()) {
        const place = plant('kept', index);
        client.send(inPlace(row.raw, place));
        checkResponse(row, await client.next(methodOf(row.raw)), place);
        checkFiles(row, server.root, place);
        if (row.closes !== true) continue;
        expect(await client.end()).toBe('');
        await client[Symbol.asyncDispose]();
        client = await RawClient.open(server.port);
      }
      await client[Symbol.asyncDispose]();
    });

    test('all in one write', async () => {
      const going = rows.filter(({ closes }) => closes !== true);
      const places = going.map((_, index) => plant('piped', index));
      await using client = await RawClient.open(server.port);
      client.send(going.map(({ raw }, i) => inPlace(raw, at(places, i))).join(''));
      for (const [i, row] of going.entries()) {
        checkResponse(row, await client.next(methodOf(row.raw)), at(places, i));
      }
      for (const [i, row] of going.entries()) checkFiles(row, server.root, at(places, i));
      expect(client.received).toBe('');
    });

    test('each that closes, behind another request and before one that is never read', async () => {
      for (const [index, row] of rows.entries()) {
        if (row.closes !== true) continue;
        const place = plant('closing', index);
        const after = request('POST', '/~/after.html', { content: 'never' });
        await using client = await RawClient.open(server.port);
        client.send(inPlace(`${request('GET', '/probe.txt')}${row.raw}${after}`, place));
        expect((await client.next()).body).toBe('probe\n');
        checkResponse(row, await client.next(methodOf(row.raw)), place);
        expect(await client.end()).toBe('');
        checkFiles(row, server.root, place);
      }
    });

    test('each byte by byte', async () => {
      const small = rows.filter(({ raw }) => raw.length <= DRIBBLED_BYTES_MAX);
      const one = async (row: Row, index: number): Promise<void> => {
        const place = plant('dribbled', index);
        await using client = await RawClient.open(server.port);
        await client.dribble(inPlace(row.raw, place));
        checkResponse(row, await client.next(methodOf(row.raw)), place);
        await checkAfter(row, client);
        checkFiles(row, server.root, place);
      };
      await Promise.all(small.map(one));
    });
  });
}

test('without the start page, / is missing', async () => {
  await using server = await startTestServer({ config: { startPage: false }, files: {} });
  await using client = await RawClient.open(server.port);
  expect((await client.ask(request('GET', '/'))).status).toBe(404);
  expect((await client.ask(request('HEAD', '/'))).status).toBe(400);
});

test('with an index page, / is that page', async () => {
  await using server = await startTestServer({ files: { 'index.html': 'home' } });
  await using client = await RawClient.open(server.port);
  const home = await client.ask(request('GET', '/'));
  expect(home.body).toBe('home');
  expect(home.fields.get('content-location')).toBe('/index.html');
});

function at(places: readonly Place[], index: number): Place {
  const place = places[index];
  if (place === undefined) throw new Error(`no place ${index}`);
  return place;
}
