/** What the commands that look at the past of pages share: options, names, failures, answers. */

import { resolve } from 'node:path';
import { Command } from 'commander';
import { systemClock } from '../base/clock.ts';
import { HASH_BYTES_MAX } from '../config/limits.ts';
import { quoted } from '../repl/display.ts';
import { type Output, streamOutput } from '../repl/output.ts';
import { closestWord } from '../repl/suggest.ts';
import { FileError } from '../store/errno.ts';
import type { PageHistory, VersionContent, VersionName } from '../store/history/page-history.ts';
import { openRootHistory, type RootHistory } from '../store/history/root-history.ts';
import { LedgerFailed, LedgerUnusable } from '../store/ledger/ledger.ts';
import { systemFileSystem } from '../store/system-file-system.ts';
import { SAMPLES_ROOT } from './samples.ts';
import { EXIT_USAGE, failedCode, oneLineErrors, usageStatus } from './usage.ts';

/** It was understood, and cannot be done. */
export const EXIT_FAILED = 1;

/** Pages among which the one that was meant is looked for. */
const suggestionsMax = 10_000;

/** Bytes that are read, and written, at once. */
const chunkBytes = 256 * 1024;

export interface PastOptions {
  readonly root: string;
  readonly color: boolean;
}

/** Ends the command with one line, and a status. */
export type Fail = (message: string, status?: number) => never;

/** A command that runs. */
export interface Asked {
  /** As it was given. */
  readonly root: string;
  /** Absolute. */
  readonly rootPath: string;
  readonly output: Output;
  readonly fail: Fail;
}

/** The same, with the histories of the root's pages open. */
export interface Past extends Asked {
  readonly history: RootHistory;
}

/** A command with the options that all of them have. */
export function pastCommand(name: string, description: string, help: string): Command {
  return new Command(name)
    .description(description)
    .option('--root <folder>', 'the folder that is, or was, served', SAMPLES_ROOT)
    .option('--no-color', 'no colours (the variable NO_COLOR does the same)')
    .addHelpText('after', help)
    .configureOutput(oneLineErrors)
    .exitOverride(usageStatus);
}

/**
 * Runs a command, and sets the exit status that `run` returns.
 *
 * @param failedStatus the status of what cannot be done
 */
export async function withAsked(
  options: PastOptions,
  command: Command,
  run: (asked: Asked) => Promise<number>,
  failedStatus = EXIT_FAILED,
): Promise<void> {
  const fail: Fail = (message, exitCode = failedStatus) =>
    command.error(`error: ${message}`, { exitCode, code: failedCode });
  let unwritten: string | undefined;
  const output = streamOutput(process.stdout, process.stderr, styleOf(options), (code) => {
    unwritten ??= code;
  });
  const { root } = options;
  try {
    process.exitCode = await run({ root, rootPath: resolve(root), output, fail });
  } catch (error) {
    fail(sentenceOf(error, root));
  }
  if (unwritten !== undefined) fail(`the answer could not be written (${unwritten})`);
}

/** Runs a command that only reads. */
export function withPast(
  options: PastOptions,
  command: Command,
  run: (past: Past) => Promise<number>,
  failedStatus?: number,
): Promise<void> {
  return withAsked(
    options,
    command,
    async (asked) => {
      using history = openHistory(asked);
      return await run({ ...asked, history });
    },
    failedStatus,
  );
}

/** Whether the files are to be reached as elsewhere than on Linux, for tests. */
export function isPortable(): boolean {
  return process.env['INKWIRE_PORTABLE'] === '1';
}

function styleOf({ color }: PastOptions) {
  const { TERM, NO_COLOR } = process.env;
  const terminal = process.stdout.isTTY === true;
  const colour = terminal && color && (NO_COLOR ?? '') === '' && TERM !== 'dumb';
  return { terminal, colour, interactive: false };
}

/** Opens the histories of the root's pages; fails when there is no such folder. */
export function openHistory({ rootPath, root, fail }: Asked): RootHistory {
  const options = { root: rootPath, portable: isPortable(), hashBytesMax: HASH_BYTES_MAX };
  try {
    return openRootHistory(options, { fileSystem: systemFileSystem, clock: systemClock });
  } catch (error) {
    if (!(error instanceof FileError) || !['ENOENT', 'ENOTDIR'].includes(error.errno)) throw error;
    const hint = root === SAMPLES_ROOT ? '; --root names another one' : '';
    return fail(`there is no folder ${root}${hint}`, EXIT_USAGE);
  }
}

/** What went wrong, for a person. Throws on whatever is no failure of the storage. */
function sentenceOf(error: unknown, root: string): string {
  if (error instanceof LedgerUnusable) return `${root}: ${error.message}`;
  if (error instanceof LedgerFailed) return `${root}: its ledger cannot be read (${error.detail})`;
  if (error instanceof FileError) return `${root} cannot be read (${error.errno})`;
  throw error;
}

/** The page of that name that is there, or was; fails with the one that was probably meant. */
export function knownPage(past: Past, name: string): PageHistory {
  const page = past.history.page(name);
  if (page === undefined) return past.fail(unknownPage(past, name));
  const isKnown = page.newest() > 0 || page.content('now').kind !== 'missing';
  return isKnown ? page : past.fail(unknownPage(past, page.path));
}

function unknownPage({ history, root }: Past, name: string): string {
  const paths: string[] = [];
  for (const { path } of history.pages()) {
    paths.push(path);
    if (paths.length >= suggestionsMax) break;
  }
  const said = name.startsWith('/') ? name : `/${name}`;
  const meant = paths.find((path) => path === decoded(said)) ?? closestWord(said, paths);
  const suggestion = meant === undefined ? '' : `; did you mean ${meant}?`;
  return `there is no page ${quoted(said)} in ${root}, and no history of one${suggestion}`;
}

/** As a URL means it: a name that was copied out of one. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** A page and a version of it. */
export interface NamedVersion {
  readonly page: PageHistory;
  readonly version: VersionName;
}

/** Reads `page@3` and `page@now`. */
export function namedVersion(past: Past, argument: string): NamedVersion {
  const [, name = '', version = ''] = /^(.+)@([^@]*)$/s.exec(argument) ?? [];
  const number = takeVersion(version);
  if (number === undefined) {
    const expected = 'expected a page and a revision, such as test.html@3';
    return past.fail(`${quoted(argument)} names no revision; ${expected}`, EXIT_USAGE);
  }
  return { page: knownPage(past, name), version: number };
}

/** `3` or `now`; `undefined` for anything else. */
export function takeVersion(text: string): VersionName | undefined {
  if (text === 'now') return 'now';
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
}

export type Content = Extract<VersionContent, { kind: 'content' }>;

/** Why a version has no content, in a sentence. */
export function contentFailure(
  { page, version }: NamedVersion,
  found: Exclude<VersionContent, { kind: 'content' }>,
): string {
  const { path } = page;
  switch (found.kind) {
    case 'removal':
      return `revision ${version} of ${path} is its removal, which has no content`;
    case 'unknown': {
      const { newest } = found;
      const known = newest === undefined ? 'no edit was recorded' : `the newest is ${newest}`;
      return `there is no revision ${version} of ${path}; ${known}`;
    }
    case 'dropped':
      return (
        `revision ${version} of ${path} is not kept any more; ` +
        'inkwire serve --history and --history-bytes say how much is'
      );
    case 'overwritten':
      return `revision ${version} of ${path} is lost: another program saved over it, or removed it`;
    case 'missing':
      return `there is no page ${path} now`;
  }
}

/** The content piece by piece; fails when it cannot be had to its end. */
export function* chunksOf(past: Past, named: NamedVersion, found: Content): Generator<Uint8Array> {
  const { content } = found;
  try {
    while (content.remaining > 0) {
      const bytes = content.read(chunkBytes);
      if (bytes === undefined) {
        return past.fail(`${named.page.path} was changed while it was read; try again`);
      }
      yield bytes;
    }
  } finally {
    content.close();
  }
}
