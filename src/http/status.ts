/** Reason phrases (RFC 9110 section 15; 428 and 431 are RFC 6585's, 507 is RFC 4918's). */

const reasons: Readonly<Record<number, string>> = {
  100: 'Continue',
  200: 'OK',
  201: 'Created',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  304: 'Not Modified',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  417: 'Expectation Failed',
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  428: 'Precondition Required',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  505: 'HTTP Version Not Supported',
  507: 'Insufficient Storage',
};

/** The phrase that goes with `status`; empty for one that Inkwire never sends. */
export function reasonPhrase(status: number): string {
  return reasons[status] ?? '';
}

/**
 * Whether a response with this status never has content (RFC 9110 sections 15.2, 15.3.5, 15.4.5).
 */
export function isContentless(status: number): boolean {
  return status < 200 || status === 204 || status === 304;
}
