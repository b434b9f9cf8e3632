/** The commit worker as it is, but that it exits before one of its file calls. */

// In this order: what the thread is started with is heard here first.
import { exitAt } from './exit-at.ts';
import '../../../workers/commit-worker.ts';

exitAt((name) => name !== 'close');
