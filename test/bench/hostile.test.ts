/** The hostile clients with tiny numbers, so that they never rot; what they cost is not judged. */

import { expect, test } from 'bun:test';
import { join } from 'node:path';
import { attacks } from '../../bench/attacks.ts';
import { missing, named } from '../support/system.ts';

const lack = missing({});

test.skipIf(lack !== undefined)(
  named('every attack is survived, and the honest client served', lack),
  async () => {
    const flags = ['--seconds', '0.2', '--scale', '0.01'];
    const script = join(import.meta.dir, '../../bench/hostile.ts');
    const child = Bun.spawn([process.execPath, script, ...flags], { stderr: 'inherit' });
    const output = await new Response(child.stdout).text();
    expect(await child.exited).toBe(0);
    for (const { title } of attacks) {
      const [, made, honest, , memory, files] = cellsOf(output, title);
      expect(Number(made?.replaceAll(',', ''))).toBeGreaterThan(0);
      const [served, asked] = numbersIn(honest);
      expect(served).toBeGreaterThan(0);
      expect(served).toBe(asked);
      const [before, peak] = numbersIn(memory);
      expect(peak).toBeGreaterThanOrEqual(before ?? Number.NaN);
      expect(numbersIn(files)).toHaveLength(2);
    }
  },
  30_000,
);

/** The cells of the row that begins with `title`. */
function cellsOf(output: string, title: string): string[] {
  const row = output.split('\n').find((text) => text.startsWith(`| ${title} `));
  return (row ?? '').split('|').slice(1, -1);
}

function numbersIn(cell = ''): number[] {
  return (cell.match(/[0-9]+/g) ?? []).map(Number);
}
