/**
 * Pages in memory of which each method does what a test says, right to the letter or answered in
 * an odd way. It shares no code with Inkwire.
 */

import { type Answer, listen } from './raw-listener.ts';

/** What a method does. Closed. */
export type Doing =
  /** Puts the content into a page that is there. */
  | 'inserts'
  /** Replaces a page that is there. */
  | 'replaces'
  /** Makes a page, or replaces the one that is there. */
  | 'stores';

export interface PageServerOptions {
  /** Methods beside GET; any other is answered 405. */
  readonly methods: Readonly<Record<string, Doing>>;
  /** Whether pages can be removed. */
  readonly deletes?: boolean;
  /** What is answered in place of doing it. */
  readonly refuse?: (method: string, path: string) => number | undefined;
  /** What is answered although it was done: a status, or nothing at all. */
  readonly answer?: (method: string, path: string) => number | 'nothing' | undefined;
}

export interface PageServer extends Disposable {
  readonly port: number;
  /** The pages there are, by path. */
  readonly pages: Map<string, string>;
  /** What was asked, as `PUT /test.html`; GET left out. */
  readonly asked: readonly string[];
}

/** The page that is there at the beginning, as `/test.html`. */
export const PAGE = '<html>\n<body>\n<h1>My only copy</h1>\n</body>\n</html>\n';

export function startPageServer(options: PageServerOptions): PageServer {
  const pages = new Map([['/test.html', PAGE]]);
  const asked: string[] = [];
  const listener = listen(({ method, path, fresh, ifMatch, content }, reply) => {
    const held = pages.get(path);
    if (method === 'GET') {
      reply(held === undefined ? { status: 404 } : { status: 200, content: held });
      return;
    }
    asked.push(`${method} ${path}`);
    const refused = options.refuse?.(method, path);
    if (refused !== undefined) {
      reply({ status: refused });
      return;
    }
    if ((fresh && held !== undefined) || ifMatch !== undefined) {
      reply({ status: 412 });
      return;
    }
    const right = done(options, pages, { method, path, content });
    const odd = right.status < 300 ? options.answer?.(method, path) : undefined;
    if (odd === 'nothing') reply(undefined);
    else reply(odd === undefined ? right : { status: odd });
  });
  return { ...listener, pages, asked };
}

/** Does it to `pages`, and tells the right answer. */
function done(
  { methods, deletes = true }: PageServerOptions,
  pages: Map<string, string>,
  { method, path, content }: { method: string; path: string; content: string },
): Answer {
  const held = pages.get(path);
  if (method === 'DELETE' && deletes) return { status: pages.delete(path) ? 204 : 404 };
  const doing = methods[method];
  if (doing === undefined) return { status: 405 };
  if (held === undefined && doing !== 'stores') return { status: 404 };
  const inserted = held?.replace('</body>', `${content}\n</body>`);
  pages.set(path, doing === 'inserts' && inserted !== undefined ? inserted : content);
  return { status: held === undefined ? 201 : 204 };
}
