/** docs/LIMITS.md says what the code has, and the help what both say. */

import { expect, test } from 'bun:test';
import { serveCommand } from '../../src/cli/serve.ts';
import { describedLimits } from '../../src/config/limit-flags.ts';
import { limitTables } from './limit-tables.ts';
import { fileMarkedPart } from './marked.ts';

// Made anew by `bun test/docs/limit-tables.ts --write`.
test.each(Object.entries(limitTables()))(
  'the table of %s is what the code has',
  (marker, table) => {
    expect(fileMarkedPart('docs/LIMITS.md', marker)).toBe(table);
  },
);

test('each limit has a flag of its own, under the heading of the limits', () => {
  const { options } = serveCommand();
  const limits = Object.values(describedLimits).flat();
  const group = options.filter(({ helpGroupHeading }) => helpGroupHeading?.startsWith('Limits'));
  expect(group.map(({ long }) => long)).toEqual(limits.map(({ flag }) => flag));
  expect(group.map((option) => option.attributeName())).toEqual(limits.map(({ option }) => option));
  expect(new Set(options.map(({ long }) => long)).size).toBe(options.length);
});
