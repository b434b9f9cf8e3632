/** Open streams on the main thread: who takes the chunks of which worker, and how many more. */

import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { MainToStore } from '../model/messages.ts';
import type { StreamId } from '../model/operation.ts';

/** Takes a stream's content. After `last`, or `failed`, nothing follows. */
export interface StreamReceiver {
  chunk(bytes: Uint8Array, last: boolean): void;
  /** The content cannot be had to its end. */
  failed(): void;
}

export interface StreamHandle {
  /** Asks for `chunks` more chunks, at least 1. */
  credit(chunks: number): void;
  /** Closes the file; the receiver hears nothing more. A stream that ended already is no error. */
  cancel(): void;
}

/** The worker that has the file open. */
export interface StreamSource {
  post(message: MainToStore): void;
}

interface OpenStream {
  readonly source: StreamSource;
  receiver: StreamReceiver | undefined;
  /** Chunks asked for that have not come. */
  chunksDue: number;
  /** When the receiver last asked, or the worker last sent. */
  movedMs: number;
}

export class StreamTable {
  readonly #streams = new Map<StreamId, OpenStream>();

  constructor(readonly clock: Clock) {}

  /** A worker left the stream open for whoever asked for the page. */
  add(id: StreamId, source: StreamSource): void {
    const movedMs = this.clock.monotonicMs();
    this.#streams.set(id, { source, receiver: undefined, chunksDue: 0, movedMs });
  }

  /** Where the worker is gone already, the receiver hears of it after this has returned. */
  open(id: StreamId, receiver: StreamReceiver): StreamHandle {
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      let cancelled = false;
      queueMicrotask(() => {
        if (!cancelled) receiver.failed();
      });
      return {
        credit() {},
        cancel() {
          cancelled = true;
        },
      };
    }
    assert(stream.receiver === undefined, `stream ${id} was opened twice`);
    stream.receiver = receiver;
    return {
      credit: (chunks) => this.#credit(id, chunks),
      cancel: () => this.cancel(id),
    };
  }

  cancel(id: StreamId): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    this.#streams.delete(id);
    stream.source.post({ kind: 'cancel', stream: id });
  }

  chunkCame(id: StreamId, bytes: Uint8Array, last: boolean): void {
    const stream = this.#streams.get(id);
    // One that was cancelled may have had chunks on their way.
    if (stream === undefined) return;
    stream.chunksDue -= 1;
    stream.movedMs = this.clock.monotonicMs();
    if (last) this.#streams.delete(id);
    stream.receiver?.chunk(bytes, last);
  }

  failedAtSource(id: StreamId): void {
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    stream?.receiver?.failed();
  }

  /** The source is gone, and with it all its streams. */
  failAllOf(source: StreamSource): void {
    for (const [id, stream] of [...this.#streams]) {
      if (stream.source === source) this.failedAtSource(id);
    }
  }

  /** Sources that owe a chunk since before `sinceMs`: they hang as much as one with a late job. */
  stalledSources(sinceMs: number): Set<StreamSource> {
    const stalled = new Set<StreamSource>();
    for (const stream of this.#streams.values()) {
      if (stream.chunksDue > 0 && stream.movedMs <= sinceMs) stalled.add(stream.source);
    }
    return stalled;
  }

  #credit(id: StreamId, chunks: number): void {
    assert(chunks >= 1, `a credit of ${chunks} chunks`);
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    stream.chunksDue += chunks;
    stream.movedMs = this.clock.monotonicMs();
    stream.source.post({ kind: 'credit', stream: id, chunks });
  }
}
