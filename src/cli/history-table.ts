/** The versions of a page as lines for a person, and as JSON for a program. */

import type { Version, Versions } from '../store/history/page-history.ts';

const bold = '\x1b[1m';
const dim = '\x1b[2m';
const plain = '\x1b[22m';

const head = ['revision', 'time', 'kind', 'bytes', 'tag', ''] as const;

/** Columns whose numbers stand below each other. */
const alignsRight = new Set([0, 3]);

/**
 * A line for each version, the newest first, below a head.
 *
 * @param colour whether the page now stands out, and what is not kept stands back
 */
export function historyTable({ versions, isGone }: Versions, colour: boolean): string {
  const rows = versions.map((version) => cellsOf(version, versions.length > 1));
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, alignsRight.has(column)))
      .join('  ')
      .trimEnd(),
  );
  const painted = lines.map((line, index) => (colour ? paint(line, versions[index - 1]) : line));
  if (isGone) painted.push('The page is not there any more: another program has removed it.');
  return `${painted.join('\n')}\n`;
}

function cellsOf(version: Version, isEdited: boolean): string[] {
  const { revision, kind, timeMs, size, tag } = version;
  const bytes = size === undefined ? '-' : String(size);
  return [
    String(revision),
    localTime(timeMs),
    kind,
    bytes,
    tagText(tag) ?? '-',
    note(version, isEdited),
  ];
}

function note({ revision, isNow, isKept, size }: Version, isEdited: boolean): string {
  if (revision === 'now') {
    return isEdited
      ? 'the page now: another program saved it'
      : 'the page now: no edit was made yet';
  }
  if (isNow) return size === undefined ? 'now: there is no page' : 'the page now';
  return isKept || size === undefined ? '' : 'not kept';
}

function tagText(tag: Version['tag']): string | undefined {
  return tag === undefined ? undefined : `"${tag.opaque}"`;
}

function pad(cell: string, width: number, right: boolean): string {
  return right ? cell.padStart(width) : cell.padEnd(width);
}

function paint(line: string, version: Version | undefined): string {
  if (version?.isNow === true) return `${bold}${line}${plain}`;
  const stands = version !== undefined && (version.isKept || version.size === undefined);
  return stands ? line : `${dim}${line}${plain}`;
}

/** As the clock on the wall has it: `2026-11-22 18:03:11`. */
function localTime(timeMs: number): string {
  const time = new Date(timeMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join('-');
  const hour = [time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':');
  return `${day} ${hour}`;
}

/** One object: `now` is the version that the page is, or null when there is no page. */
export function historyJson(path: string, { versions }: Versions): string {
  const current = versions.find(({ isNow, size }) => isNow && size !== undefined);
  const rows = versions.map(({ revision, kind, timeMs, size, tag, isKept }) => ({
    revision,
    time: new Date(timeMs).toISOString(),
    kind,
    bytes: size ?? null,
    tag: tagText(tag) ?? null,
    kept: isKept,
  }));
  return `${JSON.stringify({ page: path, now: current?.revision ?? null, revisions: rows })}\n`;
}
