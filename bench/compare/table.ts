/** The table of the comparison, for the terminal and for docs/HTTP.md. */

import { cellOf } from './exchange.ts';
import { framingRows } from './framing.ts';
import type { CompareRow } from './row.ts';
import { semanticsRows } from './semantics.ts';
import { syntaxRows } from './syntax.ts';

/** Exchanges at once with one server: enough to wait for many quiet ones together. */
const AT_ONCE = 16;

export const compareRows: readonly CompareRow[] = [...framingRows, ...syntaxRows, ...semanticsRows];

/** What the server at `port` answers to each row, in their order. */
export async function columnOf(port: number): Promise<string[]> {
  const cells: string[] = [];
  const left = compareRows.entries();
  const lane = async (): Promise<void> => {
    for (const [index, row] of left) cells[index] = await cellOf(port, row);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return cells;
}

/**
 * @param columns by the server's name; `undefined` where it is not installed
 */
export function compareTable(columns: ReadonlyMap<string, readonly string[] | undefined>): string {
  const names = [...columns.keys()];
  const lines = compareRows.map((row, index) => {
    const cells = [...columns.values()].map((column) => shown(row, column?.[index]));
    return line([row.name, ...cells, row.says]);
  });
  const wrong = [...columns].map(([name, column]) => {
    const count = compareRows.filter(({ right }, at) => !right.test(column?.[at] ?? '')).length;
    return column === undefined ? `${name}: not installed` : `${name}: ${count}`;
  });
  return [
    line(['request', ...names, 'RFC']),
    line(Array(names.length + 2).fill('---')),
    ...lines,
    '',
    `Cells in bold, of ${compareRows.length}: ${wrong.join('; ')}.`,
  ].join('\n');
}

/** A cell as it stands in the table; in bold where it is not what the RFC says. */
export function shown(row: CompareRow, cell: string | undefined): string {
  if (cell === undefined) return '–';
  return row.right.test(cell) ? cell : `**${cell}**`;
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
