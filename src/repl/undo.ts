/**
 * `:undo`: takes back the session's last write to a page by one more write, under a condition that
 * holds only while the page is as that write left it.
 *
 * | the page before the write | is made again by |
 * |---|---|
 * | was seen | `POST` with `If-Match` |
 * | was seen to be missing | `DELETE` with `If-Match` |
 * | was seen, and the write was `DELETE` | `POST` with `If-None-Match: *` |
 *
 * What it does is a write like any other, so the next `:undo` takes that back.
 */

import { unreachable } from '../base/assert.ts';
import { equalBytes } from '../base/bytes.ts';
import type { Completed } from '../client/exchange.ts';
import type { FieldLine } from '../http/message.ts';
import { countText } from '../load/report/figures.ts';
import { preconditionFailedStatus, takePage } from '../load/verify/asker.ts';
import { strongTag } from '../load/verify/swap-way.ts';
import { isInsertion } from './insertion.ts';
import type { RequestLine } from './language.ts';
import type { LastWrite, PageSight, Sight } from './page-memory.ts';
import type { LoadedContent } from './request.ts';
import type { Sent } from './sender.ts';

/** Sends a request as if it had been typed. */
export type Send = (line: RequestLine, content: LoadedContent) => Promise<Sent>;

export type Undoing =
  /** The write that undoes it, to be sent, and what is said of it. */
  | {
      readonly kind: 'write';
      readonly line: RequestLine;
      readonly content: LoadedContent;
      readonly said: string;
    }
  /** It cannot be done, or nobody should: a sentence says why. Nothing was changed. */
  | { readonly kind: 'refused'; readonly why: string }
  /** The page could not be looked at. */
  | { readonly kind: 'unread'; readonly sent: Sent };

/**
 * How `write` is undone; it looks at the page first, by `send`.
 *
 * @param write the last write to `target`, or to any page; `undefined` when none is remembered
 */
export async function planUndo(
  write: LastWrite | undefined,
  target: string | undefined,
  send: Send,
): Promise<Undoing> {
  if (write === undefined) {
    return refused(`this session remembers no write${target === undefined ? '' : ` to ${target}`}`);
  }
  const { before, left } = write;
  const page = `${write.method} ${write.target}`;
  const unseen = `this session had not seen ${write.target} before its ${write.method}`;
  if (before === undefined) return refused(unseen);
  switch (left.kind) {
    case 'unknown':
      return refused(`it is not known whether ${page} was done; look at the page`);
    case 'unshown':
      return refused(
        `the answer to ${page} showed neither the page nor its entity tag, so nobody can tell ` +
          'whether it was changed since',
      );
    case 'missing':
      if (before.kind === 'missing') return refused(unseen);
      return posting(write, before, ['If-None-Match', '*']);
    case 'page':
    case 'tag':
      return await planReturn(write, before, send);
    default:
      return unreachable(left);
  }
}

/** Whether an undo met a change that came after the look at the page: it was not done. */
export function hasMetChange({ result }: Sent): boolean {
  return result.kind === 'completed' && result.head.status === preconditionFailedStatus;
}

/** To what was `before`, from a page that is there. */
async function planReturn(write: LastWrite, before: Sight, send: Send): Promise<Undoing> {
  const { target, method, left } = write;
  const look = lineOf(write, 'GET', [['Accept-Encoding', 'identity']]);
  const sent = await send(look, { kind: 'none' });
  if (sent.result.kind === 'failed') return { kind: 'unread', sent };
  const { head } = sent.result;
  const now = takePage(sent.result);
  if (now === undefined) {
    return refused(`${target} is not as ${method} left it: GET was answered ${head.status}`);
  }
  if (!isAsLeft(left, sent.result)) {
    return refused(`somebody else has changed ${target} since its ${method}`);
  }
  const entityTag = strongTag(head.fields.only('etag'));
  if (entityTag === undefined) {
    return refused(`${target} has no strong entity tag, so what others do now could be lost`);
  }
  const condition: FieldLine = ['If-Match', entityTag];
  if (!isOwnWork(before, now.content, write.sent)) {
    return refused(
      `${target} was changed between what this session saw and its ${method}: going back would ` +
        'take that away too',
    );
  }
  if (before.kind === 'missing') {
    const line = lineOf(write, 'DELETE', [condition]);
    const said = `DELETE ${target}, which was not there before, ${conditionText(condition)}`;
    return { kind: 'write', line, content: { kind: 'none' }, said };
  }
  return posting(write, before, condition);
}

function isAsLeft(left: LastWrite['left'], { head, content }: Completed): boolean {
  if (left.kind === 'page') return equalBytes(left.content, content);
  return left.kind === 'tag' && head.fields.only('etag') === left.entityTag;
}

/** Whether all that tells `after` from `before` is what was sent. */
function isOwnWork(before: Sight, after: Uint8Array, sent: Uint8Array | undefined): boolean {
  if (sent === undefined) return false;
  if (equalBytes(after, sent)) return true;
  return before.kind === 'page' && isInsertion(before.content, after, sent);
}

function posting(write: LastWrite, before: PageSight, condition: FieldLine): Undoing {
  const { target, method } = write;
  const { content: bytes, contentType = 'application/octet-stream' } = before;
  const line = lineOf(write, 'POST', [['Content-Type', contentType], condition]);
  const size = `${countText(bytes.length)} bytes`;
  const said = `POST ${target} as it was before ${method}, ${size}, ${conditionText(condition)}`;
  return { kind: 'write', line, content: { kind: 'bytes', bytes }, said };
}

function conditionText([name, value]: FieldLine): string {
  return `${name}: ${value}`;
}

function lineOf({ target, host }: LastWrite, method: string, fields: FieldLine[]): RequestLine {
  const headers: FieldLine[] = host === '' ? fields : [['Host', host], ...fields];
  return { kind: 'request', method, headers, target, content: { kind: 'none' } };
}

function refused(why: string): Undoing {
  return { kind: 'refused', why };
}
