/** `inkwire diff`: what changed between two revisions of a page, as a unified patch. */

import type { Command } from 'commander';
import { concatBytes, emptyBytes, equalBytes } from '../base/bytes.ts';
import { quoted } from '../repl/display.ts';
import {
  chunksOf,
  contentFailure,
  type NamedVersion,
  namedVersion,
  type Past,
  type PastOptions,
  pastCommand,
  takeVersion,
  withPast,
} from './past.ts';
import { patchOf, type Side, shownPatch } from './patch-text.ts';
import { EXIT_USAGE } from './usage.ts';

/** As diff(1) has them. */
const EXIT_DIFFERENT = 1;
const EXIT_TROUBLE = 2;

/** Bytes of a version that is compared: the largest page that takes an insert by default. */
const comparedBytesMax = 16 * 1024 * 1024;

const help = `
Examples:
  inkwire diff test.html@3             from revision 3 to the page as it is
  inkwire diff test.html@3 5           from revision 3 to revision 5

A removal, which has no content, is compared as an empty page. What is not UTF-8 text is not
compared line by line, and what is larger than 16 MiB not at all.

Exit status, as that of diff(1): 0 when both are the same, 1 when they differ, 2 when that cannot
be told, and for a usage error.`;

export function diffCommand(): Command {
  return pastCommand('diff', 'show what changed between two revisions of a page', help)
    .argument('<page@revision>', 'a page and a revision of it, or now')
    .argument('[revision]', 'another one', 'now')
    .action(run);
}

async function run(
  argument: string,
  other: string,
  options: PastOptions,
  command: Command,
): Promise<void> {
  await withPast(options, command, (past) => compare(past, argument, other), EXIT_TROUBLE);
}

/** Shows the difference; returns the exit status. */
export async function compare(past: Past, argument: string, other: string): Promise<number> {
  const first = namedVersion(past, argument);
  const version = takeVersion(other);
  if (version === undefined) {
    const expected = 'expected a number, or now';
    return past.fail(`${quoted(other)} is no revision; ${expected}`, EXIT_USAGE);
  }
  const old = sideOf(past, first);
  const changed = sideOf(past, { page: first.page, version });
  if (equalBytes(old.bytes, changed.bytes)) return 0;
  await past.output.write(difference(old, changed, past.output));
  return EXIT_DIFFERENT;
}

function difference(old: Side, changed: Side, { terminal, colour }: Past['output']): string {
  const patch = patchOf(old, changed);
  if (patch.kind === 'patch') return terminal ? shownPatch(patch.text, colour) : patch.text;
  const how = patch.kind === 'no-text' ? ', and are not text' : ' in too many lines to be shown';
  return `${old.name} and ${changed.name} differ${how}\n`;
}

function sideOf(past: Past, named: NamedVersion): Side {
  const { page, version } = named;
  const name = `${page.path.slice(1)}@${version}`;
  const found = page.content(version);
  if (found.kind === 'removal' || found.kind === 'missing') {
    return { name: '/dev/null', bytes: emptyBytes };
  }
  if (found.kind !== 'content') return past.fail(contentFailure(named, found));
  if (found.content.size > comparedBytesMax) {
    found.content.close();
    return past.fail(`${name} has ${found.content.size} bytes, too many to be compared`);
  }
  return { name, bytes: concatBytes([...chunksOf(past, named, found)]) };
}
