/**
 * The transcript in docs/HISTORY.md is what the commands say today. Made anew by `bun
 * test/docs/history-transcript.ts --write`.
 */

import { expect, test } from 'bun:test';
import { TestRoot } from '../support/root.ts';
import { historyDocument, historyMarker, playHistory } from './history-transcript.ts';
import { fileMarkedPart } from './marked.ts';

test(`${historyDocument} shows what the commands say`, async () => {
  using root = new TestRoot();
  const shown = fileMarkedPart(historyDocument, historyMarker);
  expect(await playHistory(root.path)).toBe(shown);
});
