/**
 * The transcripts in the documents: the original's dialogue, played through the REPL against a
 * server with fresh samples, both started as the README says; all of it in `docs/DIALOGUE.md`, a
 * part in the README. `bun test/docs/transcript.ts --write` puts them between the `transcript`
 * markers.
 *
 * The answers are the REPL's output. Around them stand the lines of a terminal: the commands, the
 * greeting, the prompt and what was typed. What varies from run to run is made the same:
 *
 * | what | becomes |
 * |---|---|
 * | the values of `Date` and `Last-Modified` | `Thu, 05 Nov 2026 12:00:00 GMT` |
 * | the server's port | `8080` |
 * | the client's port | `49733` |
 * | the number of workers, and which one did it | `4`, `1` |
 * | milliseconds in the log | `0.4 ms` |
 * | CR LF at the end of header lines | LF |
 */

import { openRepl, serve } from '../support/inkwire.ts';
import { TestRoot } from '../support/root.ts';
import { dialogue, shortDialogue } from './dialogue.ts';
import { writeMarkedParts } from './marked.ts';

export const transcriptMarker = 'transcript';

/** Each document and the lines that its transcript plays. */
export const transcripts = [
  { document: 'README.md', lines: shortDialogue },
  { document: 'docs/DIALOGUE.md', lines: dialogue },
] as const;

/** Plays `lines` in `folder`, whose `htdocs` may be there from an earlier time. */
export async function playTranscript(folder: string, lines: readonly string[]): Promise<string> {
  await using server = await serve(folder, '--fresh');
  await using repl = await openRepl(server.url);
  const client = ['$ bun run repl', `Inkwire at ${server.url.slice(0, -1)}; :help shows how`];
  for (const line of lines) {
    client.push(`127.0.0.1:8080> ${line}`, (await repl.ask(line)).replace(/\n$/, ''));
  }
  const log = (await server.logged(lines.length)).trimEnd();
  return [
    fenced(normalised(client.join('\n'), server.port)),
    'Meanwhile, in the terminal of the server (dates, ports, times and workers differ each time):',
    fenced(normalised(`$ bun run serve --fresh\n${log}`, server.port)),
  ].join('\n\n');
}

function fenced(text: string): string {
  return `\`\`\`text\n${text}\n\`\`\``;
}

function normalised(text: string, port: number): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(/^(Date|Last-Modified): .*$/gm, '$1: Thu, 05 Nov 2026 12:00:00 GMT')
    .replaceAll(`127.0.0.1:${port}`, '127.0.0.1:8080')
    .replace(/^(Connected by 127\.0\.0\.1):[0-9]+$/gm, '$1:49733')
    .replace(/\b[0-9]+ workers?\)$/gm, '4 workers)')
    .replace(/, [0-9]+\.[0-9] ms, (?:worker [0-9]+|cached)$/gm, ', 0.4 ms, worker 1')
    .replace(/, [0-9]+\.[0-9] ms, commit worker$/gm, ', 0.4 ms, commit worker');
}

if (import.meta.main) {
  for (const { document, lines } of transcripts) {
    using root = new TestRoot();
    const transcript = await playTranscript(root.path, lines);
    if (process.argv.includes('--write')) {
      writeMarkedParts(document, { [transcriptMarker]: transcript });
    } else {
      process.stdout.write(`${transcript}\n`);
    }
  }
}
