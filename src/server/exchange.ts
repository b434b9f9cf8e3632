/**
 * One request of a connection and its response, from the head's arrival to the last byte queued.
 */

import type { Intake } from '../app/app.ts';
import { plainError } from '../app/error-response.ts';
import type { Respond, Response } from '../app/response.ts';
import type { FieldLine, Framing, RequestHead } from '../http/message.ts';
import { ReceiveBuffer } from '../http/receive-buffer.ts';
import type { ContentBudget } from './content-budget.ts';
import type { Signature } from './signature.ts';
import { discardContent, type StreamPump } from './stream-pump.ts';

/**
 *   receiving ──▶ ready ──▶ running ──▶ answered ──▶ streaming ──▶ done
 *       │                   │    ▲         ▲ └───────────────────────▲
 *       └───── refused ─────┼────┼─────────┘
 *                           └▶ deferred
 */
export type ExchangeState =
  /** Content that the request needs is arriving. */
  | { readonly at: 'receiving' }
  /** All that it needs is here; its turn has not come. */
  | { readonly at: 'ready' }
  | { readonly at: 'running' }
  /** Its answer holds a file open, so it is asked for again when all before it have been sent. */
  | { readonly at: 'deferred' }
  /** The response is known; earlier ones may still be on their way. */
  | { readonly at: 'answered'; readonly response: Response }
  | { readonly at: 'streaming'; readonly pump: StreamPump }
  | { readonly at: 'done' };

/** What is known of a request from its head alone. */
export interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly minorVersion: number;
  /** For the log, where it wants them. */
  readonly referer?: string | undefined;
  readonly userAgent?: string | undefined;
}

/** Stands for bytes that were no request. */
export const unreadable: RequestLine = { method: '?', target: '', minorVersion: 1 };

export class Exchange {
  state: ExchangeState;
  /** Nothing follows this response on the connection. */
  close: boolean;
  /** The client sends its content only when it was asked for with a 100. */
  awaitsContinue: boolean;
  /** By which a plan for it would be found; `undefined` where there can be none. */
  readonly signature: Signature | undefined;
  /** Bytes of content that have arrived, kept or not. */
  contentBytes = 0;
  /** Whether it may run beside others. */
  readonly safe: boolean;
  /** Its response carries these whatever it is. */
  readonly fields: readonly FieldLine[];
  readonly #run: Extract<Intake, { kind: 'run' }>['run'] | undefined;
  /** In one piece: content that comes a byte at a time must not cost an array for each. */
  readonly #content = new ReceiveBuffer();

  #budget: ContentBudget | undefined;
  #heldBytes = 0;

  constructor(
    readonly line: RequestLine,
    intake: Intake,
    options: {
      readonly persistent: boolean;
      readonly awaitsContinue: boolean;
      readonly signature?: Signature | undefined;
    },
    /** Monotonic milliseconds. */
    readonly startedMs: number,
  ) {
    this.fields = intake.fields;
    this.close = !options.persistent;
    this.awaitsContinue = options.awaitsContinue;
    this.signature = options.signature;
    if (intake.kind === 'run') {
      this.safe = intake.safe;
      this.#run = intake.run;
      this.state = { at: intake.takesContent ? 'receiving' : 'ready' };
    } else {
      this.safe = true;
      this.#run = undefined;
      this.state = { at: 'answered', response: intake.response };
      if (intake.close) this.close = true;
    }
    // A client that waits for a 100 gets the answer instead, and may send its content or not: what
    // follows on the connection could be either (RFC 9110 section 10.1.1).
    if (!this.keepsContent && options.awaitsContinue) this.close = true;
  }

  /** Whether arriving content is kept; else it is only counted. */
  get keepsContent(): boolean {
    return this.state.at === 'receiving';
  }

  /** Whether its outcome is known, so that a later write may start. */
  get settled(): boolean {
    const { at } = this.state;
    return at === 'answered' || at === 'streaming' || at === 'done';
  }

  /** Asks `budget` for room for `bytes` of content; false when there is none. */
  hold(budget: ContentBudget, bytes: number): boolean {
    if (!budget.tryTake(bytes)) return false;
    this.#budget = budget;
    this.#heldBytes += bytes;
    return true;
  }

  /** Gives the room for its content back: it is answered, or nobody waits for the answer. */
  letGo(): void {
    this.#budget?.give(this.#heldBytes);
    this.#heldBytes = 0;
  }

  /** Takes some content; it is copied, for the read that it lies in may be much larger. */
  receive(bytes: Uint8Array): void {
    this.contentBytes += bytes.length;
    if (this.keepsContent) this.#content.push(this.#content.length === 0 ? bytes.slice() : bytes);
  }

  /** The content is whole. */
  receiveEnd(): void {
    if (this.keepsContent) this.state = { at: 'ready' };
  }

  /** Starts its work, or starts it anew; `respond` may be called before this returns. */
  start(respond: Respond): void {
    const content = this.#content.bytes.subarray(this.#content.start, this.#content.end);
    this.#content.clear();
    this.state = { at: 'running' };
    this.#run?.(content, respond);
  }

  /**
   * Takes its answer. One that holds a file open is given back until its turn has come, for a
   * connection may be owed many and must not have more than one file open.
   */
  answer(response: Response, first: boolean): void {
    this.letGo();
    if (response.content.kind === 'stream' && !first) {
      discardContent(response.content);
      this.state = { at: 'deferred' };
    } else {
      this.state = { at: 'answered', response };
    }
  }

  /** Answers it early: what was kept of its content is dropped. */
  refuse(status: number, sentence: string, why: string, fields: readonly FieldLine[]): void {
    this.#content.clear();
    this.letGo();
    const response = plainError(status, sentence, fields, this.line.method === 'HEAD', { why });
    this.state = { at: 'answered', response };
    if (this.awaitsContinue) this.close = true;
  }
}

/** @param withAgents whether the log has a place for them */
export function requestLine(head: RequestHead, withAgents: boolean): RequestLine {
  const { method, target, minorVersion, fields } = head;
  if (!withAgents) return { method, target, minorVersion };
  const referer = fields.combined('referer');
  return { method, target, minorVersion, referer, userAgent: fields.combined('user-agent') };
}

/** Whether the client waits for a 100 before it sends its content. */
export function expectsContinue(head: RequestHead, framing: Framing): boolean {
  if (head.minorVersion === 0 || framing.kind === 'none') return false;
  if (framing.kind === 'length' && framing.bytes === 0) return false;
  return head.fields.combined('expect')?.toLowerCase() === '100-continue';
}
