/** Servers that do not keep their promise, for a fault in the file calls of their commit thread. */

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scratchFolder } from '../../bench/torture/site.ts';
import type { FileFault } from './faults/file-calls.ts';
import type { PublisherFault } from './faults/publisher-faults.ts';

const script = join(import.meta.dir, 'faults/serve.ts');

/** `none`: for a server that only halts. */
export type FaultName = FileFault | PublisherFault | 'none';

/** One fault, for every server that is started with it; it shows only while it is armed. */
export class Fault implements Disposable {
  readonly #folder = scratchFolder('fault');
  readonly #armedBy = join(this.#folder, 'armed');

  constructor(readonly name: FaultName) {}

  /**
   * What starts a server with it, as `ServerProcess.start` takes it.
   *
   * @param haltAt before which call that may change something its commit thread halts for good
   */
  server(haltAt?: number) {
    const environment = {
      INKWIRE_TEST_FAULT: this.name,
      INKWIRE_TEST_ARMED_BY: this.#armedBy,
      ...(haltAt !== undefined && { INKWIRE_TEST_HALT_AT: String(haltAt) }),
    };
    return { script, environment };
  }

  arm(): void {
    writeFileSync(this.#armedBy, '');
  }

  disarm(): void {
    rmSync(this.#armedBy, { force: true });
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
