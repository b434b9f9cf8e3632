/** Runs the stores' common suite over each of them. */

import { describeStore } from './conformance.ts';
import { describeKeys } from './key-conformance.ts';
import { fileStore, memoryStore, type TestStore } from './support.ts';

const stores: readonly (readonly [name: string, make: () => TestStore])[] = [
  ['memory', () => memoryStore()],
  ['files', () => fileStore()],
  ['files, portable calls', () => fileStore({ portable: true })],
  ['files, synced, on disk', () => fileStore({ durability: 'sync', onDisk: true })],
];

for (const [name, make] of stores) {
  describeStore(name, make);
  describeKeys(name, make);
}
