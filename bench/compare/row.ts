/** One row of the comparison: a request as bytes, and what the RFCs say of its answer. */

export interface CompareRow {
  /** What is sent, in few words. */
  readonly name: string;
  /** One byte a character. */
  readonly raw: string;
  /** What the RFC says, with its section. */
  readonly says: string;
  /** What cells of the table agree with it. */
  readonly right: RegExp;
  /** What is shown beside the statuses, taken from all that came. */
  readonly detail?: (text: string) => string;
}

/** What is served beside the folder, where no request may lead. */
export const OUTSIDE_NAME = 'outside.txt';

/** The folder that all three serve. */
export function servedFiles(sample: string): Record<string, string> {
  return {
    'page.html': sample,
    'put.html': sample,
    'replaced.html': sample,
    'folder/index.html': '<p>index</p>\n',
  };
}

/** A request hidden in the content of another; who answers it was led to take it for one. */
export const HIDDEN = 'GET /page.html HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** A request with these lines below its `Host`. */
export function ask(line: string, fields: readonly string[] = [], content = ''): string {
  return `${[`${line} HTTP/1.1`, 'Host: localhost', ...fields].join('\r\n')}\r\n\r\n${content}`;
}

export function get(...fields: string[]): string {
  return ask('GET /page.html', fields);
}

export function post(fields: readonly string[], content: string): string {
  return ask('POST /made.html', fields, content);
}

/** One answer, whatever it is. */
export const one = /^\d{3}( close)?$/;
/** One refusal, and the end: where the next message begins is not known. */
export const refusedForGood = /^(4\d\d|501) close$/;
export const refused = /^[45]\d\d( close)?$/;
/** Refused, or cleaned and taken. */
export const refusedOrTaken = /^(400|2\d\d|405)( close)?$/;
