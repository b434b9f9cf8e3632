/**
 * The transcript in docs/HISTORY.md: two edits through a server, then the commands that look at
 * them, as programs. `bun test/docs/history-transcript.ts --write` puts it between its markers.
 *
 * What varies from run to run is made the same: times become `2026-11-05 12:00:00`, the server's
 * port 8080.
 */

import { join } from 'node:path';
import { openRepl, serve } from '../support/inkwire.ts';
import { TestRoot } from '../support/root.ts';
import { writeMarkedParts } from './marked.ts';

export const historyDocument = 'docs/HISTORY.md';
export const historyMarker = 'history';

const edits = ['PUT test.html This is test', 'PUT test.html And this'];

const commands = [
  ['history', 'test.html'],
  ['diff', 'test.html@2', '3'],
  ['restore', 'test.html@1'],
  ['history', 'test.html'],
] as const;

const entry = join(import.meta.dir, '../../src/cli/main.ts');

/** Plays the transcript in `folder`, which gets an `htdocs`. */
export async function playHistory(folder: string): Promise<string> {
  await using server = await serve(folder, '--fresh');
  {
    await using repl = await openRepl(server.url);
    for (const line of edits) await repl.ask(line);
  }
  const lines: string[] = [];
  for (const command of commands) {
    const child = Bun.spawn([process.execPath, entry, ...command], {
      cwd: folder,
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'inherit',
    });
    lines.push(`$ inkwire ${command.join(' ')}`, (await child.stdout.text()).trimEnd());
    await child.exited;
  }
  const text = lines
    .join('\n')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, '2026-11-05 12:00:00')
    .replaceAll(`:${server.port}/`, ':8080/');
  return `\`\`\`text\n${text}\n\`\`\``;
}

if (import.meta.main) {
  using root = new TestRoot();
  const transcript = await playHistory(root.path);
  if (process.argv.includes('--write')) {
    writeMarkedParts(historyDocument, { [historyMarker]: transcript });
  } else {
    process.stdout.write(`${transcript}\n`);
  }
}
