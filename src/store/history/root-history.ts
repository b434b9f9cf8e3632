/** The histories of all pages of a root, to be read: with or without a server that serves it. */

import type { Clock } from '../../base/clock.ts';
import type { StoreOptions } from '../../model/messages.ts';
import { takePageName } from '../../model/page-name.ts';
import { ContentFacts } from '../content-facts.ts';
import type { FileSystem } from '../file-system.ts';
import { ledgerFileName, ledgerPathOf } from '../layout.ts';
import { type LedgerReader, pagesListed } from '../ledger/ledger.ts';
import { openLedgerReader } from '../ledger/open-ledger.ts';
import { probeFileSystem } from '../open-store.ts';
import { PageHistory } from './page-history.ts';
import type { LookParts } from './page-look.ts';
import { VersionFiles } from './version-files.ts';

export interface HistorySeams {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
}

/** Throws `FileError` where the root cannot be read, and `LedgerUnusable`. */
export function openRootHistory(
  options: Pick<StoreOptions, 'root' | 'portable' | 'hashBytesMax'>,
  seams: HistorySeams,
): RootHistory {
  const { root, portable, hashBytesMax } = options;
  const { fileSystem, clock } = seams;
  const files = new VersionFiles(fileSystem, root, portable);
  try {
    // Looked for by its name: SQLite's locks do not outlive another way to open and close its file.
    const hasLedger = files.has(ledgerFileName);
    const path = ledgerPathOf(root);
    const ledger = hasLedger ? openLedgerReader(path) : undefined;
    const facts = new ContentFacts(fileSystem, hashBytesMax);
    const { foldsCase } = probeFileSystem(root, fileSystem);
    const tagOf: LookParts['tagOf'] = ({ descriptor, status }, key) =>
      facts.of(descriptor, status, key, clock.wallMs())?.state.tag;
    return new RootHistory({ fileSystem, files, ledger, hashBytesMax, tagOf }, foldsCase);
  } catch (error) {
    files.close();
    throw error;
  }
}

export class RootHistory implements Disposable {
  readonly #parts: LookParts;
  readonly #foldsCase: boolean;

  constructor(parts: LookParts, foldsCase: boolean) {
    this.#parts = parts;
    this.#foldsCase = foldsCase;
  }

  /**
   * The history of a page; `undefined` when no page can have that name.
   *
   * @param path as in a URL, less its coding, with or without the slash at its front
   */
  page(path: string): PageHistory | undefined {
    const name = takePageName(path.startsWith('/') ? path : `/${path}`, this.#foldsCase);
    return typeof name === 'string' ? undefined : new PageHistory(this.#parts, name.key);
  }

  /** The pages that have a history, in the order of their names. Throws `LedgerFailed`. */
  *pages(): Generator<PageHistory> {
    const ledger: LedgerReader | undefined = this.#parts.ledger;
    if (ledger === undefined) return;
    for (let after = ledger.pages(); ; ) {
      for (const { key } of after) yield new PageHistory(this.#parts, key);
      const last = after.at(-1);
      if (last === undefined || after.length < pagesListed) return;
      after = ledger.pages(last.key);
    }
  }

  [Symbol.dispose](): void {
    this.#parts.ledger?.close();
    this.#parts.files.close();
  }
}
