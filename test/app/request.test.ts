/**
 * What a request may ask: its preference, its content's type and coding, and the first rule broken.
 */

import { describe, expect, test } from 'bun:test';
import { routeRequest } from '../../src/app/request.ts';
import { actionOf, type Method, type Semantics } from '../../src/app/semantics.ts';
import { requestHead } from '../http/fields.ts';

function route(method: Method, lines: readonly string[], path = '/a.html', query?: string) {
  const semantics: Semantics = 'standard';
  const action = actionOf(method, semantics);
  if (action === undefined) throw new Error(`${method} is not taken`);
  const target = { form: 'origin', path, query } as const;
  return routeRequest(method, action, requestHead(lines), target, 0, false);
}

describe('Prefer', () => {
  const rows: readonly [
    lines: readonly string[],
    want: 'minimal' | 'representation' | undefined,
  ][] = [
    [[], undefined],
    [['Prefer: return=minimal'], 'minimal'],
    [['Prefer: return=representation'], 'representation'],
    [['Prefer: Return=Minimal'], 'minimal'],
    [['Prefer: return="minimal"'], 'minimal'],
    [['Prefer: return = minimal'], 'minimal'],
    [['Prefer: return=minimal; foo=bar'], 'minimal'],
    [['Prefer: respond-async, return=minimal'], 'minimal'],
    [['Prefer: respond-async', 'Prefer: return=minimal'], 'minimal'],
    [['Prefer: return=minimal, return=representation'], 'minimal'],
    [['Prefer: return=minimally'], undefined],
    [['Prefer: xreturn=minimal'], undefined],
    [['Prefer: return'], undefined],
    [['Prefer: wait=5'], undefined],
    [['Prefer:'], undefined],
  ];
  for (const [lines, want] of rows) {
    test(`${lines.join(' | ') || 'none'}: ${want}`, () => {
      expect(route('PUT', lines)).toMatchObject({ prefer: want });
    });
  }
});

describe('refused', () => {
  const rows: readonly [method: Method, lines: readonly string[], want: string | undefined][] = [
    ['PUT', ['Content-Encoding: gzip'], 'content-coded'],
    ['POST', ['Content-Encoding: gzip'], 'content-coded'],
    ['PATCH', ['Content-Encoding: br'], 'content-coded'],
    ['PUT', ['Content-Encoding: identity'], undefined],
    ['PUT', ['Content-Encoding: identity, gzip'], 'content-coded'],
    ['GET', ['Content-Encoding: gzip'], undefined],
    ['DELETE', ['Content-Encoding: gzip'], undefined],
    ['PUT', ['Content-Range: bytes 0-1/2'], 'content-partial'],
    ['POST', ['Content-Range: bytes 0-1/2'], undefined],
    ['PATCH', ['Content-Type: nonsense'], 'content-type'],
    ['PATCH', ['Content-Type: text/plain', 'Content-Type: text/html'], 'content-type'],
    ['PUT', ['Content-Type: nonsense'], undefined],
    ['GET', ['Content-Type: nonsense'], undefined],
    ['GET', ['If-None-Match: x'], 'bad-condition'],
    ['PUT', ['If-Match: x'], 'bad-condition'],
  ];
  for (const [method, lines, want] of rows) {
    test(`${method} ${lines.join(' | ')}: ${want ?? 'no'}`, () => {
      const routed = route(method, lines);
      expect(typeof routed === 'string' ? String(routed) : undefined).toBe(want);
    });
  }

  test('the path comes first, for nothing else matters without a page', () => {
    expect(route('PUT', ['Content-Encoding: gzip', 'If-Match: x'], '/%2f')).toBe('bad-path');
    expect(route('PUT', ['Content-Encoding: gzip'], '/.x')).toBe('hidden-path');
  });
});

test('the query is kept with its mark, an empty one too', () => {
  expect(route('GET', [], '/a', 'x=1')).toMatchObject({ query: '?x=1' });
  expect(route('GET', [], '/a', '')).toMatchObject({ query: '?' });
  expect(route('GET', [], '/a')).toMatchObject({ query: '' });
});
