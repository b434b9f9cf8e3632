/** The long run of kills and power cuts with tiny numbers, so that it never rots. */

import { expect, test } from 'bun:test';
import { join } from 'node:path';

const script = join(import.meta.dir, '../../bench/torture.ts');

test('it says what it did', async () => {
  const flags = [
    '--rounds',
    '1',
    '--cuts',
    '0',
    '--long-cuts',
    '0',
    '--histories',
    '1',
    '--seed',
    '7',
  ];
  const child = Bun.spawn([process.execPath, script, ...flags], { stdout: 'pipe' });
  const [output, status] = await Promise.all([new Response(child.stdout).text(), child.exited]);
  expect(output).toMatch(/^Seed 7; 64 connections\nkill: 1 of 1; \d+ edits acknowledged; /);
  expect(output).toContain('; nothing lost, doubled, torn or moved; ');
  expect(output).toMatch(/^history: 1 of 1, each with 5 ends; .* not known; all in one order; /m);
  expect(status).toBe(0);
}, 30_000);
