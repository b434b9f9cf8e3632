/**
 * The answer to what was not done: a short page with a fixed sentence, and never more than that.
 */

import { utf8Bytes } from '../base/bytes.ts';
import type { FieldLine } from '../http/message.ts';
import { reasonPhrase } from '../http/status.ts';
import type { DoneBy } from '../model/operation.ts';
import type { ResourceKey } from '../model/resource-key.ts';
import { type ErrorCode, errorSentence, errorStatus, mayRetry } from './refusal.ts';
import { everywhere, type Response } from './response.ts';
import type { Method, Semantics } from './semantics.ts';

/** Seconds after which it is worth trying again: a queue or a worker's restart takes less. */
export const RETRY_AFTER_SECONDS = 1;

export interface ErrorContext {
  readonly method: Method | undefined;
  readonly semantics: Semantics;
  readonly key?: ResourceKey;
  readonly worker?: DoneBy | undefined;
  readonly cached?: boolean | undefined;
}

/** The response to `code`, with `more` fields (`Allow`, say). */
export function errorResponse(
  code: ErrorCode,
  context: ErrorContext,
  detail?: string,
  more: readonly FieldLine[] = [],
): Response {
  const status = errorStatus(code, context.method, context.semantics);
  const retry: FieldLine[] = mayRetry(code) ? [['Retry-After', String(RETRY_AFTER_SECONDS)]] : [];
  const fields = [...more, ...retry];
  const why = describe(code, detail, context.key);
  return plainError(status, errorSentence(code, detail), fields, context.method === 'HEAD', {
    worker: context.worker,
    cached: context.cached,
    why,
  });
}

/** An error page with any status and sentence. HEAD gets neither content nor length (9110 8.6). */
export function plainError(
  status: number,
  sentence: string,
  fields: readonly FieldLine[],
  head: boolean,
  log: Response['log'],
): Response {
  return {
    status,
    fields: [
      ['Content-Type', 'text/html; charset=utf-8'],
      ['Cache-Control', 'no-store'],
      ...everywhere,
      ...fields,
    ],
    content: head ? { kind: 'none' } : { kind: 'bytes', bytes: errorPage(status, sentence) },
    log,
  };
}

function errorPage(status: number, sentence: string): Uint8Array {
  const title = `${status} ${reasonPhrase(status)}`;
  return utf8Bytes(
    `<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>${title}</title></head>\n` +
      `<body>\n<h1>${title}</h1>\n<p>${escapeHtml(sentence)}</p>\n</body>\n</html>\n`,
  );
}

/** `text` as text of an HTML page. */
export function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The words of the log, as the original server said them: what, and which file. */
function describe(
  code: ErrorCode,
  detail: string | undefined,
  key: ResourceKey | undefined,
): string {
  const name = key ?? '';
  switch (code) {
    case 'not-found':
      return `no such file: ${name}`;
    case 'is-folder':
      return `is a folder: ${name}`;
    default: {
      const words = code.replaceAll('-', ' ');
      return detail === undefined ? words : `${words}: ${detail}`;
    }
  }
}
