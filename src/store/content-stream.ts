/** An open content that is read once, from its beginning to its end. */

import { assert } from '../base/assert.ts';
import type { ContentStream, OpenContent } from './store.ts';

export class SequentialContent implements ContentStream {
  readonly #content: OpenContent;
  #position = 0;

  /** Takes over the content: `close` closes it. */
  constructor(
    content: OpenContent,
    readonly size: number,
  ) {
    this.#content = content;
  }

  get remaining(): number {
    return this.size - this.#position;
  }

  read(bytesMax: number): Uint8Array | undefined {
    assert(this.remaining > 0, 'a content was read behind its end');
    const bytes = new Uint8Array(Math.min(bytesMax, this.remaining));
    if (!this.#content.tryRead(bytes, this.#position)) return undefined;
    this.#position += bytes.length;
    return bytes;
  }

  close(): void {
    this.#content.close();
  }
}
