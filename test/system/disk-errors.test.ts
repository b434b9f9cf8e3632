/**
 * Errors of the disk, at the system calls of the real server: what is refused did not happen, what
 * is acknowledged stands, and a failed sync is never taken for a success later.
 */

import { describe, expect, test } from 'bun:test';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ServerProcess } from '../../bench/torture/server-process.ts';
import { RawClient, type RawResponse, request } from '../support/raw-client.ts';
import { SAMPLE, TestRoot } from '../support/root.ts';
import { missing, named } from '../support/system.ts';

const lack = missing({ programs: ['strace'] });

/** Edits of a trial, one after the other: several before the fault, and several behind it. */
const editsCount = 10;

/** Edits of one page, one after the other, and how each was answered. */
class Edits {
  readonly statuses: number[] = [];
  readonly bodies: string[] = [];

  constructor(readonly root: TestRoot) {}

  async send(client: RawClient, count = editsCount): Promise<void> {
    for (let sent = 0; sent < count; sent += 1) {
      const content = `edit-${this.statuses.length}`;
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
    const line = /\s*<h2> edit-(\d+) <\/h2>/g;
    const rest = body.replaceAll(line, '').replaceAll(/\s/g, '');
    expect(rest).toBe(SAMPLE.replaceAll(/\s/g, ''));
    // The newest one stands above the others.
    return [...body.matchAll(line)].map((match) => Number(match[1])).reverse();
  }
}

/** `inkwire serve` with one store worker, where the named calls fail as strace is told. */
async function startFaulty(root: TestRoot, calls: string, fault: string): Promise<ServerProcess> {
  // A call that an architecture does not have is passed over by the question mark.
  const inject = ['-e', `trace=${calls}`, '-e', `inject=${calls}:${fault}`];
  const under = ['strace', '-D', '-f', '--seccomp-bpf', '-o', '/dev/null', ...inject];
  return await ServerProcess.start({ root: root.path, under });
}

const page = request('GET', '/test.html');

/** Each thread counts its own calls, and `when=3` is the third one of each. */
describe.skipIf(lack !== undefined)(named('a call whose effect is not known', lack), () => {
  // Whichever of the syncs it is, of pages, folders or the record of edits.
  const syncs = [3, 4, 5, 6].map((nth) => ({ calls: 'fsync,fdatasync', nth }));
  const names = { calls: 'rename,renameat,renameat2', nth: 3 };
  test.each([...syncs, names])(
    '$calls, number $nth',
    async ({ calls, nth }) => {
      using root = new TestRoot({ 'test.html': SAMPLE });
      const edits = new Edits(root);
      let port = 0;
      {
        await using server = await startFaulty(root, calls, `error=EIO:when=${nth}`);
        port = server.port;
        await using client = await RawClient.open(port);
        await edits.send(client);
        const acknowledged = edits.answered(200);
        const failed = acknowledged.length;
        // It began well; from the fault on there is no success any more, though every call would.
        expect(failed).toBeGreaterThan(0);
        expect(acknowledged).toEqual([...Array(failed).keys()]);
        expect(edits.answered(503)).toHaveLength(editsCount - failed);
        expect(edits.bodies[failed]).toContain('may or may not');
        for (const body of edits.bodies.slice(failed + 1)) expect(body).toContain('takes no edits');
        // Reads go on.
        const standing = edits.standing(await client.ask(page));
        expect(standing.slice(0, failed)).toEqual(acknowledged);
      }
      await using _server = await ServerProcess.start({ root: root.path, port });
      await using client = await RawClient.open(port);
      const acknowledged = edits.answered(200);
      const standing = edits.standing(await client.ask(page));
      // The one at the fault stands or not; none of those behind it does.
      const unknown = acknowledged.length;
      expect([acknowledged, [...acknowledged, unknown]]).toContainEqual(standing);
      expect(readdirSync(join(root.path, '.inkwire/tmp'))).toEqual([]);
      // Started anew, it takes edits again.
      await edits.send(client, 1);
      expect(edits.statuses.at(-1)).toBe(200);
    },
    60_000,
  );
});

interface Row {
  readonly name: string;
  readonly status: 500 | 507;
  readonly calls: string;
  readonly fault: string;
}

const rows: readonly Row[] = [
  { name: 'a broken block', status: 500, calls: 'pwrite64', fault: 'error=EIO:when=3' },
  {
    name: 'no room for a new version',
    status: 507,
    calls: 'pwrite64',
    fault: 'error=ENOSPC:when=3',
  },
  {
    name: 'no room for half of them',
    status: 507,
    calls: 'pwrite64',
    fault: 'error=ENOSPC:when=2+2',
  },
  { name: 'over the quota', status: 507, calls: 'pwrite64', fault: 'error=EDQUOT:when=3' },
  {
    name: 'no room for a name',
    status: 507,
    calls: 'rename,renameat,renameat2',
    fault: 'error=ENOSPC:when=3',
  },
  {
    name: 'no room for half of the names',
    status: 507,
    calls: 'rename,renameat,renameat2',
    fault: 'error=ENOSPC:when=2+2',
  },
];

describe.skipIf(lack !== undefined)(named('a call that changes nothing', lack), () => {
  test.each(rows)(
    '$name: $status, and writes go on',
    async ({ calls, fault, status }) => {
      using root = new TestRoot({ 'test.html': SAMPLE });
      const edits = new Edits(root);
      await using server = await startFaulty(root, calls, fault);
      await using client = await RawClient.open(server.port);
      await edits.send(client);
      const [acknowledged, refused] = [edits.answered(200), edits.answered(status)];
      expect(refused.length).toBeGreaterThan(0);
      expect(acknowledged.length + refused.length).toBe(editsCount);
      // Some edits behind a refused one were done.
      expect(acknowledged.at(-1)).toBeGreaterThan(refused[0] ?? editsCount);
      for (const number of refused) expect(edits.bodies[number]).toContain('the old page stands');
      expect(edits.standing(await client.ask(page))).toEqual(acknowledged);
      expect(readdirSync(join(root.path, '.inkwire/tmp'))).toEqual([]);
    },
    60_000,
  );
});
