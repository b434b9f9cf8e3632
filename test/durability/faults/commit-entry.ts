/** The commit worker as it is, but for a fault in the file calls of its thread. */

// The order matters: the fault is in place before the commit worker makes its first call.
import './file-calls.ts';
import '../../../workers/commit-worker.ts';
