/** One exchange of the black-box tables: a request's text and everything that must come of it. */

import { SAMPLE } from '../../support/root.ts';

/** A field that must stand with this value, or must not stand at all. */
export type WantedField = string | RegExp | undefined;

export interface Row {
  readonly name: string;
  /**
   * One byte a character. `/~/` stands for a folder of the row's own, which holds `seedFiles`;
   * `{etag}` for the entity tag of `page.html` in it, without its quotes.
   */
  readonly raw: string;
  readonly status: number;
  readonly fields?: Readonly<Record<string, WantedField>>;
  readonly body?: string | RegExp;
  /** What the row's files hold afterwards where they differ from the seed; `undefined`: removed. */
  readonly effect?: Readonly<Record<string, string | undefined>>;
  /** The server closes the connection after this answer. */
  readonly closes?: true;
  /** Too much to send a byte at a time. */
  readonly large?: true;
}

/** What the folder of each row holds before its request. */
export const seedFiles: Readonly<Record<string, string>> = {
  'page.html': SAMPLE,
  'note.txt': 'plain\n',
  'dir/index.html': '<p>index</p>\n',
  'folder/page.html': '<p>below</p>\n',
  '.hidden.html': '<p>hidden</p>\n',
  'é.html': '<p>é</p>\n',
};

/** What the root of the server holds beside the rows' folders. */
export const rootFiles: Readonly<Record<string, string>> = {
  'probe.txt': 'probe\n',
  '.well-known/security.txt': 'Contact: nobody\n',
};

/** The UTF-8 bytes of `text`, one character a byte. */
export function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** The sample with `line` inserted as first thing of its body. */
export function inserted(line: string): string {
  return SAMPLE.replace('<body>\n', () => `<body>\n    ${line}\n`);
}

/** The sentence of an error page, as it stands in it. */
export function sentence(text: string): RegExp {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return new RegExp(`<p>${escaped.replace(/[.*+?^$()|[\]{}\\]/g, '\\$&')}</p>`);
}

export const allowAll = 'GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS';
export const allowRead = 'GET, HEAD, OPTIONS';
export const acceptPatch = 'text/html, text/plain';
