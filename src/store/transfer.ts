/** Handing bytes to another thread: which buffers a message moves, and which it copies first. */

import { ownBytes } from '../base/bytes.ts';
import type { Pack } from '../model/packing.ts';

/**
 * Collects the buffers that one message moves. Whoever gives bytes away must not use them again:
 * their buffer is detached here once the message is posted.
 */
export class TransferList {
  readonly #buffers = new Set<ArrayBuffer>();

  /** The list for `postMessage`; a buffer that two values share stands in it once. */
  get buffers(): ArrayBuffer[] {
    return [...this.#buffers];
  }

  /** The value to put in the message for `bytes`. */
  give(bytes: Uint8Array): Uint8Array {
    // An empty array may be a constant that others share, and moving it gains nothing.
    if (bytes.length === 0) return new Uint8Array(0);
    const own = ownBytes(bytes);
    if (own.buffer instanceof ArrayBuffer) this.#buffers.add(own.buffer);
    return own;
  }

  /** The pack, with the bytes to put in the message. */
  givePack<Given extends Pack>(pack: Given): Given {
    const large = pack.large.map((bytes) => this.give(bytes));
    return { ...pack, slab: this.give(pack.slab), large };
  }
}
