/** How the pages of a history are written: a replacement's mark, and those of inserts above it. */

import { latin1Text } from '../../src/base/bytes.ts';
import type { Mark } from '../../src/load/history/history.ts';

const form =
  /^<!DOCTYPE html>\n<html lang="en">\n<body>\n((?: {4}<h2> \d+ <\/h2>\n)*) {4}<p>page (\d+)<\/p>\n<\/body>\n<\/html>\n$/;

/** The page that a replacement brings. */
export function pageText(mark: Mark): string {
  return `<!DOCTYPE html>\n<html lang="en">\n<body>\n    <p>page ${mark}</p>\n</body>\n</html>\n`;
}

/** The marks of a page, oldest first; `undefined` when it is not whole, to the byte. */
export function takeMarks(page: Uint8Array): Mark[] | undefined {
  const [, inserts, mark] = form.exec(latin1Text(page)) ?? [];
  if (inserts === undefined || mark === undefined) return undefined;
  const newestFirst = [...inserts.matchAll(/ (\d+) /g)].map(([, digits]) => Number(digits));
  return [...newestFirst, Number(mark)].reverse();
}
