/**
 * The prescan of the HTML Standard ("prescan a byte stream to determine its encoding", section
 * 13.2.3.2): what a `meta` element in the first bytes of a page says of its charset.
 *
 * Left out on purpose: the `encoding` of an XML declaration, which is not a `meta` element.
 */

/**
 * Bytes of a page that browsers look at for a declaration; a later one is not promised to be seen.
 */
export const prescanBytesMax = 1024;

export interface DeclaredCharset {
  /** The name of the encoding, in lower case. */
  readonly encoding: string;
  /** The offset behind the `meta` element's last attribute that was read. */
  readonly end: number;
}

interface Cursor {
  readonly text: string;
  at: number;
}

interface Attribute {
  readonly name: string;
  readonly value: string;
}

const white = /[\t\n\f\r ]/;
const metaStart = /<meta[\t\n\f\r /]/iy;
const tagStart = /<\/?[a-z]/iy;

/** @param head the first {@link prescanBytesMax} bytes of the page, one character a byte */
export function prescanMeta(head: string): DeclaredCharset | undefined {
  // Most pages either have a declaration or no such word at all: the second need no scan.
  if (!/charset/i.test(head)) return undefined;
  const cursor: Cursor = { text: head, at: 0 };
  for (;;) {
    const next = head.indexOf('<', cursor.at);
    if (next === -1) return undefined;
    cursor.at = next;
    if (head.startsWith('<!--', next)) {
      // The two hyphens that open a comment may also be those that end it: `<!-->`.
      cursor.at = endOf(head, '-->', next + 2);
    } else if (matchesAt(metaStart, head, next)) {
      cursor.at = next + '<meta'.length;
      const declared = readMeta(cursor);
      if (declared !== undefined) return declared;
    } else if (matchesAt(tagStart, head, next)) {
      while (cursor.at < head.length && !/[\t\n\f\r >]/.test(head.charAt(cursor.at)))
        cursor.at += 1;
      while (takeAttribute(cursor) !== undefined);
    } else if (/[!/?]/.test(head.charAt(next + 1))) {
      cursor.at = endOf(head, '>', next);
    } else {
      cursor.at = next + 1;
    }
  }
}

function matchesAt(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

/** Behind the next `mark` from `from`, or the end of the text. */
function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found === -1 ? text.length : found + mark.length;
}

/** Reads the attributes of a `meta` tag; `undefined` when it declares no charset that is known. */
function readMeta(cursor: Cursor): DeclaredCharset | undefined {
  const seen = new Set<string>();
  let isPragma = false;
  let needsPragma: boolean | undefined;
  let encoding: string | undefined;
  for (;;) {
    const attribute = takeAttribute(cursor);
    if (attribute === undefined) break;
    if (seen.has(attribute.name)) continue;
    seen.add(attribute.name);
    if (attribute.name === 'http-equiv') {
      if (attribute.value === 'content-type') isPragma = true;
    } else if (attribute.name === 'charset') {
      encoding = encodingOfLabel(attribute.value);
      needsPragma = false;
    } else if (attribute.name === 'content' && needsPragma === undefined) {
      const label = charsetOfContent(attribute.value);
      encoding = label === undefined ? undefined : encodingOfLabel(label);
      if (encoding !== undefined) needsPragma = true;
    }
  }
  // A tag that the end of the bytes cuts off declares nothing.
  if (cursor.at >= cursor.text.length) return undefined;
  if (needsPragma === undefined || (needsPragma && !isPragma)) return undefined;
  return encoding === undefined ? undefined : { encoding, end: cursor.at };
}

/**
 * The standard's "get an attribute": the next one, its ASCII letters in lower case; none at `>`.
 */
function takeAttribute(cursor: Cursor): Attribute | undefined {
  const { text } = cursor;
  while (cursor.at < text.length && /[\t\n\f\r /]/.test(text.charAt(cursor.at))) cursor.at += 1;
  if (cursor.at >= text.length || text.charAt(cursor.at) === '>') return undefined;
  const nameStart = cursor.at;
  // An equals sign in first place belongs to the name.
  cursor.at += 1;
  while (cursor.at < text.length && !/[\t\n\f\r />=]/.test(text.charAt(cursor.at))) cursor.at += 1;
  const name = text.slice(nameStart, cursor.at).toLowerCase();
  skipWhite(cursor);
  if (text.charAt(cursor.at) !== '=') return { name, value: '' };
  cursor.at += 1;
  skipWhite(cursor);
  const quote = text.charAt(cursor.at);
  if (quote === '"' || quote === "'") {
    const close = text.indexOf(quote, cursor.at + 1);
    const value = text.slice(cursor.at + 1, close === -1 ? text.length : close);
    cursor.at = close === -1 ? text.length : close + 1;
    return { name, value: value.toLowerCase() };
  }
  const valueStart = cursor.at;
  while (cursor.at < text.length && !/[\t\n\f\r >]/.test(text.charAt(cursor.at))) cursor.at += 1;
  return { name, value: text.slice(valueStart, cursor.at).toLowerCase() };
}

function skipWhite(cursor: Cursor): void {
  while (white.test(cursor.text.charAt(cursor.at))) cursor.at += 1;
}

/** "Extracting a character encoding from a meta element": the label in `text/html; charset=…`. */
function charsetOfContent(content: string): string | undefined {
  const found =
    /charset[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|([^\t\n\f\r ;"'][^\t\n\f\r ;]*))/.exec(
      content,
    );
  return found?.[1] ?? found?.[2] ?? found?.[3];
}

/** Labels of the "replacement" encoding, which a `TextDecoder` cannot be made for. */
const replacementLabels =
  /^(?:csiso2022kr|hz-gb-2312|iso-2022-cn|iso-2022-cn-ext|iso-2022-kr|replacement)$/;

/** The encoding that a label names, with the standard's two substitutions; unknown: `undefined`. */
function encodingOfLabel(label: string): string | undefined {
  const name = label.trim();
  if (name === 'utf-8') return name;
  if (replacementLabels.test(name)) return name;
  // The global one, whose type there takes every label, not a few. Not imported: the module takes a
  // thread 3 ms to load, and most pages have no other label.
  const { TextDecoder } = process.getBuiltinModule('node:util');
  try {
    const { encoding } = new TextDecoder(name);
    // That the label could be read shows that the page is not in UTF-16.
    if (encoding === 'utf-16le' || encoding === 'utf-16be') return 'utf-8';
    return encoding === 'x-user-defined' ? 'windows-1252' : encoding;
  } catch {
    return undefined;
  }
}
