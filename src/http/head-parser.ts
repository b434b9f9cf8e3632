/**
 * Parses the head of a message (RFC 9112 sections 2 to 5) in one pass, resumable at every byte: the
 * result is the same for every split of the input, and each byte is looked at once. Strict: what
 * two parsers could read in two ways is refused, for that is how requests are smuggled.
 */

import { latin1Text } from '../base/bytes.ts';
import { COLON, CR, HTAB, isTargetByte, isTokenByte, isValueByte, LF, SP } from './byte-classes.ts';
import { FieldSection } from './fields.ts';
import type { HeadLimits } from './limits.ts';
import { ProtocolError, type ProtocolErrorCode } from './protocol-error.ts';
import type { ReceiveBuffer } from './receive-buffer.ts';

/** What stands before the field lines: a request line, a status line, or (in trailers) nothing. */
export type HeadRole = 'request' | 'response' | 'trailers';

/** A whole head. Texts that the role does not have are empty; so is `status`, as 0. */
export interface ParsedHead {
  readonly method: string;
  readonly target: string;
  readonly minorVersion: number;
  readonly status: number;
  readonly reason: string;
  readonly fields: FieldSection;
  /** The head's own bytes, from the start line to the blank line included; a copy. */
  readonly raw: Uint8Array;
}

type State =
  | 'start'
  | 'blank-lf'
  | 'method'
  | 'target'
  | 'version'
  | 'status'
  | 'reason'
  | 'start-line-cr'
  | 'start-line-lf'
  | 'line'
  | 'name'
  | 'blanks'
  | 'value'
  | 'value-lf'
  | 'end-lf';

const VERSION_PREFIX = [0x48, 0x54, 0x54, 0x50, 0x2f]; // HTTP/
const VERSION_BYTES = 8;
const STATUS_DIGITS = 3;
const ZERO = 0x30;
const DOT = 0x2e;

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9;
}

function fail(code: ProtocolErrorCode): never {
  throw new ProtocolError(code);
}

export class HeadParser {
  #state: State;
  /** Offsets from the head's first byte, so that the buffer may move between two calls. */
  #position = 0;
  #tokenStart = 0;
  #lineStart = 0;
  #sectionStart = 0;
  #skippedBlankLine = false;
  #method = '';
  #target = '';
  #majorVersion = 0;
  #minorVersion = 0;
  #status = 0;
  #reason = '';
  #marks: number[] = [];

  constructor(
    readonly role: HeadRole,
    readonly limits: HeadLimits,
  ) {
    this.#state = role === 'trailers' ? 'line' : 'start';
  }

  /** Whether a byte of a head has been seen (a tolerated blank line is none). */
  get begun(): boolean {
    return this.#position > 0 && this.#state !== 'blank-lf';
  }

  /** Whether no byte has been seen since the last head, not even of a blank line. */
  get isFresh(): boolean {
    return this.#position === 0 && !this.#skippedBlankLine;
  }

  /**
   * Goes on where the last call stopped. Returns the head, and marks its bytes as read, once it is
   * whole; `undefined` means that more is needed. Throws `ProtocolError`; the parser is dead then.
   */
  parse(buffer: ReceiveBuffer): ParsedHead | undefined {
    for (;;) {
      if (this.#position >= buffer.length) return undefined;
      if (this.#step(buffer)) return this.#finish(buffer);
    }
  }

  /** Does one state's work on at least one byte; true when the head is whole. */
  #step(buffer: ReceiveBuffer): boolean {
    const byte = buffer.bytes[buffer.start + this.#position] ?? 0;
    switch (this.#state) {
      case 'start':
        this.#startHead(byte);
        return false;
      case 'blank-lf':
        if (byte !== LF) fail('bare-cr');
        buffer.consume(2);
        this.#position = 0;
        this.#skippedBlankLine = true;
        this.#state = 'start';
        return false;
      case 'method':
        this.#parseMethod(buffer);
        return false;
      case 'target':
        this.#parseTarget(buffer);
        return false;
      case 'version':
        this.#parseVersionByte(byte);
        return false;
      case 'status':
        this.#parseStatusByte(byte);
        return false;
      case 'reason':
        this.#parseReason(buffer);
        return false;
      case 'start-line-cr':
        if (byte !== CR) fail(byte === LF ? 'bare-lf' : 'bad-version');
        this.#advance('start-line-lf');
        return false;
      case 'start-line-lf':
        if (byte !== LF) fail('bare-cr');
        this.#advance('line');
        this.#sectionStart = this.#position;
        this.#lineStart = this.#position;
        return false;
      case 'line':
        this.#startLine(buffer, byte);
        return false;
      case 'name':
        this.#parseName(buffer);
        return false;
      case 'blanks':
        this.#skipBlanks(buffer);
        return false;
      case 'value':
        this.#parseValue(buffer);
        return false;
      case 'value-lf':
        if (byte !== LF) fail('bare-cr');
        this.#advance('line');
        this.#lineStart = this.#position;
        this.#checkSection();
        return false;
      case 'end-lf':
        if (byte !== LF) fail('bare-cr');
        this.#position += 1;
        this.#checkSection();
        return true;
    }
  }

  #advance(state: State): void {
    this.#position += 1;
    this.#state = state;
  }

  #startHead(byte: number): void {
    if (this.role === 'response') {
      this.#state = 'version';
    } else if (byte === CR && !this.#skippedBlankLine) {
      // One CRLF before a request line is forgiven (RFC 9112 2.2): old clients sent it after
      // content.
      this.#advance('blank-lf');
    } else {
      this.#state = 'method';
    }
  }

  /**
   * Moves over bytes of a class, at most up to offset `limit`, and returns the byte it stopped at;
   * `undefined` when the input ended first. The stop depends on the bytes alone, never on the
   * split.
   */
  #skip(buffer: ReceiveBuffer, allowed: Uint8Array, limit: number): number | undefined {
    const { bytes, start } = buffer;
    const stop = start + Math.min(buffer.length, limit);
    let index = start + this.#position;
    while (index < stop && allowed[bytes[index] ?? 0] === 1) index += 1;
    this.#position = index - start;
    return this.#position < buffer.length ? bytes[index] : undefined;
  }

  #text(buffer: ReceiveBuffer): string {
    const { bytes, start } = buffer;
    return latin1Text(bytes, start + this.#tokenStart, start + this.#position);
  }

  #parseMethod(buffer: ReceiveBuffer): void {
    const byte = this.#skip(buffer, isTokenByte, this.limits.methodBytesMax);
    if (byte === undefined) return;
    if (byte !== SP || this.#position === 0) {
      if (byte === LF) fail('bare-lf');
      if (byte === CR) fail('bad-request-line');
      fail(isTokenByte[byte] === 1 ? 'method-too-long' : 'bad-method');
    }
    this.#method = this.#text(buffer);
    this.#advance('target');
    this.#tokenStart = this.#position;
  }

  #parseTarget(buffer: ReceiveBuffer): void {
    const limit = this.#tokenStart + this.limits.targetBytesMax;
    const byte = this.#skip(buffer, isTargetByte, limit);
    if (byte === undefined) return;
    if (byte !== SP || this.#position === this.#tokenStart) {
      if (byte === LF) fail('bare-lf');
      if (byte === CR || byte === SP) fail('bad-request-line');
      fail(isTargetByte[byte] === 1 ? 'target-too-long' : 'bad-target');
    }
    this.#target = this.#text(buffer);
    this.#advance('version');
    this.#tokenStart = this.#position;
  }

  #parseVersionByte(byte: number): void {
    const offset = this.#position - this.#tokenStart;
    if (offset < VERSION_PREFIX.length) {
      if (byte !== VERSION_PREFIX[offset]) fail(this.#versionFailure());
    } else if (offset === VERSION_PREFIX.length + 1) {
      if (byte !== DOT) fail('bad-version');
    } else if (!isDigit(byte)) {
      fail('bad-version');
    } else if (offset === VERSION_PREFIX.length) {
      this.#majorVersion = byte - ZERO;
    } else {
      this.#minorVersion = byte - ZERO;
    }
    this.#position += 1;
    if (offset + 1 < VERSION_BYTES) return;
    if (this.#majorVersion !== 1) fail('unsupported-version');
    this.#state = this.role === 'request' ? 'start-line-cr' : 'status';
    this.#tokenStart = this.#position;
  }

  #versionFailure(): ProtocolErrorCode {
    return this.role === 'request' ? 'bad-version' : 'bad-status-line';
  }

  #parseStatusByte(byte: number): void {
    const offset = this.#position - this.#tokenStart;
    if (offset === 0) {
      if (byte !== SP) fail('bad-status-line');
    } else if (offset <= STATUS_DIGITS) {
      if (!isDigit(byte)) fail('bad-status-line');
      this.#status = this.#status * 10 + (byte - ZERO);
    } else {
      if (this.#status < 100) fail('bad-status-line');
      // A status line that ends after the status is tolerated: many servers send no reason.
      if (byte !== SP && byte !== CR) fail('bad-status-line');
      this.#advance(byte === SP ? 'reason' : 'start-line-lf');
      this.#tokenStart = this.#position;
      return;
    }
    this.#position += 1;
  }

  #parseReason(buffer: ReceiveBuffer): void {
    const limit = this.#tokenStart + this.limits.reasonBytesMax;
    const byte = this.#skip(buffer, isValueByte, limit);
    if (byte === undefined) return;
    if (byte !== CR) fail(byte === LF ? 'bare-lf' : 'bad-status-line');
    this.#reason = this.#text(buffer);
    this.#advance('start-line-lf');
  }

  /** Goes through a whole line where it is there; else a later step goes on where it stopped. */
  #startLine(buffer: ReceiveBuffer, byte: number): void {
    if (byte === CR) {
      this.#advance('end-lf');
      return;
    }
    if (byte === LF) fail('bare-lf');
    if (byte === SP || byte === HTAB) fail(this.#marks.length === 0 ? 'leading-blank' : 'obs-fold');
    if (this.#marks.length === this.limits.fieldsMax * 4) fail('too-many-fields');
    this.#state = 'name';
    this.#parseName(buffer);
  }

  /** The offset of the first byte that makes the line, or the section, too long. */
  #lineLimit(): number {
    const { fieldBytesMax, sectionBytesMax } = this.limits;
    return Math.min(this.#lineStart + fieldBytesMax, this.#sectionStart + sectionBytesMax);
  }

  #failAtLimit(code: ProtocolErrorCode): never {
    if (this.#position < this.#lineLimit()) fail(code);
    const whole = this.#position >= this.#sectionStart + this.limits.sectionBytesMax;
    fail(whole ? 'section-too-long' : 'field-too-long');
  }

  #checkSection(): void {
    const length = this.#position - this.#sectionStart;
    if (length > this.limits.sectionBytesMax) fail('section-too-long');
  }

  #parseName(buffer: ReceiveBuffer): void {
    const byte = this.#skip(buffer, isTokenByte, this.#lineLimit());
    if (byte === undefined) return;
    if (this.#position >= this.#lineLimit()) this.#failAtLimit('field-too-long');
    if (byte !== COLON || this.#position === this.#lineStart) {
      if (byte === SP || byte === HTAB) fail('blank-before-colon');
      fail(byte === LF ? 'bare-lf' : 'bad-field-name');
    }
    this.#marks.push(this.#lineStart, this.#position);
    this.#advance('blanks');
    this.#skipBlanks(buffer);
  }

  #skipBlanks(buffer: ReceiveBuffer): void {
    const { bytes, start, length } = buffer;
    const stop = Math.min(length, this.#lineLimit());
    while (this.#position < stop) {
      const byte = bytes[start + this.#position];
      if (byte !== SP && byte !== HTAB) break;
      this.#position += 1;
    }
    if (this.#position === length) return;
    this.#tokenStart = this.#position;
    this.#state = 'value';
    this.#parseValue(buffer);
  }

  #parseValue(buffer: ReceiveBuffer): void {
    const byte = this.#skip(buffer, isValueByte, this.#lineLimit());
    if (byte === undefined) return;
    if (byte !== CR) this.#failAtLimit(byte === LF ? 'bare-lf' : 'bad-field-value');
    const { bytes, start } = buffer;
    let end = this.#position;
    for (; end > this.#tokenStart; end -= 1) {
      const last = bytes[start + end - 1];
      if (last !== SP && last !== HTAB) break;
    }
    this.#marks.push(this.#tokenStart, end);
    this.#advance('value-lf');
  }

  #finish(buffer: ReceiveBuffer): ParsedHead {
    const { bytes, start } = buffer;
    const end = start + this.#position;
    // What was consumed is never written over, and a request's fields are asked for at once.
    const own = this.role === 'request' ? undefined : bytes.slice(start, end);
    const marks = this.#marks;
    buffer.consume(this.#position);
    const head: ParsedHead = {
      method: this.#method,
      target: this.#target,
      minorVersion: this.#minorVersion,
      status: this.#status,
      reason: this.#reason,
      fields: own ? new FieldSection(own, marks) : new FieldSection(bytes, marks, start),
      get raw() {
        return own ?? bytes.slice(start, end);
      },
    };
    this.#reset();
    return head;
  }

  /** Makes it ready for the next head on the same connection. */
  #reset(): void {
    this.#state = this.role === 'trailers' ? 'line' : 'start';
    this.#position = 0;
    this.#tokenStart = 0;
    this.#lineStart = 0;
    this.#sectionStart = 0;
    this.#skippedBlankLine = false;
    this.#status = 0;
    this.#reason = '';
    this.#marks = [];
  }
}
