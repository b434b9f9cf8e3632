/**
 * Another program saves the page into which clients insert, as fast as it can: no edit destroys a
 * save, no save an edit that the program has not displaced itself, and each edit is built on what
 * it displaced.
 */

import { expect, test } from 'bun:test';
import { insertAgainstSaves } from './other-writers.ts';

const isPortable = process.env['INKWIRE_PORTABLE'] === '1';

// Portable calls exchange no names, and what they cannot promise is written down.
const exchanging = test.skipIf(isPortable);

exchanging.each(['by-exchange', 'in-place'] as const)(
  'saves %s: nothing is destroyed',
  async (way) => {
    const saved = await insertAgainstSaves({ way, fault: 'none' });
    expect(saved.faults).toEqual([]);
    expect(saved.acknowledged).toBeGreaterThan(0);
  },
  30_000,
);

exchanging.each(['by-exchange', 'in-place'] as const)(
  'saves %s between the look and the exchange: nothing is destroyed',
  async (way) => {
    const saved = await insertAgainstSaves({ way, fault: 'slow' });
    expect(saved.faults).toEqual([]);
    // It is about edits that were withdrawn.
    expect(saved.withdrawn).toBeGreaterThan(0);
  },
  30_000,
);

exchanging(
  'a server that does not look at what it displaced builds on something else',
  async () => {
    const { faults } = await insertAgainstSaves({ way: 'by-exchange', fault: 'never-looks' });
    expect(faults.join('\n')).toContain(' is not built on ');
  },
  30_000,
);

exchanging(
  'a server that removes what it displaced has destroyed it',
  async () => {
    const { faults } = await insertAgainstSaves({ way: 'by-exchange', fault: 'forgets' });
    expect(faults.join('\n')).toContain('lost: save ');
  },
  30_000,
);
