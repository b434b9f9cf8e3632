/**
 * The tables of docs/LIMITS.md, made from the one table of the limits. `bun
 * test/docs/limit-tables.ts --write` puts them between the document's markers.
 */

import { IDEMPOTENCY_KEY_CHARACTERS_MAX } from '../../src/app/idempotency.ts';
import { type DescribedLimit, describedLimits, limitText } from '../../src/config/limit-flags.ts';
import {
  AHEAD_REQUESTS_MAX,
  ECHO_BYTES_MAX,
  HASH_BYTES_MAX,
  INLINE_BYTES_MAX,
  RESERVED_FILES,
} from '../../src/config/limits.ts';
import {
  cachedPageBytesMax,
  defaultDispatchLimits,
  editRunsMax,
  leavingWorkersMax,
  slotBytes,
  slotsPerWorker,
} from '../../src/dispatch/limits.ts';
import { STOP_GRACE_MS } from '../../src/server/listener.ts';
import { PARTS_MAX } from '../../src/server/stream-pump.ts';
import { TURN_PARTS_MAX } from '../../src/server/stream-turns.ts';
import { historyFilesMax } from '../../src/store/history/pruner.ts';
import { bytesText, secondsText, table } from './markdown.ts';
import { writeMarkedParts } from './marked.ts';

/** How each part of the document looks now, by the name of its marker. */
export function limitTables(): Record<string, string> {
  const { head, server, dispatch, store } = describedLimits;
  return {
    'head limits': flagTable(head),
    'server limits': flagTable(server),
    'dispatch limits': flagTable(dispatch),
    'store limits': flagTable(store),
    'fixed limits': fixedTable(),
  };
}

/** A default as people say it. */
export function defaultText({ unit, defaultValue }: DescribedLimit): string {
  if (unit === 'duration') return secondsText(defaultValue);
  if (unit === 'count') return defaultValue.toLocaleString('en-US');
  return `${bytesText(defaultValue)}${unit === 'rate' ? ' a second' : ''}`;
}

function flagTable(limits: readonly DescribedLimit[]): string {
  const rows = limits.map((limit) => {
    const { what, flag, unit, min, max, reason, past } = limit;
    const bounds = `${limitText(unit, min)} to ${limitText(unit, max)}`;
    return [what, defaultText(limit), `\`${flag}\` ${bounds}`, reason, past];
  });
  return table(['what', 'default', 'flag', 'why', 'past it'], rows);
}

function fixedTable(): string {
  const { batchJobsMax, startDeadlineMs } = defaultDispatchLimits;
  const { combinedEditsMax, combinedContentBytesMax, combinedPageBytesMax } = defaultDispatchLimits;
  return table(
    ['what', 'limit', 'past it'],
    [
      ['content that POST sends back', bytesText(ECHO_BYTES_MAX), 'the answer has no content'],
      ['page that is kept in memory', bytesText(cachedPageBytesMax), 'it is read for each request'],
      [
        'page whose content is hashed for its `ETag`',
        bytesText(HASH_BYTES_MAX),
        'the tag is of the file',
      ],
      [
        'content that a thread hands over with its answer',
        bytesText(INLINE_BYTES_MAX),
        'its file is held open, and read part by part',
      ],
      [
        'parts of large pages that a thread reads at once, of all clients together',
        `${slotsPerWorker} of ${bytesText(slotBytes)}`,
        'the next part waits for one of them',
      ],
      [
        'parts of large pages that are sent in one turn of the event loop',
        `${PARTS_MAX} for each client, ${TURN_PARTS_MAX} for all`,
        'they go on in the next turn',
      ],
      [
        'files kept for pages, threads, the log and the ledger',
        String(RESERVED_FILES),
        'connections may not use them',
      ],
      [
        'requests under way in all connections together',
        String(AHEAD_REQUESTS_MAX),
        'each connection has one under way, the others of it wait',
      ],
      ['characters of an idempotency key', String(IDEMPOTENCY_KEY_CHARACTERS_MAX), '400'],
      ['jobs given to a thread at once', String(batchJobsMax), 'the next batch'],
      [
        'inserts that wait for one page and are published together',
        `${combinedEditsMax}; ${bytesText(combinedContentBytesMax)} of content; ` +
          `${bytesText(combinedPageBytesMax)} of pages, one built for each`,
        'the next publication',
      ],
      [
        'times that an edit is tried while another program changes the page',
        String(editRunsMax),
        '503 with `Retry-After`',
      ],
      [
        'time that idle connections have for one more request when the server is stopped',
        `${STOP_GRACE_MS} ms`,
        'close',
      ],
      ['time for a thread to start', secondsText(startDeadlineMs), 'it is replaced'],
      [
        'threads that were ended and that a system call still holds',
        String(leavingWorkersMax),
        'none is replaced until one is gone',
      ],
      [
        'files in the history, of whatever sizes',
        historyFilesMax.toLocaleString('en-US'),
        'the oldest one goes',
      ],
    ],
  );
}

if (import.meta.main) {
  if (process.argv.includes('--write')) writeMarkedParts('docs/LIMITS.md', limitTables());
  else process.stdout.write(`${Object.values(limitTables()).join('\n\n')}\n`);
}
