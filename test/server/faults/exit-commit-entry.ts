/** The commit worker as it is, but that it exits before one of the calls that change something. */

// In this order: what the thread is started with is heard here first.
import { exitAt } from './exit-at.ts';
import '../../../workers/commit-worker.ts';

exitAt((name) => /sync|mkdir|rename|exchange|link|rmdir/.test(name) && name !== 'readlinkat');
