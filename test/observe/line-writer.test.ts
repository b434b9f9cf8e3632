/**
 * Lines to a slow, broken or closed reader: in order, bounded, and honest about what is dropped.
 */

import { describe, expect, test } from 'bun:test';
import { LineWriter, type Sink } from '../../src/observe/line-writer.ts';
import { until } from '../support/server.ts';

type Done = Parameters<Sink>[1];

/** A reader that takes what it is told to take, when it is told. */
class HeldSink {
  readonly writes: string[] = [];
  #waiting: { bytes: Uint8Array; done: Done } | undefined;

  readonly sink: Sink = (bytes, done) => {
    if (this.#waiting !== undefined) throw new Error('a write while another one is under way');
    this.writes.push(new TextDecoder().decode(bytes));
    this.#waiting = { bytes, done };
  };

  /** Waits for a write, and takes all of it, or the first `count` bytes. */
  async take(count?: number): Promise<void> {
    await until('a write', () => this.#waiting !== undefined);
    this.#finish((bytes) => count ?? bytes.length);
  }

  async fail(code: string): Promise<void> {
    await until('a write', () => this.#waiting !== undefined);
    this.#finish(() => Object.assign(new Error(code), { code }));
  }

  #finish(result: (bytes: Uint8Array) => number | Error): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) waiting.done(result(waiting.bytes));
  }
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('LineWriter', () => {
  test('the lines of a turn are one write, each with its end', async () => {
    const held = new HeldSink();
    const writer = new LineWriter(held.sink);
    writer.line('one');
    writer.line('two 한');
    expect(held.writes).toEqual([]);
    await held.take();
    expect(held.writes).toEqual(['one\ntwo 한\n']);
    await writer.drained();
  });

  test('while a write is under way lines wait for it, and then go in one', async () => {
    const held = new HeldSink();
    const writer = new LineWriter(held.sink);
    writer.line('a');
    await until('the first write', () => held.writes.length === 1);
    writer.line('b');
    await turn();
    writer.line('c');
    expect(held.writes).toEqual(['a\n']);
    await held.take();
    await held.take();
    expect(held.writes).toEqual(['a\n', 'b\nc\n']);
    await writer.drained();
  });

  test('a write that takes a part is gone on with where it stopped', async () => {
    const held = new HeldSink();
    const writer = new LineWriter(held.sink);
    writer.line('abcdef');
    await held.take(2);
    await held.take(1);
    await held.take();
    expect(held.writes).toEqual(['abcdef\n', 'cdef\n', 'def\n']);
    await writer.drained();
  });

  test('at the bound lines are kept, past it they are dropped, counted and said', async () => {
    const held = new HeldSink();
    const writer = new LineWriter(held.sink, 10);
    writer.line('12345');
    writer.line('12345');
    writer.line('x');
    writer.line('y');
    await held.take();
    expect(held.writes).toEqual([
      '12345\n12345\n(2 log lines dropped: the log is read too slowly)\n',
    ]);
    await writer.drained();
  });

  test('once the reader has caught up, lines are kept again', async () => {
    const held = new HeldSink();
    const writer = new LineWriter(held.sink, 10);
    writer.line('1234567890');
    await until('the first write', () => held.writes.length === 1);
    // What is being written still counts: the reader has not taken it.
    writer.line('lost');
    await held.take();
    await held.take();
    writer.line('1234567890');
    await held.take();
    await writer.drained();
    expect(held.writes).toEqual([
      '1234567890\n',
      '(1 log lines dropped: the log is read too slowly)\n',
      '1234567890\n',
    ]);
  });

  test('a reader that has gone (EPIPE) costs nothing: nothing waits, nothing is written', async () => {
    const held = new HeldSink();
    const writer = new LineWriter(held.sink);
    writer.line('a');
    await until('the first write', () => held.writes.length === 1);
    writer.line('b');
    const drained = writer.drained();
    await held.fail('EPIPE');
    await drained;
    writer.line('c');
    await turn();
    await writer.drained();
    expect(held.writes).toEqual(['a\n']);
  });

  test('a full disk: said once, tried again with each line, and what is lost is counted', async () => {
    const held = new HeldSink();
    const failures: string[] = [];
    const writer = new LineWriter(held.sink, 100, (code) => failures.push(code));
    writer.line('a');
    await until('the first write', () => held.writes.length === 1);
    writer.line('b');
    await held.fail('ENOSPC');
    await writer.drained();
    await turn();
    expect(held.writes).toEqual(['a\n']);

    writer.line('c');
    await held.take(1);
    await held.fail('ENOSPC');
    await writer.drained();
    expect(failures).toEqual(['ENOSPC']);

    writer.line('d');
    await held.take();
    writer.line('e');
    await held.take();
    await writer.drained();
    const lost = (count: number) => `(${count} log lines dropped: the log could not be written)\n`;
    // The line end first, for the last write ended within a line.
    expect(held.writes.slice(-2)).toEqual([`\n${lost(3)}d\n`, 'e\n']);

    writer.line('f');
    await held.fail('EIO');
    await writer.drained();
    expect(failures).toEqual(['ENOSPC', 'EIO']);
  });

  test('while nothing can be written, what finds no room is counted too, in its own words', async () => {
    const held = new HeldSink();
    const writer = new LineWriter(held.sink, 1);
    writer.line('a');
    writer.line('too long');
    await held.fail('ENOSPC');
    await writer.drained();
    writer.line('b');
    await held.take();
    await writer.drained();
    expect(held.writes.at(-1)).toBe(
      '(1 log lines dropped: the log could not be written)\nb\n' +
        '(1 log lines dropped: the log is read too slowly)\n',
    );
  });

  test('drained waits for the last byte, and not when there is none', async () => {
    const held = new HeldSink();
    const writer = new LineWriter(held.sink);
    await writer.drained();
    writer.line('a');
    let drained = false;
    const waiting = writer.drained().then(() => {
      drained = true;
    });
    await held.take(1);
    await turn();
    expect(drained).toBe(false);
    await held.take();
    await waiting;
    expect(drained).toBe(true);
  });

  test('a line that is longer than the bound is said too', async () => {
    const held = new HeldSink();
    const writer = new LineWriter(held.sink, 10);
    writer.line('12345678901');
    writer.line('short');
    await held.take();
    await writer.drained();
    expect(held.writes).toEqual(['short\n(1 log lines dropped: the log is read too slowly)\n']);
  });
});
