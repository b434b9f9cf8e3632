/**
 * Takes a message's content out of its framing (RFC 9112 sections 6 and 7), resumable at every
 * byte.
 */

import { unreachable } from '../base/assert.ts';
import { CR, HTAB, hexValue, isValueByte, LF, SEMICOLON, SP } from './byte-classes.ts';
import { HeadParser } from './head-parser.ts';
import type { HeadLimits } from './limits.ts';
import type { Framing } from './message.ts';
import { ProtocolError } from './protocol-error.ts';
import type { ReceiveBuffer } from './receive-buffer.ts';

type State =
  | { readonly at: 'length' }
  | { readonly at: 'until-close' }
  | { readonly at: 'chunk-size-first' }
  | { readonly at: 'chunk-size' }
  | { readonly at: 'chunk-extension-blank' }
  | { readonly at: 'chunk-extension' }
  | { readonly at: 'chunk-size-lf' }
  | { readonly at: 'chunk-data' }
  | { readonly at: 'chunk-end-cr' }
  | { readonly at: 'chunk-end-lf' }
  | { readonly at: 'trailers'; readonly parser: HeadParser }
  | { readonly at: 'end' };

type Reading = Exclude<State['at'], 'trailers' | 'end'>;
type ReadingByte = Exclude<Reading, 'length' | 'until-close' | 'chunk-data'>;

/** Past this, one more hexadecimal digit would leave the exact integers. */
const CHUNK_SIZE_BEFORE_DIGIT_MAX = Math.floor(Number.MAX_SAFE_INTEGER / 16) - 1;
/** Digits of one size, so that leading zeros cannot go on for ever. */
const CHUNK_SIZE_DIGITS_MAX = 32;

/** Some content (a view into the buffer, valid until it changes), its end, or nothing yet. */
export type Decoded = Uint8Array | 'end' | undefined;

export class ContentDecoder {
  #state: State;
  /** Bytes of content, or of the current chunk, that are still to come. */
  #remaining = 0;
  #digits = 0;
  #extensionBytes = 0;

  constructor(
    framing: Framing,
    readonly limits: HeadLimits,
  ) {
    switch (framing.kind) {
      case 'none':
        this.#state = { at: 'end' };
        break;
      case 'length':
        this.#state = framing.bytes === 0 ? { at: 'end' } : { at: 'length' };
        this.#remaining = framing.bytes;
        break;
      case 'chunked':
        this.#state = { at: 'chunk-size-first' };
        break;
      case 'until-close':
        this.#state = { at: 'until-close' };
        break;
      default:
        unreachable(framing);
    }
  }

  /** Takes what the buffer has of the content. Throws `ProtocolError`; the decoder is dead then. */
  decode(buffer: ReceiveBuffer): Decoded {
    for (;;) {
      const state = this.#state;
      if (state.at === 'end') return 'end';
      if (buffer.length === 0) return undefined;
      if (state.at === 'trailers') {
        // Parsed, so that their limits hold, and dropped: nobody asked for them, and merged into
        // the header section they would be a way around its checks (RFC 9110 6.5.1).
        if (state.parser.parse(buffer) === undefined) return undefined;
        this.#state = { at: 'end' };
        continue;
      }
      const content = this.#step(state.at, buffer);
      if (content !== undefined) return content;
    }
  }

  /**
   * Tells it that the peer will send no more. Throws `ProtocolError` inside a delimited content.
   */
  receiveEnd(): void {
    if (this.#state.at === 'end') return;
    if (this.#state.at !== 'until-close') throw new ProtocolError('ended-early');
    this.#state = { at: 'end' };
  }

  #step(at: Reading, buffer: ReceiveBuffer): Uint8Array | undefined {
    switch (at) {
      case 'length': {
        const content = this.#takeContent(buffer);
        if (this.#remaining === 0) this.#state = { at: 'end' };
        return content;
      }
      case 'until-close': {
        const content = buffer.bytes.subarray(buffer.start, buffer.end);
        buffer.consume(content.length);
        return content;
      }
      case 'chunk-data': {
        const content = this.#takeContent(buffer);
        if (this.#remaining === 0) this.#state = { at: 'chunk-end-cr' };
        return content;
      }
      default: {
        const byte = buffer.bytes[buffer.start] ?? 0;
        buffer.consume(1);
        this.#stepByte(at, byte);
        return undefined;
      }
    }
  }

  #takeContent(buffer: ReceiveBuffer): Uint8Array {
    const length = Math.min(buffer.length, this.#remaining);
    const content = buffer.bytes.subarray(buffer.start, buffer.start + length);
    this.#remaining -= length;
    buffer.consume(length);
    return content;
  }

  /** One byte of a chunk's frame. */
  #stepByte(at: ReadingByte, byte: number): void {
    switch (at) {
      case 'chunk-size-first':
        this.#remaining = 0;
        this.#digits = 0;
        if (hexValue[byte] === 255) throw new ProtocolError('bad-chunk-size');
        this.#addDigit(byte);
        this.#state = { at: 'chunk-size' };
        return;
      case 'chunk-size':
        if (hexValue[byte] !== 255) this.#addDigit(byte);
        else this.#endSize(byte);
        return;
      case 'chunk-extension-blank':
        this.#countExtensionByte();
        if (byte === SP || byte === HTAB) return;
        if (byte !== SEMICOLON) throw new ProtocolError('bad-chunk-extension');
        this.#state = { at: 'chunk-extension' };
        return;
      case 'chunk-extension':
        if (byte === CR) this.#state = { at: 'chunk-size-lf' };
        else if (isValueByte[byte] === 1) this.#countExtensionByte();
        else throw new ProtocolError('bad-chunk-extension');
        return;
      case 'chunk-size-lf':
        if (byte !== LF) throw new ProtocolError('bad-chunk-size');
        this.#state =
          this.#remaining === 0
            ? { at: 'trailers', parser: new HeadParser('trailers', this.limits) }
            : { at: 'chunk-data' };
        return;
      case 'chunk-end-cr':
        if (byte !== CR) throw new ProtocolError('bad-chunk-end');
        this.#state = { at: 'chunk-end-lf' };
        return;
      case 'chunk-end-lf':
        if (byte !== LF) throw new ProtocolError('bad-chunk-end');
        this.#state = { at: 'chunk-size-first' };
        return;
      default:
        unreachable(at);
    }
  }

  #addDigit(byte: number): void {
    this.#digits += 1;
    if (this.#remaining > CHUNK_SIZE_BEFORE_DIGIT_MAX || this.#digits > CHUNK_SIZE_DIGITS_MAX) {
      throw new ProtocolError('chunk-too-large');
    }
    this.#remaining = this.#remaining * 16 + (hexValue[byte] ?? 0);
  }

  #endSize(byte: number): void {
    if (byte === CR) {
      this.#state = { at: 'chunk-size-lf' };
    } else if (byte === SEMICOLON) {
      this.#countExtensionByte();
      this.#state = { at: 'chunk-extension' };
    } else if (byte === SP || byte === HTAB) {
      this.#countExtensionByte();
      this.#state = { at: 'chunk-extension-blank' };
    } else {
      throw new ProtocolError('bad-chunk-size');
    }
  }

  #countExtensionByte(): void {
    this.#extensionBytes += 1;
    if (this.#extensionBytes > this.limits.chunkExtensionBytesMax) {
      throw new ProtocolError('chunk-extensions-too-long');
    }
  }
}
