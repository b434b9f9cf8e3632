/**
 * Standard output and standard error as sinks: written by a background thread, for a terminal may
 * stop reading.
 */

import { write } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import type { Sink } from '../observe/line-writer.ts';

const STANDARD_OUTPUT = 1;
const STANDARD_ERROR = 2;
/** A pipe that is full and does not block is tried again after this. */
const RETRY_MS = 20;

export function standardOutput(clock: Clock): Sink {
  return sinkOf(STANDARD_OUTPUT, clock);
}

export function standardError(clock: Clock): Sink {
  return sinkOf(STANDARD_ERROR, clock);
}

function sinkOf(descriptor: number, clock: Clock): Sink {
  const sink: Sink = (bytes, done) => {
    write(descriptor, bytes, 0, bytes.length, null, (error, written) => {
      if (error === null) done(written);
      else if (error.code === 'EAGAIN') clock.after(RETRY_MS, () => sink(bytes, done));
      else done(error);
    });
  };
  return sink;
}
