/** `inkwire show`: the bytes of one revision of a page. */

import type { Command } from 'commander';
import {
  chunksOf,
  contentFailure,
  namedVersion,
  type Past,
  type PastOptions,
  pastCommand,
  withPast,
} from './past.ts';

const help = `
Examples:
  inkwire show test.html@3             revision 3, as inkwire history test.html numbers them
  inkwire show test.html@now           the page as it is
  inkwire show test.html@3 > old.html  to a file

Exit status: 0 when it was shown, 1 when there is no such revision or it is not kept, 2 for a usage
error.`;

export function showCommand(): Command {
  return pastCommand('show', 'write a revision of a page to standard output', help)
    .argument('<page@revision>', 'a page and a revision of it, or now')
    .action(run);
}

async function run(argument: string, options: PastOptions, command: Command): Promise<void> {
  await withPast(options, command, (past) => show(past, argument));
}

/** Writes the revision's bytes; returns the exit status. */
export async function show(past: Past, argument: string): Promise<number> {
  const named = namedVersion(past, argument);
  const found = named.page.content(named.version);
  if (found.kind !== 'content') return past.fail(contentFailure(named, found));
  for (const bytes of chunksOf(past, named, found)) {
    // Nobody reads any more, as behind `head`: that is no failure.
    if (!(await past.output.write(bytes))) break;
  }
  return 0;
}
