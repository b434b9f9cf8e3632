/** Templates made ready: the bytes of each request of a run, and which template comes when. */

import { assert } from '../base/assert.ts';
import { emptyBytes, utf8Bytes } from '../base/bytes.ts';
import { encodeTarget } from '../client/encode-target.ts';
import { encodedRequest } from '../client/encoded-request.ts';
import { isRepeatable } from '../client/repetition.ts';
import type { FieldLine, RequestMessage } from '../http/message.ts';
import type { RequestTemplate, StatusExpectation } from './load.ts';
import { HeadMemo } from './response-reader.ts';
import { compileTemplate, type Lookup, RunValues } from './template.ts';

/** A template of one run, ready to be sent again and again. */
export interface ReadyRequest {
  readonly method: string;
  readonly expects: StatusExpectation | undefined;
  /** The head that answered it last; all connections share it. */
  readonly memo: HeadMemo;
  /** Whether it says itself that it is its connection's last. */
  readonly closes: boolean;
  /** How often it may be sent again. */
  readonly retry: number;
  /** Whether that goes for one that may have been done. */
  readonly repeatable: boolean;
  /** Its bytes with the number `n`. Without placeholders they are the same array each time. */
  bytes(n: number): Uint8Array;
}

/** The message that `template` makes, its placeholders filled by `lookup`. */
export function fillTemplate(template: RequestTemplate, lookup: Lookup): RequestMessage {
  const fill = (text: string): string => compileTemplate(text).fill(lookup);
  const { method, target, content } = template;
  const fields = template.fields.map(([name, value]): FieldLine => [name, fill(value)]);
  const message = { method, target: encodeTarget(fill(target)), fields };
  if (content === undefined) return message;
  const bytes = content.kind === 'bytes' ? content.bytes : utf8Bytes(fill(content.text));
  return { ...message, content: bytes };
}

/**
 * The templates of a run, one after the other.
 *
 * @throws `AssertionFailed` for a template that makes no HTTP request: whoever made it had to
 * check.
 */
export class RequestSource {
  readonly #requests: readonly ReadyRequest[];
  /** Indexes of templates in the order in which they come, over and over. */
  readonly #cycle: Uint32Array;

  /** @param keepAlive false: every request says that it is its connection's last */
  constructor(
    templates: readonly RequestTemplate[],
    keepAlive: boolean,
    sources: { uuid(): string; wallMs(): number },
  ) {
    assert(templates.length > 0, 'a load without a request');
    const values = new RunValues(sources);
    this.#requests = templates.map((template) =>
      ready(keepAlive ? template : closing(template), values),
    );
    this.#cycle = interleaved(templates.map(({ weight }) => weight));
  }

  /** The template whose turn it is when `index` came before. */
  at(index: number): ReadyRequest {
    const request = this.#requests[this.#cycle[index % this.#cycle.length] ?? 0];
    assert(request !== undefined, 'a cycle names the templates there are');
    return request;
  }

  /** How many come before everything comes again. */
  get period(): number {
    return this.#cycle.length;
  }
}

function closing(template: RequestTemplate): RequestTemplate {
  const fields = template.fields.filter(([name]) => name.toLowerCase() !== 'connection');
  return { ...template, fields: [...fields, ['Connection', 'close']] };
}

/**
 * Each index as often as its weight says, spread evenly: the copies of one stand at the middles of
 * equal parts of the cycle.
 */
function interleaved(weights: readonly number[]): Uint32Array {
  const divisor = weights.reduce(greatestCommonDivisor);
  const places: { readonly index: number; readonly at: number }[] = [];
  for (const [index, weight] of weights.entries()) {
    assert(Number.isInteger(weight) && weight >= 1, `a weight of ${weight}`);
    const copies = weight / divisor;
    for (let copy = 0; copy < copies; copy += 1) places.push({ index, at: (copy + 0.5) / copies });
  }
  return Uint32Array.from(
    places.sort((a, b) => a.at - b.at || a.index - b.index).map(({ index }) => index),
  );
}

function greatestCommonDivisor(a: number, b: number): number {
  let [greater, less] = [a, b];
  while (less > 0) [greater, less] = [less, greater % less];
  return greater;
}

function ready(template: RequestTemplate, values: RunValues): ReadyRequest {
  // The strict encoder sees it once; what placeholders stand for is harmless everywhere.
  const encoded = encodedRequest(fillTemplate(template, values.lookup));
  const kept = {
    method: template.method,
    expects: template.expects,
    memo: new HeadMemo(),
    closes: encoded.closes,
    retry: template.retry ?? 0,
    repeatable: isRepeatable(template),
  };
  const varying = varyingBytes(template, values.lookup);
  if (varying === undefined) return { ...kept, bytes: () => encoded.bytes };
  return {
    ...kept,
    bytes(n) {
      values.n = n;
      return varying();
    },
  };
}

/** A function that makes the bytes anew each time; `undefined` when they never change. */
function varyingBytes(template: RequestTemplate, lookup: Lookup): (() => Uint8Array) | undefined {
  const { method, fields, content } = template;
  const target = compileTemplate(encodeTarget(template.target));
  const fieldText = compileTemplate(
    fields.map(([name, value]) => `${name}: ${value}\r\n`).join(''),
  );
  const text = content?.kind === 'text' ? compileTemplate(content.text) : undefined;
  if (!target.varies && !fieldText.varies && text?.varies !== true) return undefined;
  const fixed = content?.kind === 'bytes' ? content.bytes : emptyBytes;
  const head = (length: number): string => {
    const line = `${method} ${target.fill(lookup)} HTTP/1.1\r\n${fieldText.fill(lookup)}`;
    return content === undefined ? `${line}\r\n` : `${line}Content-Length: ${length}\r\n\r\n`;
  };
  return () => {
    const filled = text === undefined ? '' : text.fill(lookup);
    const length = text === undefined ? fixed.length : Buffer.byteLength(filled);
    const headText = head(length);
    // Field values hold bytes as Latin-1 characters, a text holds Unicode.
    const bytes = Buffer.allocUnsafe(headText.length + length);
    bytes.write(headText, 0, 'latin1');
    if (text === undefined) bytes.set(fixed, headText.length);
    else bytes.write(filled, headText.length, 'utf8');
    return bytes;
  };
}
