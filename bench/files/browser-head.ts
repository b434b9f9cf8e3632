/** The header fields that a browser sends with each request for a page. */

import type { FieldLine } from '../../src/http/message.ts';

/**
 * As Chromium 131 sends them for a page that a link of the same site leads to, in its order, with a
 * cookie of usual length. Without `Accept-Encoding`: nginx here has nothing to code pages with, and
 * the same bytes are to be sent by all.
 */
export const browserFields: readonly FieldLine[] = [
  ['Connection', 'keep-alive'],
  ['Cache-Control', 'max-age=0'],
  ['sec-ch-ua', '"Google Chrome";v="131", "Chromium";v="131", "Not_A Brand";v="24"'],
  ['sec-ch-ua-mobile', '?0'],
  ['sec-ch-ua-platform', '"Linux"'],
  ['Upgrade-Insecure-Requests', '1'],
  [
    'User-Agent',
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  ],
  [
    'Accept',
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7',
  ],
  ['Sec-Fetch-Site', 'same-origin'],
  ['Sec-Fetch-Mode', 'navigate'],
  ['Sec-Fetch-User', '?1'],
  ['Sec-Fetch-Dest', 'document'],
  ['Accept-Language', 'en-GB,en-US;q=0.9,en;q=0.8,de;q=0.7'],
  ['Cookie', 'session=0f3c1c0e5d2b4a6f9b7a8e1d; theme=dark; consent=essential'],
];

/** The same, from another page each time. */
export const differingFields: readonly FieldLine[] = [
  ...browserFields,
  ['Referer', 'http://127.0.0.1/from-{{n}}.html'],
];
