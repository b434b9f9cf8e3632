/** Every reason for a refusal: its status in both semantics, its sentence, and who may retry. */

import { describe, expect, test } from 'bun:test';
import {
  type ErrorCode,
  errorCodes,
  errorRow,
  errorSentence,
  errorStatus,
  mayRetry,
} from '../../src/app/refusal.ts';
import { methods } from '../../src/app/semantics.ts';
import { reasonPhrase } from '../../src/http/status.ts';

/** Status, and what classic says instead where it says something else to every method. */
const want: Readonly<Record<ErrorCode, readonly [status: number, classic?: 400]>> = {
  'bad-target': [400],
  misdirected: [421],
  'cross-origin': [403],
  'bad-path': [400],
  'hidden-path': [404],
  'method-unknown': [501],
  'method-connect': [501],
  'method-not-taken': [405],
  'method-not-taken-by-folder': [405],
  'content-too-large': [413],
  'content-coded': [415, 400],
  'content-partial': [400],
  'content-type': [415, 400],
  'content-charset': [415, 400],
  'content-multipart': [415, 400],
  'bad-condition': [400],
  'condition-required': [428],
  'bad-idempotency-key': [400],
  expectation: [417],
  'range-unsatisfiable': [416],
  'not-found': [404],
  'is-folder': [409, 400],
  forbidden: [403, 400],
  'other-mount': [409, 400],
  'symbolic-link': [409, 400],
  'hard-links': [409, 400],
  'not-regular': [409, 400],
  'parent-not-folder': [409, 400],
  unstable: [503],
  'not-html': [415, 400],
  'page-too-large': [409, 400],
  'page-frameset': [409, 400],
  'page-charset': [409, 400],
  'page-open': [409, 400],
  'content-empty': [400],
  'content-not-utf8': [400],
  'fragment-open': [400],
  'fragment-structure': [400],
  'precondition-failed': [412],
  'key-reused': [422],
  'storage-full': [507],
  'storage-error': [500],
  'internal-error': [500],
  busy: [503],
  'worker-lost': [500],
  deadline: [503],
  'outcome-unknown': [503],
  'read-only': [503],
};

/** docs/HTTP.md: these never become another status, whatever the method. */
const neverFolded = (status: number): boolean =>
  status < 400 ||
  status >= 500 ||
  [405, 408, 412, 413, 414, 416, 417, 421, 422, 428, 431].includes(status);

test('every code has a row here', () => {
  expect(Object.keys(want).sort()).toEqual([...errorCodes].sort());
});

describe('statuses', () => {
  for (const code of errorCodes) {
    const [status, classic = status] = want[code];
    test(`${code}: ${status}${classic === status ? '' : `, classic ${classic}`}`, () => {
      for (const method of [...methods, undefined]) {
        expect(errorStatus(code, method, 'standard')).toBe(status);
        const folded = status === 404 && method === 'HEAD' ? 400 : classic;
        expect(errorStatus(code, method, 'classic')).toBe(folded);
      }
    });
  }

  test('what is never folded is not, and what is folded is 403, 404, 409 or 415', () => {
    for (const code of errorCodes) {
      const { status } = errorRow(code);
      for (const method of methods) {
        const classic = errorStatus(code, method, 'classic');
        if (neverFolded(status)) expect([code, classic]).toEqual([code, status]);
        if (classic !== status) expect([400, 403, 404, 409, 415]).toContain(status);
      }
    }
  });

  test('each has its phrase', () => {
    for (const code of errorCodes) expect(reasonPhrase(errorRow(code).status)).not.toBe('');
  });
});

describe('sentences', () => {
  test('each is one, and fixed but for its detail', () => {
    for (const code of errorCodes) {
      const sentence = errorSentence(code, 'DETAIL');
      expect(sentence).toMatch(/^(?:[A-Z]|multipart).*\.$/);
      expect(sentence).not.toContain('{');
      expect(sentence.includes('DETAIL')).toBe(errorRow(code).sentence.includes('{detail}'));
    }
  });

  test('a detail stands as it is, and its absence does not show', () => {
    // `$&` would be a pattern of its own in a plain replacement.
    expect(errorSentence('fragment-open', '<a $& $1>')).toBe('The fragment leaves <a $& $1> open.');
    expect(errorSentence('fragment-open', undefined)).toBe('The fragment leaves something open.');
  });
});

test('only what passes by itself may be retried, and it is a 503', () => {
  const retried = errorCodes.filter(mayRetry);
  expect(retried.sort()).toEqual(['busy', 'deadline', 'unstable']);
  for (const code of retried) expect(errorRow(code).status).toBe(503);
});
