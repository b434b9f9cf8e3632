/**
 * Plain reads: the straight way from a request for a small page to its reply, where nothing is
 * cached. A request takes it that differs in nothing but its path from one that was found good and
 * plain on the same connection: a GET without conditions, ranges, or any other field that an answer
 * could depend on. What is not as plain as that goes the usual way, and is answered alike, byte for
 * byte.
 */

import type { Intake } from '../app/app.ts';
import { cacheControl } from '../app/cache-rules.ts';
import type { AppContext } from '../app/context.ts';
import { pageMediaType } from '../app/media-type.ts';
import { wholeAnswer } from '../app/read.ts';
import { equalBytes, latin1Bytes, latin1Text, startsWith } from '../base/bytes.ts';
import { formatHttpDate } from '../http/date.ts';
import type { FieldLine, RequestHead } from '../http/message.ts';
import type { InstantPage } from '../model/instant-page.ts';
import type { PageState } from '../model/operation.ts';
import { type ResourceKey, takePlainKey } from '../model/resource-key.ts';
import type { RequestLine } from './exchange.ts';
import { HeadTemplate } from './head-template.ts';
import { type DateStamp, encodeReplyHead } from './reply.ts';
import { signatureNames } from './signature.ts';

/** What stands before the path's first letter, and before the path itself. */
const beginning = latin1Bytes('GET /');
const pathAt = beginning.length - 1;

/** A longer path names a file that few systems can hold, and may be more than a target may have. */
const PATH_BYTES_MAX = 1_024;

/** What one connection may have kept for it; the head of a browser has a third of it. */
const MANNER_BYTES_MAX = 2 * 1024;

/** As many as there are types of pages and rules for caches. More are made and not kept. */
const TEMPLATES_MAX = 256;

/** How plain requests of one client are made: all of their heads but the path. */
export interface Manner {
  /** From behind the path to the end of the head. */
  readonly rest: Uint8Array;
  /** Of the request that it was learned from, for the log. */
  readonly line: RequestLine;
}

/** A reply, and what the log tells of it. */
export interface PlainReply {
  /** Head and content, in memory of their own. */
  readonly bytes: Uint8Array;
  /** How many of them may change later: none. */
  readonly headBytes: 0;
  readonly contentBytes: number;
}

export class PlainReads {
  readonly #app: AppContext;
  readonly #date: DateStamp;
  /** What every response carries. */
  readonly #fields: readonly FieldLine[];
  readonly #pathBytesMax: number;
  /** By all that a head depends on beside the values that it is put together with. */
  readonly #templates = new Map<string, HeadTemplate>();
  /** Learned last: ten thousand clients of one kind share one. */
  #manner: Manner | undefined;
  #modifiedSecond = Number.NaN;
  #modified = '';

  constructor(
    app: AppContext,
    date: DateStamp,
    fields: readonly FieldLine[],
    targetBytesMax: number,
  ) {
    this.#app = app;
    this.#date = date;
    this.#fields = fields;
    this.#pathBytesMax = Math.min(PATH_BYTES_MAX, targetBytesMax);
  }

  /**
   * How a request was made, where it is plain; `undefined` where it is not.
   *
   * @param raw the head's bytes
   * @param intake what was decided for it: one that was turned away is nobody's example
   */
  mannerOf(head: RequestHead, raw: Uint8Array, intake: Intake, line: RequestLine) {
    const { method, target, minorVersion, fields } = head;
    if (method !== 'GET' || minorVersion !== 1 || intake.kind !== 'run') return undefined;
    if (!startsWith(raw, 0, beginning) || raw.length > MANNER_BYTES_MAX) return undefined;
    if (signatureNames.some((name) => name !== 'host' && fields.countOf(name) > 0))
      return undefined;
    const rest = raw.slice(pathAt + target.length);
    if (this.#manner === undefined || !equalBytes(this.#manner.rest, rest)) {
      this.#manner = { rest, line };
    }
    return this.#manner;
  }

  /**
   * The reply to the request that `bytes` are, where they are one in this manner and no more, and
   * the page can be read at once.
   */
  take(bytes: Uint8Array, { rest }: Manner): PlainReply | undefined {
    const end = bytes.length - rest.length;
    if (end <= pathAt || end - pathAt > this.#pathBytesMax) return undefined;
    if (!startsWith(bytes, end, rest) || !begins(bytes)) return undefined;
    const key = takePlainKey(bytes, beginning.length, end);
    const page = key && this.#app.dispatcher.takeNow(key);
    if (key === undefined || page === undefined) return undefined;
    return { bytes: this.#replyOf(key, page), headBytes: 0, contentBytes: page.bytes.length };
  }

  /** The path of the request that `take` has answered, for the log. */
  targetOf(bytes: Uint8Array, { rest }: Manner): string {
    return latin1Text(bytes, pathAt, bytes.length - rest.length);
  }

  #replyOf(key: ResourceKey, { state, bytes }: InstantPage): Uint8Array {
    const { text, second } = this.#date;
    const modified = this.#modifiedText(Math.min(Math.floor(state.modifiedMs / 1_000), second));
    const tag = state.tag?.opaque ?? '';
    return this.#templateOf(key, state).reply(text, tag, modified, bytes);
  }

  /** Never later than `Date`. */
  #modifiedText(second: number): string {
    if (second !== this.#modifiedSecond) {
      this.#modifiedSecond = second;
      this.#modified = formatHttpDate(second * 1_000);
    }
    return this.#modified;
  }

  #templateOf(key: ResourceKey, state: PageState): HeadTemplate {
    const { cacheRules } = this.#app;
    const type = pageMediaType(key, state);
    // To join two texts takes as long as all else here.
    const name = cacheRules.length === 0 ? type : `${type}\n${cacheControl(cacheRules, `/${key}`)}`;
    const known = this.#templates.get(name);
    if (known !== undefined) return known;
    const response = wholeAnswer(this.#app, key, state);
    const peer = { method: 'GET', minorVersion: 1 };
    const head = encodeReplyHead(response, peer, false, this.#fields, this.#date);
    const template = new HeadTemplate(head);
    if (this.#templates.size < TEMPLATES_MAX) this.#templates.set(name, template);
    return template;
  }
}

/** Five comparisons take less time than a call of what compares any number of bytes. */
function begins(bytes: Uint8Array): boolean {
  for (let at = 0; at < beginning.length; at += 1) {
    if (bytes[at] !== beginning[at]) return false;
  }
  return true;
}
