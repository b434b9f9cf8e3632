/** `inkwire restore`: a new edit, by which a page holds a revision again; a server need not run. */

import type { Command } from 'commander';
import { concatBytes } from '../base/bytes.ts';
import { systemClock } from '../base/clock.ts';
import {
  defaultServerLimits,
  defaultStoreLimits,
  HASH_BYTES_MAX,
  INLINE_BYTES_MAX,
} from '../config/limits.ts';
import { replaceAlone } from '../store/edit-alone.ts';
import type { PageHistory } from '../store/history/page-history.ts';
import { contentTag } from '../store/page-state.ts';
import { rootHolder } from '../store/root-lock.ts';
import { systemFileSystem } from '../store/system-file-system.ts';
import {
  type Asked,
  chunksOf,
  contentFailure,
  isPortable,
  namedVersion,
  openHistory,
  type PastOptions,
  pastCommand,
  withAsked,
} from './past.ts';
import { changedMeanwhile, postPage } from './post-page.ts';
import { EXIT_USAGE } from './usage.ts';

/** Bytes of a revision that is held to be sent; a server takes 16 MiB at most. */
const restoredBytesMax = 256 * 1024 * 1024;

/** From the start of a server to its listening it is a fraction of this. */
const holderWaitMs = 2_000;
const holderPauseMs = 50;

const help = `
Examples:
  inkwire restore test.html@3          the page holds again what it held as revision 3

It is a new edit, so nothing is lost by it: the page as it was is a revision too. While a server
runs, the edit is sent to it; else it is made here. When somebody edits the page meanwhile, nothing
is done.

Exit status: 0 when the page holds the revision, 1 when there is no such revision, it is not kept,
or the edit was refused, 2 for a usage error.`;

export function restoreCommand(): Command {
  return pastCommand('restore', 'make a page hold a revision again, as a new edit', help)
    .argument('<page@revision>', 'a page and a revision of it')
    .action(run);
}

async function run(argument: string, options: PastOptions, command: Command): Promise<void> {
  await withAsked(options, command, (asked) => restore(asked, argument));
}

/** What is to be done. */
interface Plan {
  readonly key: PageHistory['key'];
  readonly path: string;
  readonly urlPath: string;
  readonly revision: number;
  readonly content: Uint8Array;
  /** The state that it is judged by: any other one is somebody's edit. */
  readonly replaces: Exclude<ReturnType<PageHistory['tag']>, 'unstable'>;
  /** The last revision of before. */
  readonly newest: number;
}

/**
 * Restores, and says so; returns the exit status.
 *
 * @param waitMs how long a process that has the root may take to say where it serves it
 */
export async function restore(
  asked: Asked,
  argument: string,
  waitMs: number = holderWaitMs,
): Promise<number> {
  const plan = planOf(asked, argument);
  if (plan === undefined) return 0;
  const by = await carryOut(asked, plan, waitMs);
  const number = newRevision(asked, plan);
  const now = number === undefined ? '' : ` as revision ${number}`;
  await asked.output.write(
    `${plan.path} holds revision ${plan.revision} again${now} (${plan.content.length} bytes${by})\n`,
  );
  return 0;
}

/** `undefined` when there is nothing to do, which was said. */
function planOf(asked: Asked, argument: string): Plan | undefined {
  using history = openHistory(asked);
  const past = { ...asked, history };
  const named = namedVersion(past, argument);
  const { page, version: revision } = named;
  const { key, path, urlPath } = page;
  if (revision === 'now') return asked.fail(`${path}@now is what the page holds`, EXIT_USAGE);
  const newest = page.newest();
  const found = page.content(revision);
  if (found.kind === 'removal') {
    return asked.fail(`${contentFailure(named, found)}; the method DELETE removes a page`);
  }
  if (found.kind !== 'content') return asked.fail(contentFailure(named, found));
  const { size } = found.content;
  if (size > restoredBytesMax) {
    found.content.close();
    return asked.fail(`revision ${revision} of ${path} has ${size} bytes, too many to be restored`);
  }
  const content = concatBytes([...chunksOf(past, named, found)]);
  const replaces = page.tag();
  if (replaces === 'unstable') return asked.fail(`${path} keeps changing; try again`);
  if (found.isNow || isContentOf(replaces, content)) {
    void asked.output.write(`${path} holds revision ${revision} already\n`);
    return undefined;
  }
  return { key, path, urlPath, revision, content, replaces, newest };
}
function isContentOf(replaces: Plan['replaces'], content: Uint8Array): boolean {
  return replaces !== 'missing' && replaces.opaque === contentTag(content).opaque;
}

/** Returns who has done it, where that was not this process. */
async function carryOut(asked: Asked, plan: Plan, waitMs: number): Promise<string> {
  const { root, rootPath, fail } = asked;
  const endMs = systemClock.monotonicMs() + waitMs;
  for (;;) {
    const holder = rootHolder(rootPath, systemFileSystem);
    let why = `process ${holder?.process} has ${root}, and says no address`;
    if (holder === undefined) {
      if (isDoneHere(asked, plan)) return '';
    } else if (holder.url !== undefined) {
      const end = await postPage(holder.url, plan);
      if (end.kind === 'done') return `, by the server at ${holder.url}`;
      if (end.kind === 'failed') return fail(`${plan.path} was not restored: ${end.sentence}`);
      why = `the server of ${root} cannot be reached: ${end.sentence}`;
    }
    // It has only just begun, or is about to end.
    if (systemClock.monotonicMs() > endMs) return fail(why);
    await new Promise<void>((resolve) => systemClock.after(holderPauseMs, resolve));
  }
}

/** Makes the edit, or fails; false when another process has the root by now. */
function isDoneHere({ rootPath, fail }: Asked, plan: Plan): boolean {
  const { key, path, content, replaces } = plan;
  const seams = { fileSystem: systemFileSystem, clock: systemClock };
  const done = replaceAlone(storeOptions(rootPath), seams, { key, content, replaces });
  if (done.kind === 'held') return false;
  if (done.kind === 'unusable') return fail(`${path} was not restored: ${done.sentence}`);
  const { result } = done;
  if (result.kind !== 'refused') return true;
  const changed = result.code === 'precondition-failed' || result.code === 'unstable';
  if (changed) return fail(`${path} was not restored: ${changedMeanwhile}`);
  const unknown = result.code === 'outcome-unknown';
  if (unknown) return fail(`it is not known whether ${path} was restored: the storage failed`);
  return fail(`${path} was not restored: ${result.code.replaceAll('-', ' ')}`);
}

function storeOptions(root: string) {
  return {
    root,
    durability: 'sync',
    ...defaultStoreLimits,
    insertPageBytesMax: defaultServerLimits.insertPageBytesMax,
    inlineBytesMax: INLINE_BYTES_MAX,
    hashBytesMax: HASH_BYTES_MAX,
    openPagesMax: 1,
    portable: isPortable(),
  } as const;
}

/** The number of the edit that was made; others may have followed. */
function newRevision(asked: Asked, { path, content, newest }: Plan): number | undefined {
  using history = openHistory(asked);
  const versions = history.page(path)?.versions().versions ?? [];
  const opaque = contentTag(content).opaque;
  const made = versions.findLast(({ revision, kind, size, tag }) => {
    const isNew = revision !== 'now' && revision > newest;
    const isSame = size === content.length && (tag === undefined || tag.opaque === opaque);
    return isNew && isSame && (kind === 'create' || kind === 'replace');
  });
  return made?.revision === 'now' ? undefined : made?.revision;
}
