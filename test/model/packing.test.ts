/** What is packed for a thread is unpacked as it was. */

import { describe, expect, test } from 'bun:test';
import { noConditions } from '../../src/model/conditions.ts';
import type { FileIdentity, PreparedEdit } from '../../src/model/messages.ts';
import type { Operation, Outcome } from '../../src/model/operation.ts';
import {
  largeBytesMin,
  type Pack,
  packOperations,
  packOutcomes,
  unpackOperations,
  unpackOutcomes,
} from '../../src/model/packing.ts';
import { packPrepared, unpackPrepared } from '../../src/model/prepared-packing.ts';
import { resourceKey } from '../../src/model/resource-key.ts';

const key = resourceKey(['notes', 'a “b”.html']);
const state = { size: 3, modifiedMs: 1_763_812_800_123.25 };
const openFile = { descriptor: 17, size: 2 ** 40, modifiedNs: '-1767225600123456789' };
const tagged = { ...state, tag: { weak: false, opaque: '"\\\u0000\ud800' }, needsUtf8Label: true };

/** Bytes that lie somewhere within a larger buffer. */
function view(length: number, first: number): Uint8Array {
  const whole = Uint8Array.from({ length: length + 20 }, (_, index) => first + index);
  return whole.subarray(10, 10 + length);
}

function read(id: number, bytes: Uint8Array): Outcome {
  return { kind: 'read', id, result: { kind: 'found', state, content: { kind: 'whole', bytes } } };
}

const outcomeRows: readonly { name: string; outcomes: readonly Outcome[] }[] = [
  { name: 'nothing', outcomes: [] },
  {
    name: 'reads with small, empty and large content',
    outcomes: [
      read(1, view(3, 1)),
      read(2, view(0, 0)),
      read(3, view(largeBytesMin, 7)),
      read(4, view(largeBytesMin - 1, 9)),
      read(5, view(2, 4)),
    ],
  },
  {
    name: 'reads without content',
    outcomes: [
      { kind: 'read', id: 1, result: { kind: 'not-modified', state: tagged } },
      { kind: 'read', id: 2, result: { kind: 'refused', code: 'not-found' } },
      {
        kind: 'read',
        id: 3,
        result: {
          kind: 'found',
          state: tagged,
          content: { kind: 'open', stream: 3, file: openFile },
        },
      },
      {
        kind: 'read',
        id: 5,
        result: { kind: 'found', state: tagged, content: { kind: 'open', stream: 5 } },
      },
      { kind: 'read', id: 4, result: { kind: 'found', state, content: { kind: 'none' } } },
    ],
  },
  {
    name: 'edits with pages, without, and refused',
    outcomes: [
      {
        kind: 'edit',
        id: 1,
        results: [
          { kind: 'inserted', state: tagged, page: view(5, 1) },
          { kind: 'replaced', state },
          { kind: 'removed' },
          { kind: 'refused', code: 'fragment-open', detail: '<!--' },
        ],
      },
    ],
  },
  {
    name: 'edits that were done before',
    outcomes: [
      {
        kind: 'edit',
        id: 1,
        results: [
          { kind: 'replayed', of: 'inserted', state: tagged, page: view(5, 1) },
          { kind: 'replayed', of: 'replaced', state: tagged, page: view(largeBytesMin, 3) },
          { kind: 'replayed', of: 'created', state },
          { kind: 'replayed', of: 'removed' },
          { kind: 'refused', code: 'key-reused' },
        ],
      },
    ],
  },
];

const content = view(4, 60);
const operations: readonly Operation[] = [
  {
    kind: 'read',
    id: 1,
    key,
    want: 'content',
    conditions: { ifNoneMatch: { tags: [{ weak: true, opaque: 'x' }] }, ifModifiedSinceMs: 5000 },
  },
  {
    kind: 'edit',
    id: 2,
    key,
    edits: [
      { kind: 'insert', form: 'text', content, conditions: noConditions, answer: 'page' },
      { kind: 'remove', conditions: { ifMatch: { any: true } } },
      {
        kind: 'replace',
        content: view(largeBytesMin, 3),
        conditions: noConditions,
        answer: 'minimal',
        create: true,
      },
    ],
  },
  {
    kind: 'edit',
    id: 3,
    key,
    edits: [
      {
        kind: 'insert',
        form: 'text',
        content,
        conditions: noConditions,
        answer: 'page',
        idempotency: { key: 'a "\\ b', fingerprint: 'AZaz09_-' },
      },
      {
        kind: 'remove',
        conditions: noConditions,
        idempotency: { key: '~'.repeat(255), fingerprint: '' },
      },
    ],
  },
];

const file: FileIdentity = {
  device: 1_793n,
  inode: 2n ** 64n - 1n,
  size: 3n,
  modifiedNs: 1_763_812_800_123_456_789n,
  changedNs: 2n ** 63n - 1n,
};
const old: FileIdentity = { ...file, inode: 2n ** 63n, size: 0n, modifiedNs: -(2n ** 63n) };
const keys = [{ key: '“a”', fingerprint: 'AA', place: 0, answer: 'page' }] as const;
const inserted = { kind: 'inserted', state: tagged, page: view(5, 1) } as const;

const prepared: readonly PreparedEdit[] = [
  { id: 1, key, change: { kind: 'create', temporary: 'a', file }, results: [inserted], keys },
  {
    id: 2,
    key,
    change: { kind: 'replace', temporary: 'b', file, read: old },
    results: [inserted, { kind: 'replaced', state, page: view(largeBytesMin, 7) }],
  },
  {
    id: 3,
    key,
    change: { kind: 'remove', temporary: 'c', read: old },
    results: [{ kind: 'removed' }],
  },
  {
    id: 4,
    key,
    change: { kind: 'none' },
    results: [{ kind: 'refused', code: 'fragment-open', detail: '<!--' }],
  },
];

/** As another thread gets it. */
function crossed<Packed extends Pack>(pack: Packed): Packed {
  return structuredClone(pack);
}

describe('packing', () => {
  for (const { name, outcomes } of outcomeRows) {
    test(`outcomes arrive as they were: ${name}`, () => {
      expect(unpackOutcomes(crossed(packOutcomes(outcomes)))).toEqual([...outcomes]);
    });
  }

  test('operations arrive as they were', () => {
    expect(unpackOperations(crossed(packOperations(operations)))).toEqual([...operations]);
  });

  test('prepared edits arrive as they were', () => {
    expect(unpackPrepared(crossed(packPrepared(prepared)))).toEqual([...prepared]);
    expect(unpackPrepared(crossed(packPrepared([])))).toEqual([]);
  });

  test('what is unpacked keeps nothing else alive', () => {
    const [outcome] = unpackOutcomes(
      crossed(packOutcomes([read(1, view(3, 1)), read(2, view(9, 1))])),
    );
    const bytes =
      outcome?.kind === 'read' &&
      outcome.result.kind === 'found' &&
      outcome.result.content.kind === 'whole' &&
      outcome.result.content.bytes;
    expect(bytes ? bytes.buffer.byteLength : undefined).toBe(3);
  });

  test('large bytes cross alone, and no more of their buffer than they are', () => {
    const pack = packOutcomes([read(1, view(largeBytesMin, 7))]);
    expect(pack.slab.length).toBe(0);
    expect(pack.large.map((bytes) => bytes.buffer.byteLength)).toEqual([largeBytesMin]);
  });
});
