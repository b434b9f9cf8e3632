/** A sync that fails under load: what was acknowledged before stands, and nothing is behind it. */

import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EditLoad } from '../../bench/torture/edit-load.ts';
import { connections } from '../../bench/torture/rounds.ts';
import { ServerProcess } from '../../bench/torture/server-process.ts';
import { FolderSite, makePages } from '../../bench/torture/site.ts';
import { disagreements } from '../support/agreement.ts';
import { TestRoot } from '../support/root.ts';
import { until } from '../support/server.ts';
import { missing, named } from '../support/system.ts';

const lack = missing({ programs: ['strace'] });

const pageCount = 16;

/** Each thread counts its own calls, and each call by itself. */
const injections = [
  { name: 'of the journal', calls: 'fdatasync', nth: 20 },
  { name: 'of all that was written', calls: 'syncfs', nth: 1 },
  // The portable calls sync each page by itself.
].filter(({ calls }) => calls !== 'syncfs' || process.env['INKWIRE_PORTABLE'] !== '1');

test.skipIf(lack !== undefined).each(injections)(
  named('a failed sync under load: $name', lack),
  async ({ calls, nth }) => {
    await using site = new FolderSite();
    using traces = new TestRoot();
    const targets = makePages(site, pageCount);
    const trace = join(traces.path, 'trace');
    const inject = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=EIO:when=${nth}`];
    const under = ['strace', '-D', '-f', '--seccomp-bpf', '-o', trace, ...inject];
    // None is removed, of which a ledger that takes nothing any more would not be told.
    const flags = ['--history', '10000'];
    let server = await ServerProcess.start({ root: site.root, under, flags });
    try {
      const { port } = server;
      const load = await EditLoad.learn(port, targets);
      const run = load.start(port, connections, 2);
      // From the fault on each edit is answered 503.
      await until('the fault', () => load.unknown > 4 * connections, 20_000);
      expect(await load.insertOnce(port)).toBe(false);
      await run.end();
      expect(readFileSync(trace, 'utf8')).toContain('EIO (Input/output error) (INJECTED)');
      await server[Symbol.asyncDispose]();
      server = await ServerProcess.start({ root: site.root, port, flags });
      const { faults, acknowledged, unknown, unknownStanding } = await load.findings(port);
      expect(faults).toEqual([]);
      expect(disagreements(site.root, { isServed: true })).toEqual([]);
      expect(acknowledged).toBeGreaterThan(0);
      // Only edits of the group that failed may stand, at most one for each connection.
      expect(unknownStanding).toBeLessThanOrEqual(connections);
      expect(unknown).toBeGreaterThan(connections);
    } finally {
      await server[Symbol.asyncDispose]();
    }
  },
  60_000,
);
