/** The bytes of a load's requests, and how templates take turns. */

import { describe, expect, test } from 'bun:test';
import { latin1Text, utf8Bytes } from '../../src/base/bytes.ts';
import { encodeRequest } from '../../src/http/encoder.ts';
import type { RequestTemplate } from '../../src/load/load.ts';
import { fillTemplate, RequestSource } from '../../src/load/request-source.ts';
import { RunValues } from '../../src/load/template.ts';
import { numbered } from './plans.ts';

const sources = { uuid: () => 'u-1', wallMs: () => 0 };

function sourceOf(templates: readonly RequestTemplate[], keepAlive = true): RequestSource {
  return new RequestSource(templates, keepAlive, sources);
}

const text = (content: string) => ({ kind: 'text', text: content }) as const;

const rows: { name: string; template: RequestTemplate }[] = [
  { name: 'nothing varies', template: { ...numbered, target: '/a' } },
  { name: 'the target', template: numbered },
  { name: 'a target beyond ASCII', template: { ...numbered, target: '/한-{{n}}' } },
  { name: 'a field', template: { ...numbered, target: '/', fields: [['A', 'x{{uuid}}{{now}}']] } },
  { name: 'a field of Latin-1', template: { ...numbered, fields: [['A', '\xed\x95\x9c {{n}}']] } },
  { name: 'the content', template: { ...numbered, method: 'PUT', content: text('item {{n}}') } },
  { name: 'content beyond ASCII', template: { ...numbered, content: text('한 {{n}} é') } },
  { name: 'fixed content', template: { ...numbered, target: '/', content: text('한 é') } },
  { name: 'a fixed text behind a varying target', template: { ...numbered, content: text('é') } },
  {
    name: 'bytes behind a varying target',
    template: { ...numbered, content: { kind: 'bytes', bytes: utf8Bytes('{{n}}') } },
  },
  { name: 'content without a byte', template: { ...numbered, content: text('') } },
];

describe('the bytes are those that the encoder makes', () => {
  test.each(rows)('$name', ({ template }) => {
    const request = sourceOf([template]).at(0);
    const values = new RunValues(sources);
    for (const n of [1, 9, 10, 123_456]) {
      values.n = n;
      const want = latin1Text(encodeRequest(fillTemplate(template, values.lookup)));
      expect(latin1Text(request.bytes(n))).toBe(want);
    }
  });
});

test('what does not vary is encoded once', () => {
  const request = sourceOf([{ ...numbered, target: '/a' }]).at(0);
  expect(request.bytes(1)).toBe(request.bytes(2));
});

test('without keep-alive each says that it is the last, once', () => {
  const fields = [['connection', 'keep-alive']] as const;
  const request = sourceOf([{ ...numbered, fields }], false).at(0);
  expect(request.closes).toBe(true);
  const head = latin1Text(request.bytes(1));
  expect(head.match(/^connection: .*$/gim)).toEqual(['Connection: close']);
  expect(sourceOf([numbered]).at(0).closes).toBe(false);
});

describe('weights', () => {
  const targets = ['/a', '/b', '/c'];
  const cycle = (weights: readonly number[], length: number): string => {
    const source = sourceOf(
      weights.map((weight, index) => ({ ...numbered, target: targets[index] ?? '/', weight })),
    );
    return Array.from({ length }, (_, index) =>
      latin1Text(source.at(index).bytes(1)).charAt('GET /'.length),
    ).join('');
  };

  test.each([
    { weights: [1], want: 'aaa' },
    { weights: [1, 1], want: 'ababab' },
    { weights: [2, 2], want: 'ababab' },
    { weights: [3, 1], want: 'aabaaaba' },
    { weights: [1, 2, 1], want: 'bacbbacb' },
  ])('$weights: $want', ({ weights, want }) => expect(cycle(weights, want.length)).toBe(want));

  test('each comes as often as its weight says, and never in a heap', () => {
    const seen = cycle([70, 20, 10], 1_000);
    expect([...'abc'].map((kind) => seen.split(kind).length - 1)).toEqual([700, 200, 100]);
    expect(seen).not.toContain('a'.repeat(6));
    expect(seen).not.toContain('bb');
  });
});

test.each([
  { name: 'a method with a blank', template: { ...numbered, method: 'G T' } },
  { name: 'a field with a line end', template: { ...numbered, fields: [['A', 'x\ny']] } as const },
])('$name is refused', ({ template }) => {
  expect(() => sourceOf([template])).toThrow(/method|field line/);
});
