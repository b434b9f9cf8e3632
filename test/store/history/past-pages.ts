/** What the tests of history share: a store with pages in it, and its history read beside it. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/base/clock.ts';
import type { FileSystem } from '../../../src/store/file-system.ts';
import type { PageHistory, VersionName } from '../../../src/store/history/page-history.ts';
import { openRootHistory } from '../../../src/store/history/root-history.ts';
import { systemFileSystem } from '../../../src/store/system-file-system.ts';
import { edit, type FileTestStore, replace } from '../support.ts';

/** A root, and how its history is read. */
export interface HistoryRoot {
  readonly options: Parameters<typeof openRootHistory>[0];
}

/** Opens the page's history, as another process would, for as long as `use` runs. */
export function withHistory<T>(
  store: HistoryRoot,
  path: string,
  use: (page: PageHistory) => T,
  fileSystem: FileSystem = systemFileSystem,
): T {
  using history = openRootHistory(store.options, { fileSystem, clock: systemClock });
  const page = history.page(path);
  if (page === undefined) throw new Error(`no page can be called ${path}`);
  return use(page);
}

/** The content of a version as text; why there is none, in angle brackets. */
export function textOf(page: PageHistory, name: VersionName): string {
  const found = page.content(name);
  if (found.kind !== 'content') return `<${found.kind}>`;
  const { content } = found;
  let text = '';
  while (content.remaining > 0) {
    const bytes = content.read(100);
    if (bytes === undefined) return '<changed>';
    text += new TextDecoder().decode(bytes);
  }
  content.close();
  return text;
}

export function versionText(store: HistoryRoot, path: string, name: VersionName): string {
  return withHistory(store, path, (page) => textOf(page, name));
}

/** Each version in short: `3 replace now`, `1 outside`, `2 create dropped`. */
export function versionsText(page: PageHistory): string[] {
  return page.versions().versions.map(({ revision, kind, isNow, isKept }) => {
    const state = isNow ? ' now' : isKept || kind === 'remove' ? '' : ' dropped';
    return `${revision} ${kind}${state}`;
  });
}

export function brief(store: HistoryRoot, path: string): string[] {
  return withHistory(store, path, versionsText);
}

/** Puts these contents into a page, one after the other. */
export function put(store: FileTestStore, path: string, ...contents: readonly string[]): void {
  for (const content of contents) {
    const { kind } = edit(store, path, replace(content));
    if (kind === 'refused') throw new Error(`${path} was not written`);
  }
}

/** The path of a file of the store's own. */
export function own(store: Pick<FileTestStore, 'root'>, name: string): string {
  return join(store.root, '.inkwire', name);
}

/** Every displaced version of page 1, by its number. */
export function kept(store: FileTestStore): Record<string, string> {
  const folder = own(store, 'history/1');
  const names = readdirSync(folder);
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}
