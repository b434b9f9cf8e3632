/** `inkwire history`: the revisions of a page, or the pages that have some. */

import type { Command } from 'commander';
import { historyJson, historyTable } from './history-table.ts';
import { knownPage, type Past, type PastOptions, pastCommand, withPast } from './past.ts';

const help = `
Examples:
  inkwire history                      the pages that have a history, one a line
  inkwire history test.html            the revisions of a page, the newest first
  inkwire history /notes/a.html --json --root site

A page is named as in its URL, less any percent-coding. A revision that is not kept has gone to make
room (inkwire serve --history), or was overwritten by another program before an edit could keep it.

Exit status: 0 when it was told, 1 when there is no such page, 2 for a usage error.`;

interface Options extends PastOptions {
  readonly json?: true;
}

export function historyCommand(): Command {
  return pastCommand('history', 'list the revisions of a page', help)
    .argument('[page]', 'the page; without one, all that have a history')
    .option('--json', 'one JSON object, for a program')
    .action(run);
}

async function run(name: string | undefined, options: Options, command: Command): Promise<void> {
  const json = options.json === true;
  await withPast(options, command, (past) =>
    name === undefined ? listPages(past, json) : listRevisions(past, name, json),
  );
}

/** Lists the revisions of a page; returns the exit status. */
export async function listRevisions(past: Past, name: string, json: boolean): Promise<number> {
  const page = knownPage(past, name);
  const versions = page.versions();
  const { colour } = past.output;
  await past.output.write(
    json ? historyJson(page.path, versions) : `${page.path}\n${historyTable(versions, colour)}`,
  );
  return 0;
}

/** Lists the pages that have a history; returns the exit status. */
export async function listPages(past: Past, json: boolean): Promise<number> {
  const paths = Array.from(past.history.pages(), ({ path }) => path);
  if (json) await past.output.write(`${JSON.stringify({ pages: paths })}\n`);
  else if (paths.length > 0) await past.output.write(`${paths.join('\n')}\n`);
  else await past.output.complain(`no page in ${past.root} has a history yet`);
  return 0;
}
