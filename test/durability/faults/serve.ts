/**
 * `inkwire serve` with a fault in one of its parts; takes the same arguments, as far as the tests
 * of durability give them.
 */

import { parseArgs } from 'node:util';
import { takeServeConfig } from '../../../src/config/serve-config.ts';
import { filesAllowed } from '../../../src/server/file-limit.ts';
import { startServer } from '../../../src/server/server.ts';
import { isOrderFault, seamsOf } from './order-faults.ts';
import { isPublisherFault } from './publisher-faults.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string', default: '0' },
    durability: { type: 'string', default: 'sync' },
    log: { type: 'string', default: 'off' },
    history: { type: 'string' },
  },
});

const config = takeServeConfig(
  {
    root: positionals[1] ?? '',
    host: '127.0.0.1',
    port: values.port,
    workers: '2',
    semantics: 'classic',
    durability: values.durability === 'none' ? 'none' : 'sync',
    log: 'off',
    startPage: true,
    ...(values.history !== undefined && { history: values.history }),
  },
  filesAllowed(),
);
if (typeof config === 'string') throw new Error(config);
const fault = process.env['INKWIRE_TEST_FAULT'];
const entry = isPublisherFault(fault) ? './publisher-commit-entry.ts' : './commit-entry.ts';
const ofCommit = { commitWorkerUrl: new URL(entry, import.meta.url) };
const { url } = await startServer(config, isOrderFault(fault) ? seamsOf(fault) : ofCommit);
console.log(`The server is running at ${url}`);
