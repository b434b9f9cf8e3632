/**
 * Sends content that is made of parts of an open file, a few parts in one turn. Nothing is kept for
 * a client that has no room: what it did not take is read again when it has.
 */

import type { ContentPiece, ResponseContent } from '../app/response.ts';
import type { StreamHandle } from '../dispatch/dispatcher.ts';
import { ContentParts } from './content-parts.ts';
import type { InstantReader } from './instant-reader.ts';
import type { Outbox } from './outbox.ts';
import type { StreamTurns } from './stream-turns.ts';

/** Parts that one client is sent in one turn of the event loop. */
export const PARTS_MAX = 4;

/**
 * So much at least is read for a client that had less room the last time: thousands that take
 * nothing are looked at four times a second, and must cost no more than that.
 */
export const PROBE_BYTES = 16 * 1024;

export interface PumpEvents {
  /** There is something to send: `feed` is to be called. */
  more(): void;
  /** The last bytes were sent or queued. */
  done(): void;
  /** The rest cannot be had, or not be sent. */
  failed(): void;
}

/** What all pumps of a server share. */
export interface PumpSources {
  readonly turns: StreamTurns;
  readonly reader?: InstantReader | undefined;
}

export class StreamPump {
  readonly #outbox: Outbox;
  readonly #turns: StreamTurns;
  readonly #events: PumpEvents;
  readonly #handle: StreamHandle;
  readonly #parts: ContentParts;
  readonly #pieces: readonly ContentPiece[];
  /** Which piece is being sent, and how many bytes of it were. */
  #index = 0;
  #sent = 0;
  /** What the next part may have: less after one that the client had no room for. */
  #partBytesMax = Number.POSITIVE_INFINITY;
  /** It goes on in a later turn, and not before. */
  #isPlanned = false;
  #isEnded = false;

  constructor(
    content: Extract<ResponseContent, { kind: 'stream' }>,
    outbox: Outbox,
    sources: PumpSources,
    events: PumpEvents,
  ) {
    this.#outbox = outbox;
    this.#turns = sources.turns;
    this.#events = events;
    this.#pieces = content.pieces;
    this.#handle = content.open({
      fetched: (piece) => this.#parts.receive(piece),
      failed: () => this.#fail(),
    });
    this.#parts = new ContentParts(this.#handle, sources.reader, () => {
      if (!this.#isEnded) events.more();
    });
  }

  /** Sends what there is for as long as the client has room, and this turn is not over. */
  feed(): void {
    if (this.#isEnded || this.#isPlanned) return;
    for (let parts = 0; ; parts += 1) {
      const piece = this.#nextOfFile();
      if (piece === undefined) {
        this.cancel();
        this.#events.done();
        return;
      }
      if (!this.#outbox.flush()) {
        this.#fail();
        return;
      }
      if (!this.#outbox.hasRoom) return;
      if (parts === PARTS_MAX || !this.#turns.tryTake()) {
        this.#goOnLater();
        return;
      }
      if (!this.#send(piece.start + this.#sent, piece.end)) return;
    }
  }

  /** Nobody wants the rest. */
  cancel(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#parts.drop();
    this.#handle.close();
  }

  /** The piece of the file that is to be sent next; what stands before it is queued. */
  #nextOfFile(): Extract<ContentPiece, { kind: 'file' }> | undefined {
    for (;;) {
      const piece = this.#pieces[this.#index];
      if (piece?.kind !== 'bytes') return piece;
      this.#outbox.push(piece.bytes);
      this.#index += 1;
    }
  }

  /** Sends a part; true when all of it went out, and so more may. */
  #send(position: number, end: number): boolean {
    const partEnd = Math.min(end, position + this.#partBytesMax);
    const bytes = this.#parts.take(position, partEnd);
    if (bytes === 'later') return false;
    const taken = bytes === 'changed' ? -1 : this.#outbox.pass(bytes);
    if (taken < 0) {
      this.#fail();
      return false;
    }
    if (position + taken === end) {
      this.#index += 1;
      this.#sent = 0;
    } else {
      this.#sent += taken;
    }
    const isWhole = taken === bytes.length;
    this.#partBytesMax = isWhole ? Number.POSITIVE_INFINITY : Math.max(PROBE_BYTES, 2 * taken);
    if (isWhole) this.#parts.passed(end);
    else this.#parts.drop();
    return isWhole;
  }

  #goOnLater(): void {
    this.#isPlanned = true;
    this.#turns.later(() => {
      this.#isPlanned = false;
      if (!this.#isEnded) this.#events.more();
    });
  }

  #fail(): void {
    if (this.#isEnded) return;
    this.cancel();
    this.#events.failed();
  }
}

/** Closes content that was opened for a client who has gone. */
export function discardContent(content: ResponseContent): void {
  if (content.kind !== 'stream') return;
  content.open({ fetched: ({ release }) => release(), failed: () => {} }).close();
}
