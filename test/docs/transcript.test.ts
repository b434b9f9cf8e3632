/**
 * The transcripts in the documents are what Inkwire says today. Made anew by
 * `bun test/docs/transcript.ts --write`.
 */

import { expect, test } from 'bun:test';
import { TestRoot } from '../support/root.ts';
import { fileMarkedPart } from './marked.ts';
import { playTranscript, transcriptMarker, transcripts } from './transcript.ts';

for (const { document, lines } of transcripts) {
  test(`${document} shows the dialogue, and shows it again from where it ended`, async () => {
    using root = new TestRoot();
    const shown = fileMarkedPart(document, transcriptMarker);
    expect(await playTranscript(root.path, lines)).toBe(shown);
    expect(root.read('htdocs/index.html')).toBe('<h1> This is HTML </h1>');
    // `--fresh` puts the sample back; what the dialogue made stays, and changes no answer.
    expect(await playTranscript(root.path, lines)).toBe(shown);
  });
}
