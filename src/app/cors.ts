/**
 * Cross-origin sharing (the Fetch standard, section 3.2): what the browser is told about the pages
 * of origins that `--allow-origin` names. Never with credentials: there are none here.
 */

import { isToken } from '../http/byte-classes.ts';
import type { FieldLine, Fields } from '../http/message.ts';
import type { Response } from './response.ts';
import { allowedMethods } from './semantics.ts';

/** Fields of a response that a page's script may see beside those that every script may. */
const EXPOSED = [
  'ETag',
  'Location',
  'Content-Location',
  'Accept-Patch',
  'Preference-Applied',
  'Retry-After',
  'Idempotency-Replayed',
].join(', ');

/** How long a browser may keep a preflight's answer; most keep none for longer. */
const PREFLIGHT_MAX_AGE_SECONDS = 600;

/** More are no honest request. */
const REQUESTED_FIELDS_MAX = 64;

/** What every response carries once there are allowed origins, for caches must tell them apart. */
export function corsVary(allowedOrigins: readonly string[]): readonly FieldLine[] {
  return allowedOrigins.length === 0 ? [] : [['Vary', 'Origin']];
}

/** The fields that go on the response to a request, whatever it is. */
export function corsFields(allowedOrigins: readonly string[], fields: Fields): FieldLine[] {
  const vary = corsVary(allowedOrigins);
  const origin = allowedOrigin(allowedOrigins, fields);
  if (origin === undefined) return [...vary];
  return [
    ...vary,
    ['Access-Control-Allow-Origin', origin],
    ['Access-Control-Expose-Headers', EXPOSED],
  ];
}

/** The answer to a preflight of an allowed origin; `undefined` when the request is none. */
export function takePreflight(
  allowedOrigins: readonly string[],
  method: string,
  fields: Fields,
): Response | undefined {
  if (method !== 'OPTIONS' || fields.countOf('access-control-request-method') === 0)
    return undefined;
  if (allowedOrigin(allowedOrigins, fields) === undefined) return undefined;
  const requested = fields.tokens('access-control-request-headers');
  const allowed = requested.filter(isToken).slice(0, REQUESTED_FIELDS_MAX);
  return {
    status: 204,
    fields: [
      ['Access-Control-Allow-Methods', allowedMethods],
      ...(allowed.length > 0
        ? [['Access-Control-Allow-Headers', allowed.join(', ')] as const]
        : []),
      ['Access-Control-Max-Age', String(PREFLIGHT_MAX_AGE_SECONDS)],
      ['Vary', 'Access-Control-Request-Headers'],
    ],
    content: { kind: 'none' },
    log: {},
  };
}

function allowedOrigin(allowedOrigins: readonly string[], fields: Fields): string | undefined {
  const origin = fields.only('origin');
  return origin !== undefined && allowedOrigins.includes(origin) ? origin : undefined;
}
