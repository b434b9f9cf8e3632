/** Open streams on the main thread: which worker has which page's file open, and for whom. */

import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { MainToStore } from '../model/messages.ts';
import type { OpenFile, StreamId } from '../model/operation.ts';
import type { Slab, Wish } from './slab.ts';

/** Bytes of a stream that a worker has read. They may be looked at until `release`. */
export interface FetchedBytes {
  readonly position: number;
  readonly bytes: Uint8Array;
  /** To be called once, and soon: others wait for the memory. */
  release(): void;
}

/** Takes what was fetched of a stream. After `failed` nothing follows. */
export interface StreamReceiver {
  /** In the order in which it was asked for. */
  fetched(piece: FetchedBytes): void;
  /** The content cannot be had to its end; its file is closed already. */
  failed(): void;
}

export interface StreamHandle {
  /**
   * The file, which is open until `close` is called or `failed` was: to be read until then, and to
   * be closed by nobody. Absent where only a worker can read it.
   */
  readonly file: OpenFile | undefined;
  /** Asks for `bytes` bytes from `position` on, all within the content, at most `slotBytes`. */
  fetch(position: number, bytes: number): void;
  /** Has the file closed; the receiver hears nothing more. May be called again. */
  close(): void;
}

/** The worker that has the file open. */
export interface StreamSource {
  readonly slab: Slab<Fetch>;
  post(message: MainToStore): void;
}

interface OpenStream {
  readonly id: StreamId;
  readonly source: StreamSource;
  readonly file: OpenFile | undefined;
  receiver: StreamReceiver | undefined;
  /** Nobody reads its file any more. */
  isClosed: boolean;
}

/** A part of a stream that was asked for. */
class Fetch implements Wish {
  constructor(
    readonly stream: OpenStream,
    readonly position: number,
    readonly bytes: number,
  ) {}

  granted(at: number): void {
    const { stream, position, bytes } = this;
    stream.source.post({ kind: 'fill', stream: stream.id, position, bytes, at });
  }
}

export type { Fetch };

export class StreamTable {
  readonly #streams = new Map<StreamId, OpenStream>();

  constructor(readonly clock: Clock) {}

  /** A worker holds the stream open for whoever asked for the page. */
  add(id: StreamId, source: StreamSource, file: OpenFile | undefined): void {
    this.#streams.set(id, { id, source, file, receiver: undefined, isClosed: false });
  }

  /** Where the worker is gone already, the receiver hears of it after this has returned. */
  open(id: StreamId, receiver: StreamReceiver): StreamHandle {
    const stream = this.#streams.get(id);
    if (stream === undefined) return failing(receiver);
    assert(stream.receiver === undefined, `stream ${id} was opened twice`);
    stream.receiver = receiver;
    return {
      file: stream.file,
      fetch: (position, bytes) => {
        if (stream.isClosed) return;
        stream.source.slab.ask(new Fetch(stream, position, bytes), this.clock.monotonicMs());
      },
      close: () => this.close(id),
    };
  }

  close(id: StreamId): void {
    const stream = this.#streams.get(id);
    if (stream !== undefined) this.#end(stream);
  }

  /** A slot of the source is filled. */
  filled(source: StreamSource, at: number): void {
    const { slab } = source;
    const fetch = slab.takeAnswered(at, this.clock.monotonicMs());
    let isHeld = true;
    const release = (): void => {
      assert(isHeld, 'a slot was released twice');
      isHeld = false;
      slab.give(at, this.clock.monotonicMs());
    };
    const { stream, position } = fetch;
    // One that was closed may have had something on its way, or waiting: the worker says then that
    // it does not know it.
    if (stream.isClosed || stream.receiver === undefined) release();
    else {
      const bytes = new Uint8Array(slab.memory, at, fetch.bytes);
      stream.receiver.fetched({ position, bytes, release });
    }
  }

  /** What was asked for cannot be had. */
  notFilled(source: StreamSource, at: number): void {
    const nowMs = this.clock.monotonicMs();
    const { stream } = source.slab.takeAnswered(at, nowMs);
    source.slab.give(at, nowMs);
    this.#fail(stream);
  }

  /** The source is gone, or as good as that, and with it all its streams. */
  failAllOf(source: StreamSource): void {
    for (const stream of [...this.#streams.values()]) {
      if (stream.source === source) this.#fail(stream);
    }
  }

  #fail(stream: OpenStream): void {
    if (stream.isClosed) return;
    this.#end(stream);
    stream.receiver?.failed();
  }

  /** From here on nobody reads its file: that is what the worker is told. */
  #end(stream: OpenStream): void {
    stream.isClosed = true;
    this.#streams.delete(stream.id);
    stream.source.post({ kind: 'close', stream: stream.id });
  }
}

function failing(receiver: StreamReceiver): StreamHandle {
  let isClosed = false;
  queueMicrotask(() => {
    if (!isClosed) receiver.failed();
  });
  return {
    file: undefined,
    fetch() {},
    close() {
      isClosed = true;
    },
  };
}
