/**
 * Errors of the disk, at the system calls of the real server: what is refused did not happen, what
 * is acknowledged stands, and a failed sync is never taken for a success later.
 */

import { describe, expect, test } from 'bun:test';
import { ServerProcess } from '../../bench/torture/server-process.ts';
import { disagreements } from '../support/agreement.ts';
import { RawClient, type RawResponse, request } from '../support/raw-client.ts';
import { SAMPLE, TestRoot } from '../support/root.ts';
import { missing, named } from '../support/system.ts';
import { AttachedFault, type ThreadFault, type ThreadName } from './thread-faults.ts';

const lack = missing({ programs: ['strace'] });

/** Edits of a trial, one after the other: several before the fault, and several behind it. */
const editsCount = 10;

/** What an edit has besides its name, for the thread that is to prepare it: a large one. */
const paddings = { commit: '', store: 'x'.repeat(20 * 1024) };

/** Edits of one page, one after the other, and how each was answered. */
class Edits {
  readonly statuses: number[] = [];
  readonly bodies: string[] = [];
  readonly #padding: string;

  /** @param thread which prepares them */
  constructor(thread: ThreadName) {
    this.#padding = paddings[thread];
  }

  async send(client: RawClient, count = editsCount): Promise<void> {
    for (let sent = 0; sent < count; sent += 1) {
      const content = `edit-${this.statuses.length}${this.#padding}`;
      const { status, body } = await client.ask(request('PUT', '/test.html', { content }));
      this.statuses.push(status);
      this.bodies.push(body);
    }
  }

  /** The numbers of the edits that were answered with `status`. */
  answered(status: number): number[] {
    return [...this.statuses.keys()].filter((number) => this.statuses[number] === status);
  }

  /** The numbers of the edits that stand in a page, the oldest first; else it is the sample. */
  standing({ body, status }: RawResponse): number[] {
    expect(status).toBe(200);
    const line = /\s*<h2> edit-(\d+)x* <\/h2>/g;
    const rest = body.replaceAll(line, '').replaceAll(/\s/g, '');
    expect(rest).toBe(SAMPLE.replaceAll(/\s/g, ''));
    // The newest one stands above the others.
    return [...body.matchAll(line)].map((match) => Number(match[1])).reverse();
  }
}

const page = request('GET', '/test.html');

/** One store worker, so that it is known which one prepares the large edits. */
async function start(root: TestRoot, port = 0): Promise<ServerProcess> {
  return await ServerProcess.start({ root: root.path, port, flags: ['--workers', '1'] });
}

interface Row extends ThreadFault {
  readonly name: string;
  /** Edits before the fault; 0: it meets the first one, which makes the folder of its history. */
  readonly before?: number;
}

/**
 * Syncs of an edit come in the order that `sync-order.test.ts` asserts. Of its writes the first one
 * is that of the new page, and those of the ledger follow.
 */
const commit = { thread: 'commit', before: 3 } as const;
const unknown: readonly Row[] = [
  { name: 'the sync of the record', calls: 'fdatasync', fault: 'error=EIO:when=1', ...commit },
  { name: 'a sync of a later edit', calls: 'fdatasync', fault: 'error=EIO:when=3', ...commit },
  { name: 'a write of the ledger', calls: 'pwrite64', fault: 'error=EIO:when=2', ...commit },
  { name: 'a later write of the ledger', calls: 'pwrite64', fault: 'error=EIO:when=5', ...commit },
  // SQLite tells a full disk from a broken one, and takes a full quota for a broken disk.
  { name: 'the quota of the ledger', calls: 'pwrite64', fault: 'error=EDQUOT:when=2', ...commit },
  { name: 'the exchange of names', calls: 'renameat2', fault: 'error=EIO:when=1', ...commit },
  { name: 'the rename into the history', calls: 'renameat', fault: 'error=EIO:when=1', ...commit },
  {
    name: 'a folder of the history',
    thread: 'commit',
    calls: 'mkdirat',
    fault: 'error=EIO:when=1',
  },
];

describe.skipIf(lack !== undefined)(named('a call whose effect is not known', lack), () => {
  test.each(unknown)(
    '$name',
    async ({ before = 0, ...row }) => {
      using root = new TestRoot({ 'test.html': SAMPLE });
      const edits = new Edits(row.thread);
      let port = 0;
      {
        await using server = await start(root);
        port = server.port;
        await using client = await RawClient.open(port);
        await edits.send(client, before);
        await using fault = await AttachedFault.attach(server.pid, row);
        await edits.send(client, editsCount - before);
        expect(fault.injected).toHaveLength(1);
        const acknowledged = edits.answered(200);
        const failed = acknowledged.length;
        // From the fault on there is no success any more, though every call would.
        expect(failed).toBeGreaterThanOrEqual(before);
        expect(acknowledged).toEqual([...Array(failed).keys()]);
        expect(edits.answered(503)).toHaveLength(editsCount - failed);
        expect(edits.bodies[failed]).toContain('may or may not');
        for (const body of edits.bodies.slice(failed + 1)) expect(body).toContain('takes no edits');
        // Reads go on.
        const standing = edits.standing(await client.ask(page));
        expect(standing.slice(0, failed)).toEqual(acknowledged);
      }
      await using _server = await start(root, port);
      expect(disagreements(root.path, { isServed: true })).toEqual([]);
      await using client = await RawClient.open(port);
      const acknowledged = edits.answered(200);
      const standing = edits.standing(await client.ask(page));
      // The one at the fault stands or not; none of those behind it does.
      expect([acknowledged, [...acknowledged, acknowledged.length]]).toContainEqual(standing);
      // Started anew, it takes edits again.
      await edits.send(client, 1);
      expect(edits.statuses.at(-1)).toBe(200);
      expect(disagreements(root.path, { isServed: true })).toEqual([]);
    },
    60_000,
  );
});

interface DefiniteRow extends Row {
  readonly status: 500 | 507;
}

/** The first writes are those of new pages, for an edit that fails there goes no further. */
const newPage = { calls: 'pwrite64', before: 1 } as const;
/** Twice, after one that goes well. */
const twice = 'when=2..3';

/** Calls of the commit thread. */
const places = [
  { where: 'at two exchanges of names', calls: 'renameat2', when: twice, ...commit },
  { where: 'at two renames into the history', calls: 'renameat', when: twice, ...commit },
  { where: 'at a folder of the history', calls: 'mkdirat', when: 'when=1', thread: 'commit' },
] as const;

const definite: readonly DefiniteRow[] = [
  ...(['commit', 'store'] as const).flatMap((thread): DefiniteRow[] => {
    const row = { thread, ...newPage };
    const of = `${thread} worker: `;
    return [
      { name: `${of}a broken block`, status: 500, fault: 'error=EIO:when=1', ...row },
      { name: `${of}no room for two pages`, status: 507, fault: 'error=ENOSPC:when=1..2', ...row },
      { name: `${of}over the quota`, status: 507, fault: 'error=EDQUOT:when=1', ...row },
    ];
  }),
  ...['when=2', 'when=5', 'when=2..4+2'].map((when) => {
    const fault = `error=ENOSPC:${when}`;
    const name = `no room for the ledger, ${when}`;
    return { name, status: 507, calls: 'pwrite64', fault, ...commit } as const;
  }),
  ...(['ENOSPC', 'EDQUOT'] as const).flatMap((errno) =>
    places.map(({ where, when, ...row }) => {
      return {
        name: `${errno} ${where}`,
        status: 507,
        fault: `error=${errno}:${when}`,
        ...row,
      } as const;
    }),
  ),
];

describe.skipIf(lack !== undefined)(named('a call that changes nothing', lack), () => {
  test.each(definite)(
    '$name: $status, and writes go on',
    async ({ before = 0, status, ...row }) => {
      using root = new TestRoot({ 'test.html': SAMPLE });
      const edits = new Edits(row.thread);
      {
        await using server = await start(root);
        await using client = await RawClient.open(server.port);
        await edits.send(client, before);
        {
          await using fault = await AttachedFault.attach(server.pid, row);
          await edits.send(client, editsCount - before);
          const [acknowledged, refused] = [edits.answered(200), edits.answered(status)];
          expect(refused).toHaveLength(fault.injected.length);
          expect(refused.length).toBeGreaterThan(0);
          expect(acknowledged.length + refused.length).toBe(editsCount);
          // Some edits behind a refused one were done.
          expect(acknowledged.at(-1)).toBeGreaterThan(refused[0] ?? editsCount);
          for (const at of refused) expect(edits.bodies[at]).toContain('the old page stands');
          expect(edits.standing(await client.ask(page))).toEqual(acknowledged);
        }
        expect(disagreements(root.path, { isServed: true })).toEqual([]);
      }
      // Killed, and settled by the next start.
      await using _server = await start(root);
      expect(disagreements(root.path, { isServed: true })).toEqual([]);
    },
    60_000,
  );
});
