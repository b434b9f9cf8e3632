/**
 * Clients create, insert into, replace and delete the same pages at once: what was answered adds up
 * to what the ledger tells, and each page's revisions follow on each other.
 */

import { expect, test } from 'bun:test';
import { Seeded, seedOfRun } from '../store/seeded.ts';
import { disagreements, type LedgerRow, ledgerRows } from '../support/agreement.ts';
import { RawClient, request } from '../support/raw-client.ts';
import { TestRoot } from '../support/root.ts';
import { startTestServer } from '../support/server.ts';

/** So much that nothing is pruned. */
const storeLimits = { historyRevisionsMax: 1_000_000 };

const connections = 16;
const editsEach = 60;
const pages = ['/one.html', '/in/a/folder/two.html'];

const edits: readonly ((target: string, mark: string) => string)[] = [
  (target, mark) => request('POST', target, { content: `<body>\n${mark}\n</body>` }),
  (target, mark) => request('PUT', target, { content: mark }),
  (target) => request('DELETE', target),
];

test('deletes and creates in a race', async () => {
  const seed = seedOfRun();
  console.log(`INKWIRE_SEED=${seed}`);
  const choice = new Seeded(seed);
  using root = new TestRoot();
  const answers = new Map<string, number>();
  const times = (...names: readonly string[]): number =>
    names.reduce((sum, name) => sum + (answers.get(name) ?? 0), 0);
  {
    await using server = await startTestServer({ root, storeLimits });
    const lane = async (connection: number): Promise<void> => {
      await using client = await RawClient.open(server.port);
      for (let at = 0; at < editsEach; at += 1) {
        const target = pages[choice.below(pages.length)] ?? '';
        const text = edits[choice.below(edits.length)]?.(target, `c${connection}n${at}.`) ?? '';
        const { status } = await client.ask(text);
        const name = `${text.slice(0, text.indexOf(' '))} ${status}`;
        answers.set(name, (answers.get(name) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: connections }, (_, at) => lane(at)));
  }
  const known = ['POST 201', 'PUT 200', 'PUT 404', 'DELETE 204', 'DELETE 404'];
  expect([...answers.keys()].toSorted()).toEqual(known.toSorted());
  expect(times(...known)).toBe(connections * editsEach);
  // Creates only where there is no page, all else only where there is one, and no gap in between.
  expect(disagreements(root.path)).toEqual([]);
  const rows = ledgerRows(root.path);
  const done = (...kinds: readonly LedgerRow['kind'][]): number =>
    rows.filter(({ kind, undone }) => kinds.includes(kind) && undone === 0n).length;
  expect(done('create', 'replace')).toBe(times('POST 201'));
  expect(done('remove')).toBe(times('DELETE 204'));
  // Those that were done together share a revision.
  expect(done('insert')).toBeLessThanOrEqual(times('PUT 200'));
  expect(done('insert')).toBeGreaterThan(0);
});
