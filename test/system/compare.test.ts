/** `bun run compare` runs whole, and finds what docs/HTTP.md shows of the same versions. */

import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { compareRows } from '../../bench/compare/table.ts';
import { nginx } from '../../bench/servers.ts';
import { run } from '../clients/program.ts';
import { fileMarkedPart } from '../docs/marked.ts';
import { missing as lackOf, named } from '../support/system.ts';

const missing = lackOf({}) ?? (nginx === null ? 'nginx' : undefined);
const script = join(import.meta.dir, '../../bench/compare.ts');

// The reason stands in the name.
test.skipIf(missing !== undefined)(named('compare', missing), async () => {
  const { status, text, errors } = await run([process.execPath, script]);
  expect([errors, status]).toEqual(['', 0]);
  const table = text.trim();
  const document = fileMarkedPart('docs/HTTP.md', 'compare');
  expect(table.split('\n').filter((line) => line.startsWith('| ')).length).toBe(
    compareRows.length + 2,
  );
  const [head = ''] = table.split('\n');
  if (document.startsWith(head)) expect(table).toBe(document);
  else console.warn(`only run, not compared: ${head}`);
});
