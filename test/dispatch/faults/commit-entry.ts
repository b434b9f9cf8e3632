/** A commit worker with faults, to which every edit is handed over. */

import { serveFaultyCommit } from './faulty-commit.ts';

await serveFaultyCommit(false);
