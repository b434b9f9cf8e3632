/** The store worker as it is, but that it exits before one of its file calls. */

import { exitAt } from './exit-at.ts';

exitAt((name) => name !== 'close');
await import('../../../workers/store-worker.ts');
