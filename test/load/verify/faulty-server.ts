/**
 * Pages in memory over HTTP, edited by inserting PUTs as Inkwire has them, right in every way, or
 * with one kind of fault on chosen edits or reads. It shares no code with Inkwire.
 */

import { type Answer, listen, type Reply, type Request } from './raw-listener.ts';

/** What goes wrong. Closed. */
export type Plant =
  | 'nothing'
  /** An edit is acknowledged and never stored. */
  | 'dropped'
  /** An edit is built on the page as it was some edits before, whose marks it takes away. */
  | 'race'
  | 'doubled'
  /** A read gives the first half of a page. */
  | 'cut'
  /** A read gives the beginning of one version and the end of another. */
  | 'mixed'
  /** An edit is put behind all that were done long before it. */
  | 'misplaced'
  /** A read gives a page that is many edits old. */
  | 'old-page'
  /** An edit is refused and done. */
  | 'refused-done'
  /** The connection ends without an answer, with the edit done or not. */
  | 'closed-done'
  | 'closed-undone'
  /** The answer is 500, and the edit is done some edits later. */
  | 'done-later'
  /** An edit is refused, and not done. */
  | 'refused'
  /** An edit comes once more some edits later, as from a proxy that repeats it. */
  | 'repeated';

export interface FaultyServer extends Disposable {
  readonly port: number;
  /** The keys that writes came with, in their order. */
  readonly keys: readonly (string | undefined)[];
  /** The pages there are, by path. */
  readonly pages: ReadonlyMap<string, string>;
}

export interface FaultyOptions {
  readonly plant: Plant;
  /** Numbers of the edits, or of the reads, that it happens to, from 1 on. */
  readonly on: readonly number[];
  /** Whether the answer to an insert carries the new page. */
  readonly answersWithPage?: boolean;
  /** Whether an edit whose key was there before is answered as then, and not done. */
  readonly knowsKeys?: boolean;
}

/** How far back an old page goes, and how many edits later a late one is done. */
const EDITS_BACK = 20;
const EDITS_LATER = 3;

export const BASE = '<html>\n<body>\n    <h1> This is HTML </h1>\n</body>\n</html>\n';
const BODY = '<body>\n';

function withUnit(page: string, mark: string): string {
  const at = page.indexOf(BODY) + BODY.length;
  return `${page.slice(0, at)}    <h2> ${mark} </h2>\n${page.slice(at)}`;
}

function withUnitBelow(page: string, mark: string): string {
  return page.replace('    <h1>', `    <h2> ${mark} </h2>\n    <h1>`);
}

class Pages {
  readonly pages = new Map([['/test.html', BASE]]);
  readonly #options: FaultyOptions;
  /** All versions of all pages, to give old ones. */
  readonly #versions: string[] = [];
  /** Work that waits for so many further edits. */
  readonly #later: { edits: number; readonly work: () => void }[] = [];
  #edits = 0;
  #reads = 0;
  /** Keys of edits that were done and not answered. */
  readonly #unanswered = new Set<string>();
  readonly keys: (string | undefined)[] = [];

  constructor(options: FaultyOptions) {
    this.#options = options;
  }

  handle({ method, path, fresh, key, content }: Request, reply: Reply): void {
    if (method !== 'GET') this.keys.push(key);
    const page = this.pages.get(path);
    switch (method) {
      case 'GET':
        reply(page === undefined ? { status: 404 } : { status: 200, content: this.#read(page) });
        return;
      case 'PUT':
        if (page === undefined) reply({ status: 404 });
        else this.#insert(path, page, content, key, reply);
        return;
      case 'POST':
        if (fresh && page !== undefined) reply({ status: 412 });
        else {
          this.pages.set(path, content);
          reply({ status: 201 });
        }
        return;
      default:
        reply({ status: this.pages.delete(path) ? 204 : 404 });
    }
  }

  #read(page: string): string {
    this.#reads += 1;
    if (!this.#options.on.includes(this.#reads)) return page;
    const old = this.#versions.at(-EDITS_BACK) ?? page;
    const half = Math.floor(page.length / 2);
    switch (this.#options.plant) {
      case 'cut':
        return page.slice(0, half);
      case 'mixed':
        return page.slice(0, half) + old.slice(half - 13);
      case 'old-page':
        return old;
      default:
        return page;
    }
  }

  #insert(path: string, page: string, mark: string, key: string | undefined, reply: Reply): void {
    this.#edits += 1;
    const planted = this.#options.on.includes(this.#edits) ? this.#options.plant : 'nothing';
    const store = (next: string): void => {
      this.#versions.push(page);
      this.pages.set(path, next);
    };
    const done = (): Answer => {
      const stored = this.pages.get(path) ?? '';
      return this.#options.answersWithPage === true
        ? { status: 200, content: stored }
        : { status: 204 };
    };
    const insert = (): void => store(withUnit(this.pages.get(path) ?? '', mark));
    if (key !== undefined && this.#unanswered.delete(key)) {
      reply(done());
      return;
    }
    switch (planted) {
      case 'dropped':
        break;
      case 'race':
        this.#after(() => {
          store(withUnit(page, mark));
          reply(done());
        });
        return;
      case 'doubled':
        insert();
        insert();
        break;
      case 'misplaced':
        store(withUnitBelow(page, mark));
        break;
      case 'refused-done':
        insert();
        reply({ status: 400 });
        return;
      case 'refused':
        reply({ status: 400 });
        return;
      case 'repeated': {
        insert();
        const first = done();
        this.#after(() => {
          const known = this.#options.knowsKeys === true && key !== undefined;
          if (!known) insert();
          reply(known ? first : done());
        });
        return;
      }
      case 'closed-done':
        insert();
        if (this.#options.knowsKeys === true && key !== undefined) this.#unanswered.add(key);
        reply(undefined);
        return;
      case 'closed-undone':
        reply(undefined);
        return;
      case 'done-later':
        this.#after(insert);
        reply({ status: 500 });
        return;
      default:
        insert();
    }
    reply(done());
    for (const waiting of this.#later) waiting.edits -= 1;
    while (this.#later[0]?.edits === 0) this.#later.shift()?.work();
  }

  #after(work: () => void): void {
    this.#later.push({ edits: EDITS_LATER, work });
  }
}

export function startFaultyServer(options: FaultyOptions): FaultyServer {
  const pages = new Pages(options);
  const listener = listen((request, reply) => pages.handle(request, reply));
  return { ...listener, pages: pages.pages, keys: pages.keys };
}
