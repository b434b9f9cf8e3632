/** OPTIONS of a folder: what the read of its index page says of the methods that it takes. */

import { expect, test } from 'bun:test';
import type { AppContext } from '../../src/app/context.ts';
import { describe } from '../../src/app/options.ts';
import type { RoutedRequest } from '../../src/app/request.ts';
import type { Response } from '../../src/app/response.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { type RefusalCode, refused } from '../../src/model/operation.ts';
import type { PageName } from '../../src/model/page-name.ts';
import { takePageName } from '../../src/model/page-name.ts';

/** What is answered to OPTIONS of `path` when its read is refused. */
function answerTo(path: string, code: RefusalCode): Response | undefined {
  let reads = 0;
  const context: AppContext = {
    dispatcher: {
      read(_request, done) {
        reads += 1;
        done(refused(code), 1);
      },
      takeNow: () => false,
      edit: () => {},
      announce: () => {},
      openStream: () => ({ file: undefined, fetch: () => {}, close: () => {} }),
      stop: async () => {},
      workers: 1,
      foldsCase: false,
    },
    clock: systemClock,
    random: systemRandom,
    semantics: 'classic',
    startPage: true,
    requireConditional: false,
    echoBytesMax: 0,
    admission: { loopback: true, allowedHosts: [], allowedOrigins: [] },
    cacheRules: [],
  };
  let answer: Response | undefined;
  describe(context, requestOf(path), new Uint8Array(0), (response) => {
    answer = response;
  });
  expect(reads).toBe(path.endsWith('/') ? 1 : 0);
  return answer;
}

function requestOf(path: string): RoutedRequest {
  const page: PageName | string = takePageName(path, false);
  if (typeof page === 'string') throw new Error(page);
  return {
    ...{ method: 'OPTIONS', page, query: '', contentType: undefined, conditions: {} },
    ...{ range: undefined, prefer: undefined, keyed: undefined },
  };
}

const all = 'GET, HEAD, PUT, POST, PATCH, DELETE, OPTIONS';

const rows: readonly (readonly [
  path: string,
  RefusalCode,
  status: number,
  allow: string | undefined,
])[] = [
  ['/page.html', 'not-found', 200, all],
  ['/folder/', 'not-found', 200, 'GET, HEAD, OPTIONS'],
  // An edit would say why, and that is not 405.
  ['/folder/', 'not-regular', 200, all],
  ['/folder/', 'forbidden', 200, all],
  // Nothing is known of the folder then, so nothing is said of it.
  ['/folder/', 'busy', 503, undefined],
  ['/folder/', 'deadline', 503, undefined],
  ['/folder/', 'worker-lost', 500, undefined],
];

test.each(rows)('%s, when its read is refused as %s: %i', (path, code, status, allow) => {
  const answer = answerTo(path, code);
  expect(answer?.status).toBe(status);
  expect(answer?.fields.find(([name]) => name === 'Allow')?.[1]).toBe(allow);
});
