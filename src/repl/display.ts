/**
 * Text for a terminal: control characters made visible, so that nothing that was received or typed
 * can drive the terminal, and widths in columns, so that wide characters keep the cursor right.
 */

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * What must not reach a terminal as it is: C0, DEL and C1 controls, and the bidirectional controls,
 * which can make a line read differently from what it holds. A line feed and a tab are judged
 * apart.
 */
const controls = /[\p{Cc}\p{Surrogate}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * `text` with every control character escaped, as `\x1b` or `\u{202e}`; line feeds and tabs too.
 */
export function visibleLine(text: string): string {
  return text.replace(controls, escaped);
}

/**
 * Like {@link visibleLine}, but line feeds, tabs and the CR of a CRLF stay, as a page's text needs.
 */
export function visibleText(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(controls, (found) => (found === '\n' || found === '\t' ? found : escaped(found)));
}

/** At most `charsMax` characters of `text`, made visible, for quoting it in a message. */
export function quoted(text: string, charsMax = 60): string {
  const cut = text.length > charsMax ? `${text.slice(0, charsMax)}…` : text;
  return `"${visibleLine(cut)}"`;
}

function escaped(found: string): string {
  const code = found.codePointAt(0) ?? 0;
  if (found === '\n') return '\\n';
  if (found === '\r') return '\\r';
  if (found === '\t') return '\\t';
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return `\\u{${code.toString(16)}}`;
}

/** A user-perceived character, as it is drawn. */
export interface Cell {
  /** What is written to the terminal. */
  readonly shown: string;
  /** Columns it takes. */
  readonly width: number;
  /** Where it begins in the text, in UTF-16 units. */
  readonly start: number;
}

/** `text` as cells; control characters are shown in caret form, `^I`, or escaped. */
export function cellsOf(text: string): Cell[] {
  const cells: Cell[] = [];
  for (const { segment, index } of graphemes.segment(text)) {
    const shown = shownCell(segment);
    cells.push({ shown, width: Bun.stringWidth(shown), start: index });
  }
  return cells;
}

function shownCell(segment: string): string {
  const code = segment.charCodeAt(0);
  if (segment.length === 1 && code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
  const shown = visibleLine(segment);
  // A combining mark with nothing before it takes no column and could not be seen or deleted.
  return Bun.stringWidth(shown) === 0
    ? `\\u{${(segment.codePointAt(0) ?? 0).toString(16)}}`
    : shown;
}

/** Where the user-perceived character that ends at `index` begins; 0 at the start. */
export function previousBoundary(text: string, index: number): number {
  const before = text.slice(0, index);
  if (isAscii(before.slice(-2))) return Math.max(0, index - 1);
  let last = 0;
  for (const segment of graphemes.segment(before)) last = segment.index;
  return last;
}

/** Where the user-perceived character that begins at `index` ends; the text's length at its end. */
export function nextBoundary(text: string, index: number): number {
  if (isAscii(text.slice(index, index + 2))) return Math.min(text.length, index + 1);
  for (const { segment } of graphemes.segment(text.slice(index))) return index + segment.length;
  return text.length;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    // CR LF is one user-perceived character, so a CR is left to the segmenter.
    const code = text.charCodeAt(index);
    if (code > 0x7e || code === 0x0d || code === 0x0a) return false;
  }
  return true;
}
