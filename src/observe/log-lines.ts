/** One response as a line of each log format. */

import type { DoneBy } from '../model/operation.ts';

/** One response, once its last byte was queued. */
export interface Responded {
  /** Address and port of the client. */
  readonly peer: string;
  /** `?` when the bytes were no request. */
  readonly method: string;
  readonly target: string;
  /** Of the request: HTTP/1.`minorVersion`. */
  readonly minorVersion: number;
  /** `Referer` and `User-Agent`, where the log wants them and the request has them. */
  readonly referer?: string | undefined;
  readonly userAgent?: string | undefined;
  readonly status: number;
  /** Bytes of content that were sent. */
  readonly bytes: number;
  /** From the request's head to the response's last byte, milliseconds. */
  readonly elapsedMs: number;
  /** Who did it. */
  readonly worker?: DoneBy | undefined;
  /** Whether the page was in memory, so that no worker had to do anything. */
  readonly cached?: boolean | undefined;
  /** Why it was not done, or not as asked. */
  readonly why?: string | undefined;
}

/** `Perform a GET request: /test.html → 200, 286 bytes, 0.4 ms, worker 2` */
export function textLine(entry: Responded): string {
  const { method, target, status, bytes, elapsedMs, worker, why } = entry;
  const asked =
    method === '?'
      ? 'Refuse what is no request'
      : `Perform ${/^[AEIOU]/.test(method) ? 'an' : 'a'} ${method} request: ${target}`;
  const facts = why === undefined ? [`${bytes} bytes`] : [why];
  facts.push(`${elapsedMs.toFixed(1)} ms`);
  if (worker !== undefined) facts.push(worker === 'commit' ? 'commit worker' : `worker ${worker}`);
  if (entry.cached === true) facts.push('cached');
  return escapeControls(`${asked} → ${status}, ${facts.join(', ')}`);
}

/** A page's name may hold a control character of Latin-1, and a terminal would obey it. */
function escapeControls(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is escaped
  return text.replace(/[\0-\x1f\x7f-\x9f]/g, hexEscape);
}

function hexEscape(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/**
 * The combined format that Apache and nginx write, with times in UTC.
 *
 * @param nowMs wall-clock time
 */
export function combinedLine(entry: Responded, nowMs: number): string {
  const { peer, method, target, minorVersion, status, bytes } = entry;
  const address = peer.replace(/:[0-9]+$/, '').replace(/^\[(.*)\]$/, '$1');
  const request = method === '?' ? '-' : `${method} ${target} HTTP/1.${minorVersion}`;
  const quoted = [request, entry.referer ?? '-', entry.userAgent ?? '-'].map(
    (text) => `"${escapeQuoted(text)}"`,
  );
  const [line, referer, agent] = quoted;
  return `${address} - - [${clfTime(nowMs)}] ${line} ${status} ${bytes} ${referer} ${agent}`;
}

/** `22/Nov/2026:13:05:09 +0000` */
function clfTime(ms: number): string {
  const iso = new Date(ms).toISOString();
  const month = months[Number(iso.slice(5, 7)) - 1];
  return `${iso.slice(8, 10)}/${month}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}

/** What could end a quoted field, or play tricks on a terminal, as `\xHH`. */
function escapeQuoted(text: string): string {
  return text.replace(/[^ !#-[\]-~]/g, hexEscape);
}

/**
 * One JSON object.
 *
 * @param nowMs wall-clock time
 */
export function jsonLine(entry: Responded, nowMs: number): string {
  const { peer, method, target, minorVersion, status, bytes, elapsedMs } = entry;
  const text = JSON.stringify({
    time: new Date(nowMs).toISOString(),
    peer,
    ...(method !== '?' && { method, target, version: `HTTP/1.${minorVersion}` }),
    status,
    bytes,
    ms: Number(elapsedMs.toFixed(3)),
    worker: entry.worker,
    cached: entry.cached,
    why: entry.why,
    referer: entry.referer,
    userAgent: entry.userAgent,
  });
  // JSON lets these stand as they are, and a terminal would obey them.
  return text.replace(/[\x7f-\x9f]/g, (character) => {
    return `\\u00${character.charCodeAt(0).toString(16)}`;
  });
}
