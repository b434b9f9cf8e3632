/**
 * A start over a page that a crash has left, with a ledger that only remembers what it is told; and
 * what is wrong with the page, its history and that ledger then. What is right is worked out from
 * docs/DURABILITY.md.
 */

import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemRandom } from '../../src/base/random.ts';
import { Beneath } from '../../src/store/beneath.ts';
import type { FileSystem } from '../../src/store/file-system.ts';
import { HistoryFolder } from '../../src/store/history-folder.ts';
import type { PageIdentity, Settled } from '../../src/store/ledger/ledger.ts';
import { emptyTemporaryFolder } from '../../src/store/open-store.ts';
import { PageChanger } from '../../src/store/page-change.ts';
import { recover } from '../../src/store/recover.ts';
import { systemFileSystem } from '../../src/store/system-file-system.ts';
import { TemporaryFolder } from '../../src/store/temporary.ts';
import {
  type CrashedPage,
  identityOf,
  operationOf,
  pageMode,
  pageNumber,
  type Since,
  savedText,
  type Version,
} from './crashed-page.ts';

/** What the ledger was told. */
export class ToldLedger {
  settled: readonly Settled[] = [];
  isForgotten = false;
  /** Revisions of saves that were found. */
  readonly outside: number[] = [];

  /** Whether a save lies where only a start can keep it. */
  readonly isSaveToKeep: boolean;

  /** @param onCall hears of each change */
  constructor(
    readonly world: CrashedPage,
    readonly onCall: (call: string) => void = () => {},
  ) {
    const { displaced, crash } = world;
    this.isSaveToKeep =
      isInTick(world) ||
      (crash.since === 'saved into what was displaced' && displaced !== undefined);
  }

  get unfinished() {
    return this.isForgotten ? [] : this.world.unfinished;
  }

  recordOutside(): { page: number; revision: number } {
    const revision = this.world.versions.length + 1 + this.outside.length;
    this.outside.push(revision);
    return { page: pageNumber, revision };
  }

  settle(decisions: readonly Settled[]): void {
    this.onCall('settle');
    this.settled = [...this.settled.filter((one) => !one.happened), ...decisions];
    this.world.settledBefore(decisions);
  }

  forgetLeftOver(): void {
    this.onCall('forgetLeftOver');
    this.isForgotten = true;
  }
}

/** More than a chain has. */
const manyVersions = 100;

/** What a start does before it takes the first edit. */
export function start(ledger: ToldLedger, fileSystem: FileSystem = systemFileSystem): void {
  const { root, crash } = ledger.world;
  const portable = crash.isPortable ?? false;
  const beneath = new Beneath(fileSystem, root, portable);
  const temporary = new TemporaryFolder(fileSystem, root, systemRandom);
  const history = new HistoryFolder(fileSystem, root);
  try {
    const changer = new PageChanger(fileSystem, history, portable);
    const parts = { fileSystem, beneath, temporary, history, changer, ledger };
    recover({ ...parts, historyRevisionsMax: crash.keptMax ?? manyVersions });
    emptyTemporaryFolder(root, temporary.descriptor, fileSystem);
  } finally {
    for (const part of [history, temporary, beneath]) part.close();
  }
}

/** What stands at a path: the text of a file, or what else it is; `undefined` for nothing. */
export function standing(path: string): string | undefined {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  if (status.isDirectory()) return '<a folder>';
  return status.isFile() ? readFileSync(path, 'utf8') : '<no file>';
}

/** Texts of the history, by revision. */
export function historyOf(world: CrashedPage): Map<number, string> {
  const names = readdirSync(world.historyPath());
  return new Map(
    names.map((name) => [Number(name), readFileSync(world.historyPath(Number(name)), 'utf8')]),
  );
}

/** What the last edit and its page are to be after a start. */
export interface Expected {
  /** `undefined`: nobody can tell. */
  readonly happened: boolean | undefined;
  readonly isForeign: boolean;
  readonly page: string | undefined;
}

/** @param before what had the page's name when the start began */
export function expected(world: CrashedPage, before: string | undefined): Expected {
  const { versions, standing, crash } = world;
  const { since, steps, state, prepared, names } = crash;
  const last = steps.length - 1;
  const kind = steps[last];
  const isMissing = before === undefined;
  const isChanged = !harmless.includes(since) && !(since === 'removed' && isMissingVersion(world));
  // A page that is not there looks like a name that did not come to the disk, wherever an edit had
  // found none or left none; any other page would have kept a name.
  const isLostName = since === 'removed' && versions.some(({ text }) => text === undefined);
  const isForeign = isChanged && !isLostName && !isInTick(world);
  const done = versions.at(-1)?.text;
  if (state === 'begun') return { happened: false, isForeign: true, page: before };
  if (!isForeign) return { happened: true, isForeign, page: done };
  if (state === 'finished') return { happened: true, isForeign, page: before };
  const isUnknown =
    kind === 'create' && (prepared === 'lost' || isMissing) && names <= 2 * last + 2;
  const happened = isUnknown ? undefined : standing === last + 1;
  return { happened, isForeign, page: before };
}

/** What leaves the page as it is. */
const harmless: readonly Since[] = ['nothing', 'saved into what was displaced'];

/**
 * Nobody can tell whether a power cut or another program has made the file smaller: then the page
 * is what was acknowledged, and what lay there is kept.
 */
function isInTick(world: CrashedPage): boolean {
  const { since, state } = world.crash;
  return since === 'saved in place in its tick' && state !== 'begun' && !isMissingVersion(world);
}

function isMissingVersion({ versions, standing }: CrashedPage): boolean {
  return versions[standing]?.text === undefined;
}

/** What is wrong after a start; empty when nothing is. */
export function faultsOf(
  { world, settled, outside, isSaveToKeep }: ToldLedger,
  before: string | undefined,
): string[] {
  const faults: string[] = [];
  const { versions, crash, path } = world;
  const want = expected(world, before);
  const page = standing(path);
  if (page !== want.page) faults.push(`the page is ${page}, not ${want.page}`);
  const told = settled.find(({ operation }) => operation === operationOf(crash.steps.length - 1));
  if (want.happened !== undefined && told?.happened !== want.happened) {
    faults.push(`the last edit happened: ${told?.happened}, not ${want.happened}`);
  }
  const left = readdirSync(join(world.root, '.inkwire/tmp'));
  if (left.length > 0) faults.push(`${left} was left`);
  const kept = historyOf(world);
  const isSaveKept = [...kept.values()].includes(savedText);
  if (isSaveKept !== isSaveToKeep) faults.push(`that the save is kept is ${isSaveKept}`);
  for (const revision of outside) {
    if (kept.get(revision) !== savedText) faults.push(`revision ${revision} is nobody's save`);
    kept.delete(revision);
  }
  for (const [at, version] of versions.entries()) {
    const { text, revision } = version;
    const found = kept.get(revision);
    kept.delete(revision);
    const why = whyKept(world, at, told?.happened ?? false);
    if (why === 'either' || (why === 'if any' && found === undefined)) continue;
    const isSavedInto = crash.since === 'saved into what was displaced' && !isJournaled(version);
    if (isSavedInto && found === savedText) continue;
    const is = why === 'none' ? undefined : text;
    if (found !== is) faults.push(`revision ${revision} is kept as ${found}, not ${is}`);
  }
  for (const [revision, text] of kept) faults.push(`${text} is kept as ${revision}`);
  return [...faults, ...namingFaults(world, settled, want, before)];
}

function whyKept(
  { versions, crash, standing }: CrashedPage,
  at: number,
  happened: boolean,
): 'kept' | 'none' | 'if any' | 'either' {
  const { steps, content, pruned = [], since, keptMax = manyVersions } = crash;
  const version = versions[at];
  const next = steps[at];
  if (version?.text === undefined || next === undefined) return 'none';
  const isDestroyed = standing === at && since !== 'nothing';
  const isGivenUp = pruned.includes(version.revision) || at < steps.length - keptMax;
  // What was there before the journal is left to whoever prunes the history.
  if (isGivenUp) return standing < at || isJournaled(version) ? 'none' : 'either';
  const isLast = at === steps.length - 1;
  if (next === 'outside') return standing === at ? 'if any' : 'none';
  if (isLast && !happened) return 'none';
  if (isJournaled(version)) return 'kept';
  if (version.kind === 'outside' && (content !== 'whole' || standing < at)) return 'either';
  return isDestroyed ? 'either' : 'kept';
}

function isJournaled({ kind }: Version): boolean {
  return kind !== 'before' && kind !== 'outside';
}

/** Whether ledger and files tell the same, of the page and of each version that is kept. */
function namingFaults(
  world: CrashedPage,
  settled: readonly Settled[],
  want: Expected,
  before: string | undefined,
): string[] {
  const faults: string[] = [];
  const { versions, crash, path } = world;
  for (const { operation, happened, file } of settled) {
    const at = crash.steps.findIndex((_, step) => operationOf(step) === operation) + 1;
    const made = versions[at]?.identity;
    if (file && made && isSame(file, made)) faults.push(`${operation}: its own file is told`);
    const identity = file ?? made;
    if (!happened || identity === undefined) continue;
    const isLast = at === versions.length - 1;
    if (isLast ? want.isForeign : whyKept(world, at, happened) === 'either') continue;
    const place = isLast ? path : world.historyPath(versions[at]?.revision);
    const status = lstatSync(place, { throwIfNoEntry: false });
    if (status === undefined) continue;
    if (!isSame(identityOf(place), identity)) faults.push(`${place} is another file`);
    if (status.nlink !== 1) faults.push(`${place} has ${status.nlink} names`);
    // One that comes anew has nothing to be like.
    const isLike = isLast && before !== undefined;
    if (isLike && (status.mode & 0o777) !== pageMode) {
      faults.push(`${place} has the mode ${status.mode.toString(8)}`);
    }
  }
  return faults;
}

function isSame(a: PageIdentity, b: PageIdentity): boolean {
  return a.inode === b.inode && a.size === b.size && a.modifiedNs === b.modifiedNs;
}
