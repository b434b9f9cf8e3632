/**
 * What a session has seen of pages, and its last write to each: what `:undo` goes back to. Pure,
 * and bounded: the pages that were not met for the longest time are forgotten first.
 */

import type { Completed, ExchangeResult } from '../client/exchange.ts';
import { isSafe, takesKey } from '../client/repetition.ts';
import type { RequestMessage, ResponseHead } from '../http/message.ts';
import { outcomeOf, takePage } from '../load/verify/asker.ts';
import { isMissing } from '../load/verify/made-pages.ts';
import { strongTag } from '../load/verify/swap-way.ts';

/** Pages that are remembered: more than anybody edits by hand in one sitting. */
export const pagesRememberedMax = 100;
/** Bytes of their contents in all: as much as one answer may have. */
export const pageBytesRememberedMax = 64 * 1024 * 1024;

/** A page as it was seen. */
export type Sight =
  | PageSight
  /** There was none. */
  | { readonly kind: 'missing' };

export interface PageSight {
  readonly kind: 'page';
  readonly content: Uint8Array;
  readonly contentType?: string;
}

/** A page as a write left it, as far as its answer tells. */
export type Left =
  | { readonly kind: 'page'; readonly content: Uint8Array }
  /** The answer did not show it, but gave its strong entity tag. */
  | { readonly kind: 'tag'; readonly entityTag: string }
  | { readonly kind: 'missing' }
  /** The answer showed neither. */
  | { readonly kind: 'unshown' }
  /** Whether it was done is not known. */
  | { readonly kind: 'unknown' };

/** The last write to a page. */
export interface LastWrite {
  readonly method: string;
  readonly target: string;
  /** What `Host` said. */
  readonly host: string;
  /** Its content. */
  readonly sent?: Uint8Array;
  /** What the session had seen last before it; absent: nothing. */
  readonly before?: Sight;
  readonly left: Left;
}

/** What is known of one page. */
interface Known {
  readonly sight?: Sight;
  readonly write?: LastWrite;
}

export class PageMemory {
  /** By host and target; in a map the order is that of the last meeting, the oldest first. */
  readonly #pages = new Map<string, Known>();
  #bytes = 0;
  /** The page that was written last. */
  #written: string | undefined;

  /** Takes in what a request came to. */
  observe(request: RequestMessage, result: ExchangeResult): void {
    const { target, method } = request;
    if (!target.startsWith('/')) return;
    const host = hostOf(request);
    const name = `${host} ${target}`;
    const known = this.#pages.get(name) ?? {};
    const next = isSafe(method)
      ? afterRead(known, method, result)
      : afterWrite(known, request, host, result);
    if (next === known) return;
    this.#keep(name, next);
    if (next.write !== known.write) this.#written = name;
  }

  /** The last write to `target`, or to any page; `undefined` when none is remembered. */
  lastWrite(target?: string): LastWrite | undefined {
    if (target === undefined) return this.#pages.get(this.#written ?? '')?.write;
    const writes = [...this.#pages.values()].map(({ write }) => write);
    return writes.findLast((write) => write?.target === target);
  }

  /** Pages may have changed in ways that were not seen. */
  clear(): void {
    this.#pages.clear();
    this.#bytes = 0;
    this.#written = undefined;
  }

  #keep(name: string, known: Known): void {
    this.#forget(name);
    this.#pages.set(name, known);
    this.#bytes += bytesOf(known);
    for (const oldest of this.#pages.keys()) {
      const fits = this.#pages.size <= pagesRememberedMax && this.#bytes <= pageBytesRememberedMax;
      if (fits) return;
      this.#forget(oldest);
    }
  }

  #forget(name: string): void {
    const known = this.#pages.get(name);
    if (known === undefined) return;
    this.#pages.delete(name);
    this.#bytes -= bytesOf(known);
  }
}

/** The bytes that are held for a page; a content that is held twice is there once. */
function bytesOf({ sight, write }: Known): number {
  const { before, left, sent } = write ?? {};
  const contents = new Set<Uint8Array>();
  if (sent !== undefined) contents.add(sent);
  for (const held of [sight, before, left]) if (held?.kind === 'page') contents.add(held.content);
  let bytes = 0;
  for (const content of contents) bytes += content.length;
  return bytes;
}

function hostOf({ fields }: RequestMessage): string {
  return fields.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? '';
}

function afterRead(known: Known, method: string, result: ExchangeResult): Known {
  if (method !== 'GET' && method !== 'HEAD') return known;
  if (isMissing(result)) return { ...known, sight: { kind: 'missing' } };
  if (method !== 'GET' || result.kind === 'failed' || result.head.status !== 200) return known;
  const page = takePage(result);
  // A content with a coding is not the page: from then on nothing is known of it.
  return page === undefined ? withoutSight(known) : { ...known, sight: sightOf(page) };
}

function afterWrite(
  known: Known,
  request: RequestMessage,
  host: string,
  result: ExchangeResult,
): Known {
  const { method, target } = request;
  const outcome = outcomeOf(result);
  if (outcome === 'unsent') return known;
  if (outcome === 'refused') {
    return isMissing(result) ? { ...known, sight: { kind: 'missing' } } : known;
  }
  if (!takesKey(method)) return {};
  const write = (left: Left): LastWrite => ({
    method,
    target,
    host,
    ...(request.content !== undefined && { sent: request.content }),
    ...(known.sight !== undefined && { before: known.sight }),
    left,
  });
  if (outcome === 'unknown' || result.kind === 'failed')
    return { write: write({ kind: 'unknown' }) };
  if (method === 'DELETE') {
    return { sight: { kind: 'missing' }, write: write({ kind: 'missing' }) };
  }
  // An empty content may be an empty page, or none at all.
  if (result.content.length > 0 && showsPage(result.head, target)) {
    const sight = sightOf(result);
    return { sight, write: write(sight) };
  }
  const entityTag = strongTag(result.head.fields.only('etag'));
  return {
    write: write(entityTag === undefined ? { kind: 'unshown' } : { kind: 'tag', entityTag }),
  };
}

function withoutSight({ write }: Known): Known {
  return write === undefined ? {} : { write };
}

function sightOf({ head, content }: Completed): PageSight {
  const contentType = head.fields.only('content-type');
  return { kind: 'page', content, ...(contentType !== undefined && { contentType }) };
}

/**
 * Whether the content of a write's answer is the page: it is only where `Content-Location` says so
 * (RFC 9110 section 6.4.2), and has no coding. A folder's page has a name of its own.
 */
function showsPage(head: ResponseHead, target: string): boolean {
  if (head.fields.countOf('content-encoding') > 0) return false;
  const named = decoded(head.fields.only('content-location'));
  const asked = decoded(target.replace(/\?.*/, ''));
  if (named === undefined || asked === undefined) return false;
  return named === asked || (asked.endsWith('/') && named.startsWith(asked));
}

function decoded(path: string | undefined): string | undefined {
  try {
    return path === undefined ? undefined : decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
