/**
 * A response as it is shown: head as it came, blank line, content; nothing may drive the terminal.
 */

import { concatBytes, latin1Text, takeUtf8, utf8Bytes } from '../base/bytes.ts';
import type { Completed } from '../client/exchange.ts';
import type { Fields, ResponseHead } from '../http/message.ts';
import { quoted, visibleText } from './display.ts';
import type { OutputStyle } from './output.ts';

/**
 * Bytes of a content that are shown at a prompt, some thousand lines: the rest would only scroll
 * by.
 */
export const shownBytesMax = 64 * 1024;

/**
 * The charsets besides UTF-8 that pages are still found in; content in any other is shown as
 * binary.
 */
const encodings: ReadonlyMap<string, Bun.Encoding> = new Map<string, Bun.Encoding>([
  ['us-ascii', 'windows-1252'],
  ['iso-8859-1', 'windows-1252'],
  ['windows-1252', 'windows-1252'],
  ['iso-8859-15', 'iso-8859-15'],
  ['windows-1251', 'windows-1251'],
  ['koi8-r', 'koi8-r'],
  ['euc-kr', 'euc-kr'],
  ['shift_jis', 'shift_jis'],
  ['euc-jp', 'euc-jp'],
  ['gbk', 'gbk'],
  ['big5', 'big5'],
]);

const lineEnd = utf8Bytes('\n');

/**
 * What is written for a completed exchange. It ends with a line end, so the prompt has its own
 * line.
 */
export function renderResponse(result: Completed, style: OutputStyle): Uint8Array {
  const heads = [...result.interim, result.head];
  if (!style.terminal) {
    const parts = [...heads.map((head) => head.raw), result.content];
    if (result.content.length > 0 && result.content.at(-1) !== 0x0a) parts.push(lineEnd);
    return concatBytes(parts);
  }
  const shown = heads.map((head) => renderHead(head, style.colour)).join('');
  const content = result.content.length === 0 ? '' : renderContent(result, style);
  return utf8Bytes(shown + content);
}

/** The head as it came, its control characters visible. */
function renderHead(head: ResponseHead, colour: boolean): string {
  // Field values that are UTF-8, against the letter of the RFC, are still shown as what they mean.
  const text = takeUtf8(head.raw) ?? latin1Text(head.raw);
  const lines = visibleText(text).split('\n');
  if (!colour) return lines.join('\n');
  return lines
    .map((line, index) => (index === 0 ? paintStatus(line, head.status) : paintField(line)))
    .join('\n');
}

function paintStatus(line: string, status: number): string {
  return `\x1b[1;${statusColour(status)}m${line}\x1b[0m`;
}

/**
 * Green for what went well, cyan for "elsewhere", yellow for the client's fault, red for the
 * server's.
 */
function statusColour(status: number): number {
  if (status >= 500) return 31;
  if (status >= 400) return 33;
  return status >= 300 ? 36 : 32;
}

function paintField(line: string): string {
  const colon = line.indexOf(':');
  return colon < 0 ? line : `\x1b[2m${line.slice(0, colon + 1)}\x1b[22m${line.slice(colon + 1)}`;
}

function renderContent(result: Completed, style: OutputStyle): string {
  const { content, head } = result;
  const coding = head.fields.combined('content-encoding');
  if (coding !== undefined && coding.toLowerCase() !== 'identity') {
    return `(${counted(content.length)}, Content-Encoding ${quoted(coding)})\n`;
  }
  const cut = style.interactive && content.length > shownBytesMax;
  const shown = cut ? content.subarray(0, wholeCharacters(content, shownBytesMax)) : content;
  const text = takeText(shown, head.fields);
  if (text === undefined) return `(binary, ${counted(content.length)})\n`;
  const ended = text.endsWith('\n') ? text : `${text}\n`;
  if (!cut) return ended;
  const rest = counted(content.length - shown.length);
  return `${ended}(… ${rest} more; with -e, and into a file, all of it comes)\n`;
}

/**
 * The bytes as text that is safe to show; `undefined` when they are none: not valid in the charset
 * that the response names, or in UTF-8 without one, or holding a NUL.
 */
function takeText(bytes: Uint8Array, fields: Fields): string | undefined {
  const text = decoded(bytes, fields);
  return text === undefined || text.includes('\0') ? undefined : visibleText(text);
}

function decoded(bytes: Uint8Array, fields: Fields): string | undefined {
  const utf8 = takeUtf8(bytes);
  if (utf8 !== undefined) return utf8;
  const type = fields.only('content-type') ?? '';
  const label = /;\s*charset=["']?([A-Za-z0-9_:.-]+)/i.exec(type)?.[1];
  if (label === undefined) return undefined;
  const encoding = encodings.get(label.toLowerCase());
  if (encoding === undefined) return undefined;
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The most bytes up to `limit` that do not end within a UTF-8 sequence. */
function wholeCharacters(bytes: Uint8Array, limit: number): number {
  let end = limit;
  while (end > limit - 4 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end;
}

function counted(bytes: number): string {
  return `${new Intl.NumberFormat('en-US').format(bytes)} bytes`;
}
