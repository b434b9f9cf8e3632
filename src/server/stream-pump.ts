/** Moves content that comes in chunks into an outbox, never more than the client has room for. */

import type { ResponseContent } from '../app/response.ts';
import { INLINE_BYTES_MAX } from '../config/limits.ts';
import type { StreamHandle } from '../dispatch/dispatcher.ts';
import type { Outbox } from './outbox.ts';

/** Chunks under way or waiting for one client: one being sent, one being read. */
const CHUNKS_MAX = 2;

export interface PumpEvents {
  /** Bytes were queued. */
  more(): void;
  /** The last bytes were queued. */
  done(): void;
  /** The rest cannot be had. */
  failed(): void;
}

export class StreamPump {
  readonly #outbox: Outbox;
  readonly #handle: StreamHandle;
  /** Chunks that were asked for and have not come. */
  #owed = 0;
  #ended = false;

  constructor(
    content: Extract<ResponseContent, { kind: 'stream' }>,
    outbox: Outbox,
    events: PumpEvents,
  ) {
    this.#outbox = outbox;
    this.#handle = content.open({
      chunk: (bytes, last) => {
        this.#owed -= 1;
        outbox.push(bytes);
        this.#ended ||= last;
        if (last) events.done();
        else events.more();
      },
      failed: () => {
        this.#ended = true;
        events.failed();
      },
    });
  }

  /** Asks for more when there is room: a client that does not read costs its chunks and no more. */
  feed(): void {
    if (this.#ended) return;
    const room = CHUNKS_MAX - Math.ceil(this.#outbox.size / INLINE_BYTES_MAX) - this.#owed;
    if (room <= 0) return;
    this.#owed += room;
    this.#handle.credit(room);
  }

  /** Nobody wants the rest. */
  cancel(): void {
    if (!this.#ended) this.#handle.cancel();
    this.#ended = true;
  }
}

/** Closes content that was opened for a client who has gone. */
export function discardContent(content: ResponseContent): void {
  if (content.kind !== 'stream') return;
  content.open({ chunk: () => {}, failed: () => {} }).cancel();
}
