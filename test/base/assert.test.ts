/** Assertions stop what is impossible, and say which belief broke. */

import { expect, test } from 'bun:test';
import { AssertionFailed, assert, unreachable } from '../../src/base/assert.ts';

test('what holds passes, what does not is thrown with its words', () => {
  expect(() => assert(true, 'x')).not.toThrow();
  expect(() => assert(false, 'a broken belief')).toThrow(new AssertionFailed('a broken belief'));
});

test('a value that no case took is named', () => {
  // The compiler forbids the plain call, which is the point of it.
  const call = () => Reflect.apply(unreachable, undefined, ['new']);
  expect(call).toThrow(new AssertionFailed('impossible value: new'));
});
