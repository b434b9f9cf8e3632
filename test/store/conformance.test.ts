/** Runs the stores' common suite over each of them. */

import { describeStore } from './conformance.ts';
import { fileStore, memoryStore } from './support.ts';

describeStore('memory', () => memoryStore());
describeStore('files', () => fileStore());
describeStore('files, portable calls', () => fileStore({ portable: true }));
describeStore('files, synced, on disk', () => fileStore({ durability: 'sync', onDisk: true }));
