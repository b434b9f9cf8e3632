/** A commit worker with faults that takes small edits itself. */

import { serveFaultyCommit } from './faulty-commit.ts';

await serveFaultyCommit(true);
