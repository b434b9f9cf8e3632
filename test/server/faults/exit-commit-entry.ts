/** The commit worker as it is, but that it exits before one of the calls that change something. */

import { exitAt } from './exit-at.ts';

exitAt((name) => /sync|mkdir|rename|exchange|link|rmdir/.test(name) && name !== 'readlinkat');
await import('../../../workers/commit-worker.ts');
