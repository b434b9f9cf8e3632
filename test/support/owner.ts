/** The owner of a thread, for entry points that wait for it at their top level. */

import { type OwnerPort, takeOwner } from '../../src/base/own-thread.ts';

export interface Owner<Data, In> {
  /** What the thread was started with. */
  readonly data: Data;
  readonly port: OwnerPort<In>;
}

/** Resolves with the owner. Whoever waits has to listen in the same turn. */
export function owner<Data, In>(): Promise<Owner<Data, In>> {
  const { promise, resolve } = Promise.withResolvers<Owner<Data, In>>();
  takeOwner<Data, In>((data, port) => resolve({ data, port }));
  return promise;
}
