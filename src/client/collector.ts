/** Gathers one response as it arrives, within bounds, into the result of its exchange. */

import { assert } from '../base/assert.ts';
import { concatBytes } from '../base/bytes.ts';
import type { ResponseHead } from '../http/message.ts';
import type { Completed } from './exchange.ts';

/**
 * Interim responses kept for one exchange: real servers send one or two, an endless row is a fault.
 */
export const interimResponsesMax = 100;

export class Collector {
  readonly #interim: ResponseHead[] = [];
  readonly #parts: Uint8Array[] = [];
  #bytes = 0;
  #head: ResponseHead | undefined;

  /** @param contentBytesMax the most content it keeps, bytes */
  constructor(readonly contentBytesMax: number) {}

  /** Takes a 1xx response; a sentence when there are too many. */
  addInterim(head: ResponseHead): string | undefined {
    if (this.#interim.length >= interimResponsesMax) {
      return `the server sent more than ${interimResponsesMax} interim responses`;
    }
    this.#interim.push(head);
    return undefined;
  }

  setHead(head: ResponseHead): void {
    assert(this.#head === undefined, 'a second head in one exchange');
    this.#head = head;
  }

  /** Keeps a copy of `bytes`, a view that is soon overwritten; a sentence when it is too much. */
  addContent(bytes: Uint8Array): string | undefined {
    this.#bytes += bytes.length;
    if (this.#bytes > this.contentBytesMax) {
      return `the content is longer than the ${sizeText(this.contentBytesMax)} that are kept`;
    }
    this.#parts.push(bytes.slice());
    return undefined;
  }

  /** The result, once the response is whole. */
  completed(elapsedMs: number, surplus: boolean): Completed {
    assert(this.#head !== undefined, 'a response without a head');
    return {
      kind: 'completed',
      interim: this.#interim,
      head: this.#head,
      content: concatBytes(this.#parts),
      elapsedMs,
      surplus,
    };
  }
}

const mebibyte = 1024 * 1024;

function sizeText(bytes: number): string {
  return bytes % mebibyte === 0 ? `${bytes / mebibyte} MiB` : `${bytes} bytes`;
}
