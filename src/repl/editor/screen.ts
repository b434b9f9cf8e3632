/**
 * Draws the prompt and the line that is edited: rows are computed here, by the width of each
 * character, and a redraw is one write. The terminal's own line wrapping is never relied on.
 */

import { cellsOf } from '../display.ts';

export interface Picture {
  /** The text before the line; coloured when it fits on the first row. */
  readonly prompt: string;
  readonly text: string;
  /** UTF-16 index in `text`. */
  readonly cursor: number;
}

export interface Layout {
  readonly rows: readonly string[];
  /** Columns that each row takes. */
  readonly widths: readonly number[];
  readonly cursorRow: number;
  readonly cursorColumn: number;
}

/** How `picture` lies on rows of `columns`; the cursor always stands on a column that exists. */
export function layOut(picture: Picture, columns: number): Layout {
  const rows: string[] = [];
  const widths: number[] = [];
  let row = '';
  let width = 0;
  let cursor: { row: number; column: number } | undefined;
  const promptCells = cellsOf(picture.prompt).map((cell) => ({ ...cell, start: -1 }));
  for (const cell of [...promptCells, ...cellsOf(picture.text)]) {
    if (width + cell.width > columns) {
      rows.push(row);
      widths.push(width);
      row = '';
      width = 0;
    }
    if (cell.start >= picture.cursor && cursor === undefined) {
      cursor = { row: rows.length, column: width };
    }
    row += cell.shown;
    width += cell.width;
  }
  // A full last row has no column left for a cursor behind it.
  if (width >= columns) {
    rows.push(row);
    widths.push(width);
    row = '';
    width = 0;
  }
  rows.push(row);
  widths.push(width);
  cursor ??= { row: rows.length - 1, column: width };
  return { rows, widths, cursorRow: cursor.row, cursorColumn: cursor.column };
}

/** What stands on the terminal since the last redraw. */
interface Drawn {
  readonly widths: readonly number[];
  readonly cursorRow: number;
  readonly cursorColumn: number;
}

const nothingDrawn: Drawn = { widths: [0], cursorRow: 0, cursorColumn: 0 };

export class Screen {
  #drawn: Drawn = nothingDrawn;

  /**
   * The bytes that draw `picture` in place of what was drawn before.
   *
   * @param paint colours the prompt
   */
  draw(
    picture: Picture,
    size: { readonly columns: number; readonly rows: number },
    paint: (prompt: string) => string,
  ): string {
    const layout = layOut(picture, size.columns);
    // A line taller than the screen shows the part around the cursor.
    const top = Math.max(0, Math.min(layout.cursorRow, layout.rows.length - size.rows));
    const rows = layout.rows.slice(top, top + size.rows);
    const widths = layout.widths.slice(top, top + size.rows);
    const cursorRow = layout.cursorRow - top;
    const first = rows[0];
    if (top === 0 && first?.startsWith(picture.prompt)) {
      rows[0] = paint(picture.prompt) + first.slice(picture.prompt.length);
    }
    const erase = `${this.#toStart(size.columns)}\x1b[J`;
    const back = rows.length - 1 - cursorRow;
    const place = `\r${up(back)}${layout.cursorColumn > 0 ? `\x1b[${layout.cursorColumn}C` : ''}`;
    this.#drawn = { widths, cursorRow, cursorColumn: layout.cursorColumn };
    return `${erase}${rows.join('\r\n')}${place}`;
  }

  /** The bytes that move below what is drawn, which then stays. */
  leave(): string {
    const below = this.#drawn.widths.length - 1 - this.#drawn.cursorRow;
    this.#drawn = nothingDrawn;
    return `${below > 0 ? `\x1b[${below}B` : ''}\r\n`;
  }

  /** Forgets what was drawn: the terminal was cleared, or something else wrote to it. */
  forget(): void {
    this.#drawn = nothingDrawn;
  }

  /**
   * To the first column of the first row drawn; a narrower terminal has wrapped the rows by now.
   */
  #toStart(columns: number): string {
    let above = Math.floor(this.#drawn.cursorColumn / columns);
    for (let row = 0; row < this.#drawn.cursorRow; row += 1) {
      above += Math.max(1, Math.ceil((this.#drawn.widths[row] ?? 0) / columns));
    }
    return `\r${up(above)}`;
  }
}

function up(rows: number): string {
  return rows > 0 ? `\x1b[${rows}A` : '';
}
