/**
 * A pump between a file that is an array, a reader and a worker that do as the test says, and a
 * client that takes what the test lets it take. Says what went wrong, and what was left behind.
 */

import type { ContentPiece } from '../../../src/app/response.ts';
import type {
  FetchedBytes,
  StreamHandle,
  StreamReceiver,
} from '../../../src/dispatch/dispatcher.ts';
import { slotBytes } from '../../../src/dispatch/limits.ts';
import type { OpenFile } from '../../../src/model/operation.ts';
import type { InstantReader } from '../../../src/server/instant-reader.ts';
import { Outbox } from '../../../src/server/outbox.ts';
import { StreamPump } from '../../../src/server/stream-pump.ts';
import { StreamTurns } from '../../../src/server/stream-turns.ts';
import { ManualClock } from '../../support/manual-clock.ts';

/** What a reading comes to: a count, or why it comes to nothing. */
export type Reading = number | 'absent' | 'unsupported' | 'changed';

export interface PumpPlan {
  readonly file: Uint8Array;
  readonly pieces: readonly ContentPiece[];
  /** What each reading comes to, one after the other; after that all of them are whole. */
  readonly readings?: readonly Reading[];
  /** Whether there is a reader. */
  readonly hasReader?: boolean;
  /** How many bytes each write may take; after that all. */
  readonly writes?: readonly number[];
}

/** Fills what it is asked for when the test says so, and never more than two at a time. */
class Worker {
  readonly asked: { readonly position: number; readonly bytes: number }[] = [];
  receiver: StreamReceiver | undefined;
  slots = 0;
  closes = 0;
  fetches = 0;

  constructor(readonly file: Uint8Array) {}

  get handle(): StreamHandle {
    return {
      file: { descriptor: 1, size: this.file.length, modifiedNs: '0' },
      fetch: (position, bytes) => {
        if (this.closes > 0) throw new Error('a fetch after the close');
        if (bytes < 1 || bytes > slotBytes) throw new Error(`a fetch of ${bytes} bytes`);
        if (position + bytes > this.file.length) throw new Error('a fetch behind the end');
        this.fetches += 1;
        this.asked.push({ position, bytes });
      },
      close: () => {
        this.closes += 1;
      },
    };
  }

  /** Answers the oldest wish; false when there is none. */
  answer(): boolean {
    const wish = this.asked.shift();
    if (wish === undefined) return false;
    this.slots += 1;
    const memory = this.file.slice(wish.position, wish.position + wish.bytes);
    let isHeld = true;
    const piece: FetchedBytes = {
      position: wish.position,
      bytes: memory,
      release: () => {
        if (!isHeld) throw new Error('released twice');
        isHeld = false;
        this.slots -= 1;
        // Somebody else's from now on.
        memory.fill(0);
      },
    };
    if (this.closes > 0) piece.release();
    else this.receiver?.fetched(piece);
    return true;
  }
}

export class PumpBench {
  readonly worker: Worker;
  readonly pump: StreamPump;
  readonly outbox: Outbox;
  readonly sent: Uint8Array[] = [];
  done = 0;
  failed = 0;
  reads = 0;
  /** How much the last reading was asked for. */
  askedBytes = 0;
  /** Parts that were passed on in this turn of the event loop. */
  readonly #readings: Reading[];
  readonly #writes: number[];
  #isBlocked = false;

  constructor(plan: PumpPlan, turns = new StreamTurns()) {
    const { file, pieces } = plan;
    this.#readings = [...(plan.readings ?? [])];
    this.#writes = [...(plan.writes ?? [])];
    this.worker = new Worker(file);
    this.outbox = new Outbox((bytes) => this.#write(bytes), new ManualClock());
    let bytes = 0;
    for (const piece of pieces) {
      bytes += piece.kind === 'bytes' ? piece.bytes.length : piece.end - piece.start;
    }
    const open = (receiver: StreamReceiver): StreamHandle => {
      this.worker.receiver = receiver;
      return this.worker.handle;
    };
    const reader = plan.hasReader === false ? undefined : this.#reader(file);
    this.pump = new StreamPump(
      { kind: 'stream', bytes, pieces, open },
      this.outbox,
      { turns, reader },
      {
        more: () => this.#feed(),
        done: () => {
          this.done += 1;
        },
        failed: () => {
          this.failed += 1;
        },
      },
    );
  }

  /** Lets everybody do what they can until nothing happens any more. */
  async run(): Promise<void> {
    this.#feed();
    // A planned turn may come one turn later than what it waits for.
    for (let idleTurns = 0; idleTurns < 3; ) {
      const before = this.sent.length + this.reads;
      // A request that comes meanwhile has the session look at everything.
      this.#feed();
      const isAnswered = this.worker.answer();
      if (this.#isBlocked) {
        // What the kernel tells; or the look at the deadlines, where it does not.
        this.#isBlocked = false;
        this.outbox.roomAgain();
        this.#feed();
      }
      await new Promise((resolve) => setImmediate(resolve));
      const isIdle = !isAnswered && !this.#isBlocked && this.sent.length + this.reads === before;
      idleTurns = isIdle ? idleTurns + 1 : 0;
      if (this.reads > 100_000) throw new Error('it reads for ever');
    }
  }

  #feed(): void {
    this.outbox.flush();
    this.pump.feed();
    // The session looks at what is queued when a response is complete.
    if (this.done > 0) this.outbox.flush();
  }

  #write(bytes: Uint8Array): number {
    const room = this.#writes.shift() ?? bytes.length;
    const taken = Math.min(room, bytes.length);
    if (taken >= 0) this.sent.push(bytes.slice(0, taken));
    this.#isBlocked = taken < bytes.length;
    return taken;
  }

  #reader(file: Uint8Array): InstantReader {
    const memory = new Uint8Array(1 << 18);
    return {
      bytes: memory,
      readNow: (_: OpenFile, position: number, bytes: number) => {
        if (this.worker.closes > 0) throw new Error('a reading after the close');
        if (bytes < 1 || position + bytes > file.length)
          throw new Error('a reading behind the end');
        this.reads += 1;
        this.askedBytes = bytes;
        const reading = this.#readings.shift() ?? memory.length;
        if (typeof reading !== 'number') return reading;
        const count = Math.min(reading, bytes, memory.length);
        memory.fill(0);
        memory.set(file.subarray(position, position + count));
        return count;
      },
    };
  }
}

/** What `pieces` of `file` come to. */
export function wholeOf(file: Uint8Array, pieces: readonly ContentPiece[]): Buffer {
  const parts = pieces.map((piece) =>
    piece.kind === 'bytes' ? piece.bytes : file.subarray(piece.start, piece.end),
  );
  return Buffer.concat(parts);
}
