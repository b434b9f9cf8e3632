/** From a parsed request to what is sent: default fields, and content from a file. */

import { emptyBytes } from '../base/bytes.ts';
import { hasKeyField, keyField, takesKey } from '../client/repetition.ts';
import type { FieldLine, RequestMessage } from '../http/message.ts';
import type { RequestTemplate, TemplateContent } from '../load/load.ts';
import { fillTemplate } from '../load/request-source.ts';
import { type ContentSource, type Problem, problem, type RequestLine } from './language.ts';
import { readSourceFile } from './source-file.ts';

/**
 * Bytes of a file that is sent as content: what the server takes for one page. The client holds the
 * whole of it in memory.
 */
export const contentFileBytesMax = 1024 ** 3;

/** Methods that carry content: without any they say `Content-Length: 0` (RFC 9110 section 8.6). */
const methodsWithContent = new Set(['PUT', 'POST', 'PATCH']);

/**
 * Content that was loaded: bytes of a file, sent as they are, or text, which may have placeholders.
 */
export type LoadedContent =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/** Reads a content's file, relative to the working directory; other content comes back as it is. */
export async function loadContent(source: ContentSource): Promise<LoadedContent | Problem> {
  if (source.kind !== 'file') return source;
  const bytes = await readSourceFile(source.path, contentFileBytesMax);
  if (typeof bytes !== 'string') return { kind: 'bytes', bytes };
  return problem(`${bytes}; for a text that begins with an at-sign write \\@`);
}

/**
 * The request as a template of a load, its placeholders as they stand.
 *
 * @param authority what `Host` says
 * @param standing fields that go with every request; a `-H` of the same name takes their place
 * @param key the name of the request, which goes with a write that has none; absent: without one
 */
export function templateOf(
  line: RequestLine,
  content: LoadedContent,
  authority: string,
  standing: readonly FieldLine[],
  key?: string,
): RequestTemplate {
  const { method, target } = line;
  const given = fieldsOf(line, authority, standing);
  const fields = withKey(line, given, key);
  const template = { method, target, fields, weight: 1 };
  const sent = contentOf(method, content);
  return sent === undefined ? template : { ...template, content: sent };
}

/** The message of one request that is sent once: text in double braces goes as it stands. */
export function messageOf(template: RequestTemplate): RequestMessage {
  return fillTemplate(template, () => undefined);
}

/** `undefined` for a request without any content. */
function contentOf(method: string, content: LoadedContent): TemplateContent | undefined {
  if (content.kind !== 'none') return content;
  return methodsWithContent.has(method) ? { kind: 'bytes', bytes: emptyBytes } : undefined;
}

function fieldsOf(
  line: RequestLine,
  authority: string,
  standing: readonly FieldLine[],
): FieldLine[] {
  const given = new Set(line.headers.map(([name]) => name.toLowerCase()));
  const kept = standing.filter(([name]) => !given.has(name.toLowerCase()));
  const fields = [...kept, ...line.headers];
  const names = new Set(fields.map(([name]) => name.toLowerCase()));
  if (methodsWithContent.has(line.method) && !names.has('content-type')) {
    fields.push(['Content-Type', 'text/html; charset=utf-8']);
  }
  if (names.has('host')) return fields;
  // First, as RFC 9110 section 7.2 advises.
  return [['Host', targetAuthority(line.target) ?? authority], ...fields];
}

/** With the key, unless the person has set that field, an empty one too, or wants none. */
function withKey(
  { method, noKey }: RequestLine,
  fields: readonly FieldLine[],
  key: string | undefined,
): readonly FieldLine[] {
  if (key === undefined || noKey === true || !takesKey(method)) return fields;
  return hasKeyField(fields) ? fields : [...fields, keyField(key)];
}

/** The authority of an absolute target, which `Host` must repeat (RFC 9112 section 3.2). */
function targetAuthority(target: string): string | undefined {
  const found = /^https?:\/\/(?:[^/?#@]*@)?([^/?#@]+)/i.exec(target)?.[1];
  // Placeholders would have to be filled in here too; an address that varies is not worth it.
  return found === undefined || /[^\x21-\x7e]|\{\{/.test(found) ? undefined : found;
}
