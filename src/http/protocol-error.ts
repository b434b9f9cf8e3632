/**
 * Every way in which received bytes can fail to be an HTTP/1.1 message. Closed: each code carries
 * the status that answers it (RFC 9110 section 15) and a fixed sentence. None of them leaves the
 * connection usable: where one message ends is no longer certain, so nothing after it is parsed.
 */

const table = {
  'bad-method': [400, 'The method is not a token.'],
  'method-too-long': [501, 'The method is longer than any method this server knows.'],
  'bad-request-line': [400, 'The request line is not "method SP target SP version".'],
  'bad-target': [400, 'The request target holds a byte that may not stand there.'],
  'target-too-long': [414, 'The request target is too long.'],
  'bad-version': [400, 'The version is not "HTTP/" digit "." digit.'],
  'unsupported-version': [505, 'Only HTTP/1.0 and HTTP/1.1 are spoken here.'],
  'bad-status-line': [400, 'The status line is not "version SP status SP reason".'],
  'bare-cr': [400, 'A CR without its LF stands in the header section.'],
  'bare-lf': [400, 'A line ends in LF without CR.'],
  'leading-blank': [400, 'White space stands before the first field line.'],
  'obs-fold': [400, 'A field line is folded, which is obsolete.'],
  'bad-field-name': [400, 'A field name is not a token.'],
  'blank-before-colon': [400, 'White space stands between a field name and its colon.'],
  'bad-field-value': [400, 'A field value holds a control character.'],
  'field-too-long': [431, 'A field line is too long.'],
  'section-too-long': [431, 'The header section is too long.'],
  'too-many-fields': [431, 'The header section has too many field lines.'],
  'host-missing': [400, 'A request of HTTP/1.1 needs a Host field.'],
  'host-repeated': [400, 'There is more than one Host field.'],
  'bad-host': [400, 'The Host field is not "host" or "host:port".'],
  'bad-content-length': [400, 'Content-Length is not one decimal number.'],
  'length-with-coding': [400, 'Content-Length and Transfer-Encoding stand together.'],
  'coding-in-http-1.0': [400, 'Transfer-Encoding does not belong to HTTP/1.0.'],
  'coding-not-chunked': [400, 'Transfer-Encoding does not end in chunked.'],
  'unknown-coding': [501, 'A transfer coding is not implemented here.'],
  'bad-chunk-size': [400, 'A chunk size is not a hexadecimal number.'],
  'chunk-too-large': [400, 'A chunk size is too large to count.'],
  'bad-chunk-extension': [400, 'A chunk extension holds a byte that may not stand there.'],
  'chunk-extensions-too-long': [400, 'The chunk extensions of this content are too long.'],
  'bad-chunk-end': [400, 'The data of a chunk are not followed by CRLF.'],
  'ended-early': [400, 'The connection ended inside a message.'],
  'unexpected-bytes': [400, 'Bytes arrived where no message was expected.'],
} as const satisfies Record<string, readonly [status: number, sentence: string]>;

export type ProtocolErrorCode = keyof typeof table;

/** All codes, for documents and tests. */
export const protocolErrorCodes = Object.keys(table) as readonly ProtocolErrorCode[];

/** Received bytes that are no HTTP/1.1 message. `message` is the code's fixed sentence. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  /** The status with which a server answers it. */
  readonly status: number;

  constructor(readonly code: ProtocolErrorCode) {
    super(table[code][1]);
    this.status = table[code][0];
  }
}
