/** Another program saves a page while clients insert into it. */

import { expect, test } from 'bun:test';
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE } from '../support/root.ts';
import { startTestServer } from '../support/server.ts';

const saver = new URL('./faults/saver.ts', import.meta.url).pathname;
const saves = 20_000;

const put = (content: string): string => request('PUT', '/page.html', { content });

/** Which save a page is built on, and the inserts in it. */
function read(page: string): { readonly save: string; readonly marks: readonly string[] } {
  const found = [...page.matchAll(/save (\d+)/g)].map(([, save]) => save ?? '');
  expect(found.length).toBeLessThanOrEqual(1);
  const marks = [...page.matchAll(/<h2> (\S+) <\/h2>/g)].map(([, mark]) => mark ?? '');
  return { save: found[0] ?? 'none', marks };
}

test('no insert is lost that came after the last save, and no save; the rest is 503', async () => {
  await using server = await startTestServer({ files: { 'page.html': SAMPLE } });
  const other = Bun.spawn([process.execPath, saver, server.root.path, 'page.html', `${saves}`]);
  let isSaving = true;
  const ended = other.exited.then((status) => {
    isSaving = false;
    return status;
  });
  const onLast: string[] = [];
  const statuses = new Set<number>();
  const write = async (client: number): Promise<void> => {
    await using connection = await RawClient.open(server.port);
    // A few more when all is saved, so that there is an insert which no save may have destroyed.
    for (let index = 0, rest = 5; rest > 0; index += 1) {
      if (!isSaving) rest -= 1;
      const mark = `c${client}n${index}`;
      const answer = await connection.ask(put(mark));
      statuses.add(answer.status);
      if (answer.status === 503) {
        expect(answer.body).toContain('Another program keeps changing the page');
        expect(answer.fields.get('retry-after')).toBe('1');
        continue;
      }
      expect(answer.status).toBe(200);
      const { save, marks } = read(answer.body);
      expect(marks[0]).toBe(mark);
      if (save === String(saves)) onLast.push(mark);
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, client) => write(client)));
  expect(await ended).toBe(0);

  const { save, marks } = read(server.root.read('page.html') ?? '');
  expect(save).toBe(String(saves));
  expect(marks.toSorted()).toEqual(onLast.toSorted());
  expect([...statuses].filter((status) => status !== 200 && status !== 503)).toEqual([]);
}, 20_000);

test('a page that another program never stops changing: 503, Retry-After, the page stands', async () => {
  const storeWorkerUrl = new URL('./faults/store-entry.ts', import.meta.url);
  const commitWorkerUrl = new URL('../support/handed-over-commit-entry.ts', import.meta.url);
  await using server = await startTestServer({
    files: { 'page.html': SAMPLE },
    seams: { storeWorkerUrl, commitWorkerUrl },
  });
  await using client = await RawClient.open(server.port);
  const answer = await client.ask(put('FAULT unstable'));
  expect(answer.status).toBe(503);
  expect(answer.fields.get('retry-after')).toBe('1');
  expect(answer.body).toContain('Another program keeps changing the page');
  expect(server.root.read('page.html')).toBe(SAMPLE);
  expect((await client.ask(put('after'))).status).toBe(200);
});
