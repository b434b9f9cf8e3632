/** Inserts into a page that another program saves as fast as it can, and what became of each. */

import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Glob } from 'bun';
import { ServerProcess } from '../../bench/torture/server-process.ts';
import { scratchFolder } from '../../bench/torture/site.ts';
import { disagreements, ledgerRows } from '../support/agreement.ts';
import { RawClient, request } from '../support/raw-client.ts';
import { SAMPLE } from '../support/root.ts';
import { Fault, type FaultName } from './faulty-server.ts';

const saver = join(import.meta.dir, 'saver.ts');

const connections = 4;
/** So many inserts are answered while the other program saves. */
const answersBetween = 40;
/** When all is saved, each connection inserts a few more that no save can put an end to. */
const insertsBehind = 3;
/** More than all revisions of a run, so that nothing is pruned. */
const historyMax = '1000000';

export interface Saving {
  readonly way: 'in-place' | 'by-exchange';
  readonly fault: FaultName;
}

export interface Saved {
  /** What is wrong, in words. */
  readonly faults: readonly string[];
  /** Inserts that were acknowledged, and that were refused because of the saves. */
  readonly acknowledged: number;
  readonly refused: number;
  /** Edits that were withdrawn, for a save had come in between. */
  readonly withdrawn: number;
}

export async function insertAgainstSaves({ way, fault }: Saving): Promise<Saved> {
  using faulty = new Fault(fault);
  const folder = scratchFolder('saves');
  const [root, own] = [join(folder, 'root'), join(folder, 'own')];
  mkdirSync(root);
  mkdirSync(own);
  writeFileSync(join(root, 'page.html'), SAMPLE);
  try {
    await using server = await ServerProcess.start({
      root,
      flags: ['--history', historyMax],
      ...(fault !== 'none' && faulty.server()),
    });
    faulty.arm();
    const other = Bun.spawn([process.execPath, saver, root, 'page.html', own, way]);
    const inserts = new Inserts(own);
    const ended = other.exited.then((status) => {
      inserts.isSaving = false;
      return status;
    });
    await Promise.all(Array.from({ length: connections }, (_, at) => inserts.run(server.port, at)));
    if ((await ended) !== 0) throw new Error('the other program has failed');
    const rows = ledgerRows(root);
    return {
      faults: [...inserts.faults, ...faultsOf(way, root, own, inserts.acknowledged)],
      acknowledged: inserts.acknowledged.length,
      refused: inserts.refused,
      withdrawn: rows.filter(({ undone }) => undone === 1n).length,
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

class Inserts {
  isSaving = true;
  #answers = 0;
  readonly acknowledged: string[] = [];
  readonly faults: string[] = [];
  refused = 0;

  /** @param own the other program's folder */
  constructor(readonly own: string) {}

  async run(port: number, connection: number): Promise<void> {
    await using client = await RawClient.open(port);
    for (let at = 0, left = insertsBehind; left > 0; at += 1) {
      if (!this.isSaving) left -= 1;
      const mark = `c${connection}n${at}.`;
      // The first connection replaces the page: of what stood there only the history tells then.
      const [method, content, done] =
        connection === 0 ? ['POST', `<body>\n${mark}\n</body>`, 201] : ['PUT', mark, 200];
      const { status, body } = await client.ask(request(method, '/page.html', { content }));
      if (status === 503) this.refused += 1;
      else if (status !== done || !body.includes(mark))
        this.faults.push(`${mark} got ${status}: ${body}`);
      else this.acknowledged.push(mark);
      if (existsSync(join(this.own, 'begun'))) this.#answers += 1;
      if (this.#answers === answersBetween) writeFileSync(join(this.own, 'stop'), '');
    }
  }
}

/**
 * The marks of all saves, but for those that nobody can keep: saved in place into a page that was
 * being withdrawn, after the last look at it.
 */
function marksOf(root: string, own: string): string[] {
  const undone = ledgerRows(root).filter((row) => row.undone === 1n);
  const withdrawn = new Set(undone.map(({ inode }) => String(inode)));
  return readdirSync(own).flatMap((name) => {
    const [, save, inode = ''] = /^(\d+)(?:-(\d+))?$/.exec(name) ?? [];
    return save === undefined || withdrawn.has(inode) ? [] : [`save ${save}.`];
  });
}

/** Every mark stands somewhere: in the page, in the history, or with who has put an end to it. */
function faultsOf(
  way: Saving['way'],
  root: string,
  own: string,
  acknowledged: readonly string[],
): string[] {
  const history = join(root, '.inkwire/history');
  const paths = [
    join(root, 'page.html'),
    ...[...new Glob('*/*').scanSync(history)].map((place) => join(history, place)),
    ...readdirSync(own).map((name) => join(own, name)),
  ];
  const found = new Set<string>();
  for (const path of paths) {
    for (const [mark] of readFileSync(path, 'utf8').matchAll(/save \d+\.|c\d+n\d+\./g)) {
      found.add(mark);
    }
  }
  const lost = [...marksOf(root, own), ...acknowledged].filter((mark) => !found.has(mark));
  const left = readdirSync(join(root, '.inkwire/tmp')).map((name) => `tmp/${name} was left`);
  return [
    ...lost.map((mark) => `lost: ${mark}`),
    ...left,
    // What is saved in place changes files that are known by now, and those in the history too.
    ...(way === 'in-place' ? [] : disagreements(root, { othersSave: true, isServed: true })),
    ...(way === 'in-place' ? [] : builtOnAnother(root, paths)),
  ];
}

/** Inserts whose page is not what the history holds as displaced by it, and something put in. */
function builtOnAnother(root: string, paths: readonly string[]): string[] {
  const contents = new Map(
    paths.map((path) => [lstatSync(path, { bigint: true }).ino, readFileSync(path, 'utf8')]),
  );
  return ledgerRows(root).flatMap(({ kind, undone, page, revision, displaces, inode }) => {
    if (kind !== 'insert' || undone === 1n) return [];
    const [content, kept] = [
      contents.get(inode ?? 0n),
      join(root, `.inkwire/history/${page}/${displaces}`),
    ];
    if (content === undefined || !existsSync(kept)) return [`revision ${revision} has no file`];
    if (isInsertion(readFileSync(kept, 'utf8'), content)) return [];
    return [`revision ${revision} is not built on ${displaces}`];
  });
}

/** Whether `page` is `base` and one piece more. */
function isInsertion(base: string, page: string): boolean {
  let before = 0;
  while (before < base.length && base[before] === page[before]) before += 1;
  return page.length > base.length && page.endsWith(base.slice(before));
}
