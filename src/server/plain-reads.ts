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
import { emptyBytes, equalBytes, latin1Bytes, latin1Text, startsWith } from '../base/bytes.ts';
import { formatHttpDate } from '../http/date.ts';
import type { FieldLine, RequestHead } from '../http/message.ts';
import type { PlacedPage, ReplyMemory } from '../model/instant-page.ts';
import { isPlainKey, type KeyBytes, keyOf, type ResourceKey } from '../model/resource-key.ts';
import type { RequestLine } from './exchange.ts';
import { HeadTemplate } from './head-template.ts';
import type { JointSends } from './joint-sends.ts';
import type { LoopTurn } from './loop-turn.ts';
import { type DateStamp, encodeReplyHead } from './reply.ts';
import { signatureNames } from './signature.ts';

/** What stands before the path's first letter, and before the path itself. */
const beginning = latin1Bytes('GET /');
const pathAt = beginning.length - 1;

const htmlEnding = latin1Bytes('.html');

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

/** Before each content so much is left for its head. A longer one goes the usual way. */
const HEAD_BYTES_MAX = 1_024;

export interface PlainReadsParts {
  readonly memory: ReplyMemory;
  readonly date: DateStamp;
  readonly turn: LoopTurn;
  readonly sends: JointSends;
  /** What every response carries. */
  readonly fields: readonly FieldLine[];
  readonly targetBytesMax: number;
}

export class PlainReads {
  readonly #app: AppContext;
  readonly #date: DateStamp;
  readonly #fields: readonly FieldLine[];
  readonly #pathBytesMax: number;
  /** By all that a head depends on beside the values that it is put together with. */
  readonly #templates = new Map<string, HeadTemplate>();
  #html: HeadTemplate | undefined;
  #labelledHtml: HeadTemplate | undefined;
  /** Of the request that is being answered. */
  readonly #key = { bytes: emptyBytes as Uint8Array, start: beginning.length, end: 0 };
  /** Learned last: ten thousand clients of one kind share one. */
  #manner: Manner | undefined;
  #modifiedSecond = Number.NaN;
  #modified = '';
  /** Replies are put together there, one behind the other, and sent before their turn ends. */
  readonly memory: ReplyMemory;
  readonly #turn: LoopTurn;
  readonly #sends: JointSends;
  /** From where on the memory is free, in which turn. */
  #next = 0;
  #nextIn = -1;
  /** Where in the memory the reply stands that was taken last, and how much of it is content. */
  readonly reply = { start: 0, end: 0, contentBytes: 0 };

  constructor(app: AppContext, parts: PlainReadsParts) {
    this.#app = app;
    this.#date = parts.date;
    this.#fields = parts.fields;
    this.memory = parts.memory;
    this.#turn = parts.turn;
    this.#sends = parts.sends;
    this.#pathBytesMax = Math.min(PATH_BYTES_MAX, parts.targetBytesMax);
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
   * Makes `reply` that to the request that `bytes` are, to be sent in this turn; false where they
   * are not one in this manner and no more, or the page cannot be read at once.
   */
  take(bytes: Uint8Array, { rest }: Manner): boolean {
    const end = bytes.length - rest.length;
    if (end <= pathAt || end - pathAt > this.#pathBytesMax) return false;
    if (!startsWith(bytes, end, rest) || !startsWith(bytes, 0, beginning)) return false;
    const key = this.#key;
    key.bytes = bytes;
    key.end = end;
    if (!isPlainKey(key)) return false;
    const at = this.#takePlace() + HEAD_BYTES_MAX;
    return this.#app.dispatcher.takeNow(key, at) && this.#putTogether(key, at);
  }

  /** The path of the request that `take` has answered, for the log. */
  targetOf(bytes: Uint8Array, { rest }: Manner): string {
    return latin1Text(bytes, pathAt, bytes.length - rest.length);
  }

  /** Where in the memory there is room for a reply. */
  #takePlace(): number {
    const { number } = this.#turn;
    const bytesMax = HEAD_BYTES_MAX + this.memory.readBytesMax;
    if (number !== this.#nextIn) {
      this.#nextIn = number;
      this.#next = 0;
    } else if (this.#next + bytesMax > this.memory.bytes.length) {
      this.#sends.flush();
      this.#next = 0;
    }
    return this.#next;
  }

  /** Puts the head before the content that stands at `at`. */
  #putTogether(key: KeyBytes, at: number): boolean {
    const { page } = this.memory;
    const template = this.#templateOf(key, page);
    if (template.bytesMax > HEAD_BYTES_MAX) return false;
    const { text: date, second } = this.#date;
    const modified = this.#modifiedText(Math.min(Math.floor(page.modifiedMs / 1_000), second));
    const values = { date, tag: page.tagText, modified, contentBytes: page.size };
    const { reply } = this;
    reply.start = template.write(this.memory.bytes, at, values);
    reply.end = at + page.size;
    reply.contentBytes = page.size;
    this.#next = reply.end;
    return true;
  }

  /** Never later than `Date`. */
  #modifiedText(second: number): string {
    if (second !== this.#modifiedSecond) {
      this.#modifiedSecond = second;
      this.#modified = formatHttpDate(second * 1_000);
    }
    return this.#modified;
  }

  #templateOf(name: KeyBytes, page: PlacedPage): HeadTemplate {
    const { cacheRules } = this.#app;
    // Nearly all are: to make a text of the name and to look for its type takes longer than to
    // open the page.
    const isHtml = startsWith(name.bytes, name.end - htmlEnding.length, htmlEnding);
    if (isHtml && cacheRules.length === 0) {
      const known = page.needsUtf8Label ? this.#labelledHtml : this.#html;
      if (known !== undefined) return known;
      const made = this.#template(keyOf(name), page);
      if (page.needsUtf8Label) this.#labelledHtml = made;
      else this.#html = made;
      return made;
    }
    const key = keyOf(name);
    const type = pageMediaType(key, page);
    // To join two texts takes as long as all else here.
    const kind = cacheRules.length === 0 ? type : `${type}\n${cacheControl(cacheRules, `/${key}`)}`;
    const known = this.#templates.get(kind);
    if (known !== undefined) return known;
    const template = this.#template(key, page);
    if (this.#templates.size < TEMPLATES_MAX) this.#templates.set(kind, template);
    return template;
  }

  #template(key: ResourceKey, page: PlacedPage): HeadTemplate {
    const { size, modifiedMs, needsUtf8Label } = page;
    const entityTag = { weak: false, opaque: latin1Text(page.tagText) };
    const state = { size, modifiedMs, needsUtf8Label, tag: entityTag };
    const response = wholeAnswer(this.#app, key, state);
    const peer = { method: 'GET', minorVersion: 1 };
    const head = encodeReplyHead(response, peer, false, this.#fields, this.#date);
    return new HeadTemplate(head);
  }
}
