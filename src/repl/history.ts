/**
 * The lines that were typed, in a file that outlives the session. Sessions share it: whoever writes
 * holds a lock file, so that none loses another's line, not while the file is cut either. A file
 * that cannot be read or written costs one warning and never the session.
 */

import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { takeUtf8, utf8Bytes } from '../base/bytes.ts';
import { type Clock, pauseThread } from '../base/clock.ts';

/** Lines that are kept: weeks of work, read in under a millisecond. */
export const historyLinesMax = 1_000;
/** UTF-16 units of a line that is written to the file: a longer one is content that was pasted. */
export const historyLineCharsMax = 8_192;
/** The file may grow to this many lines before it is cut to the newest {@link historyLinesMax}. */
const fileLinesMax = 2 * historyLinesMax;
/** What is read of a file that is larger than any the REPL writes: its end. */
const readBytesMax = 4 * 1024 * 1024;
/** A lock that is older was left by a process that died. */
const lockStaleMs = 10_000;
/** Another session holds the lock for well under a millisecond. */
const lockPauseMs = 1;
const lockAttemptsMax = 500;

/** `${XDG_STATE_HOME:-~/.local/state}/inkwire/history`; a relative XDG_STATE_HOME is ignored. */
export function historyPath(environment: { readonly XDG_STATE_HOME?: string | undefined }): string {
  const state = environment.XDG_STATE_HOME;
  const base = state?.startsWith('/') ? state : join(homedir(), '.local', 'state');
  return join(base, 'inkwire', 'history');
}

export class History {
  readonly #path: string | undefined;
  readonly #clock: Clock;
  readonly #warn: (message: string) => void;
  #lines: string[] = [];
  #warned = false;
  /** Lines in the file as far as this session knows. */
  #fileLines = 0;

  /**
   * @param path the file; `undefined` keeps the lines of this session only
   * @param warn is called at most once, with one line
   */
  constructor(path: string | undefined, clock: Clock, warn: (message: string) => void) {
    this.#path = path;
    this.#clock = clock;
    this.#warn = warn;
    this.#guarded((file) => this.#load(file));
  }

  /** Oldest first. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /**
   * Remembers `line` unless it is blank, begins with a blank (a way to keep a secret out), or
   * repeats the newest one.
   */
  add(line: string): void {
    if (line.trim() === '' || /^\s/.test(line) || line === this.#lines.at(-1)) return;
    this.#lines.push(line);
    if (this.#lines.length > historyLinesMax) this.#lines.shift();
    if (line.length > historyLineCharsMax || /[\n\r]/.test(line)) return;
    this.#guarded((file) => {
      const locked = this.#takeLock(file);
      try {
        append(file, utf8Bytes(`${line}\n`));
        this.#fileLines += 1;
        if (locked && this.#fileLines > fileLinesMax) this.#fileLines = cut(file);
      } finally {
        if (locked) unlinkSync(lockPath(file));
      }
    });
  }

  #load(file: string): void {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_CREAT, 0o600);
    try {
      // An older file, or one made under another umask, must not stay readable for others.
      if ((fstatSync(descriptor).mode & 0o077) !== 0) chmodSync(file, 0o600);
      const lines = linesOf(readEnd(descriptor));
      this.#fileLines = lines.length;
      this.#lines = newest(lines);
    } finally {
      closeSync(descriptor);
    }
    if (this.#fileLines <= fileLinesMax || !this.#takeLock(file)) return;
    try {
      this.#fileLines = cut(file);
    } finally {
      unlinkSync(lockPath(file));
    }
  }

  /**
   * Waits for the file to be this session's alone, so that no line is written to a file that is
   * being cut. False when another one keeps it: a line that may be lost is better than a prompt
   * that hangs.
   */
  #takeLock(file: string): boolean {
    const lock = lockPath(file);
    for (let attempt = 0; attempt < lockAttemptsMax; attempt += 1) {
      try {
        closeSync(openSync(lock, 'wx', 0o600));
        return true;
      } catch (error) {
        // A folder that takes no file at all will refuse the line as well, and that is said.
        if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) return false;
        const stat = statSync(lock, { throwIfNoEntry: false });
        if (stat && this.#clock.wallMs() - stat.mtimeMs > lockStaleMs) {
          // Its holder died. The next line finds the way free; this one goes without.
          unlinkSync(lock);
          return false;
        }
        pauseThread(lockPauseMs);
      }
    }
    return false;
  }

  #guarded(task: (file: string) => void): void {
    if (this.#path === undefined || this.#warned) return;
    try {
      task(this.#path);
    } catch (error) {
      this.#warned = true;
      const why = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
      this.#warn(`the history is kept for this session only: ${this.#path} (${why})`);
    }
  }
}

function lockPath(file: string): string {
  return `${file}.lock`;
}

function append(path: string, bytes: Uint8Array): void {
  const descriptor = openSync(path, 'a', 0o600);
  try {
    writeSync(descriptor, bytes);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Puts a copy with the newest lines in the file's place; returns how many it has. The caller holds
 * the lock.
 */
function cut(path: string): number {
  const old = openSync(path, 'r');
  try {
    const lines = newest(linesOf(readEnd(old)));
    const copy = `${path}.new`;
    const descriptor = openSync(copy, 'w', 0o600);
    try {
      writeSync(descriptor, utf8Bytes(lines.map((line) => `${line}\n`).join('')));
    } finally {
      closeSync(descriptor);
    }
    renameSync(copy, path);
    return lines.length;
  } finally {
    closeSync(old);
  }
}

/** The bytes of an open file, at most the last {@link readBytesMax}. */
function readEnd(descriptor: number): Uint8Array {
  const size = fstatSync(descriptor).size;
  const start = Math.max(0, size - readBytesMax);
  const bytes = new Uint8Array(size - start);
  let filled = 0;
  while (filled < bytes.length) {
    const read = readSync(descriptor, bytes, filled, bytes.length - filled, start + filled);
    if (read === 0) break;
    filled += read;
  }
  return bytes.subarray(0, filled);
}

/** Broken bytes become replacement characters: a damaged line is still better than none. */
function linesOf(bytes: Uint8Array): string[] {
  const text = takeUtf8(bytes) ?? Buffer.from(bytes).toString('utf8');
  return text.split('\n').filter((line) => line.trim() !== '');
}

/** The newest lines that are kept, of neighbours that are equal only one. */
function newest(lines: readonly string[]): string[] {
  const distinct = lines.filter((line, index) => line !== lines[index - 1]);
  return distinct.slice(-historyLinesMax);
}
