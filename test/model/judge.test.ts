/** Tables of preconditions (RFC 9110 section 13). */

import { describe, expect, test } from 'bun:test';
import type { Conditions, TagCondition } from '../../src/model/conditions.ts';
import type { EntityTag } from '../../src/model/entity-tag.ts';
import { type Judgement, judge } from '../../src/model/judge.ts';
import type { PageState } from '../../src/model/operation.ts';

const second = 1_000;
/** A whole second, so that the rows may count in seconds from it. */
const modified = 1_790_000_000 * second;

const strong = (opaque: string): EntityTag => ({ weak: false, opaque });
const weak = (opaque: string): EntityTag => ({ weak: true, opaque });
const star: TagCondition = { any: true };
const tags = (...listed: EntityTag[]): TagCondition => ({ tags: listed });

const page: PageState = { size: 1, modifiedMs: modified + 300, tag: strong('H') };
const untagged: PageState = { size: 1, modifiedMs: modified + 300 };

interface Row {
  readonly name: string;
  readonly conditions: Conditions;
  /** The page; `page` where it is not said. */
  readonly on?: PageState | 'missing';
  readonly read: Judgement;
  readonly edit: Judgement;
}

const go = { read: 'proceed', edit: 'proceed' } as const;
const fail = { read: 'precondition-failed', edit: 'precondition-failed' } as const;
const same = { read: 'not-modified', edit: 'precondition-failed' } as const;

const rows: readonly Row[] = [
  { name: 'none', conditions: {}, ...go },
  { name: 'none, missing', conditions: {}, on: 'missing', ...go },
  { name: 'If-Match *', conditions: { ifMatch: star }, ...go },
  { name: 'If-Match *, missing', conditions: { ifMatch: star }, on: 'missing', ...fail },
  { name: 'If-Match the tag', conditions: { ifMatch: tags(strong('x'), strong('H')) }, ...go },
  { name: 'If-Match another', conditions: { ifMatch: tags(strong('x')) }, ...fail },
  { name: 'If-Match weak', conditions: { ifMatch: tags(weak('H')) }, ...fail },
  { name: 'If-Match, missing', conditions: { ifMatch: tags(strong('H')) }, on: 'missing', ...fail },
  { name: 'If-Match, untagged', conditions: { ifMatch: tags(strong('H')) }, on: untagged, ...fail },
  {
    name: 'If-Match a coded tag names the state that an edit replaces',
    conditions: { ifMatch: tags(strong('H-gzip')) },
    read: 'precondition-failed',
    edit: 'proceed',
  },
  { name: 'If-Match an unknown coding', conditions: { ifMatch: tags(strong('H-x')) }, ...fail },
  {
    name: 'If-Match a weak coded tag',
    conditions: { ifMatch: tags(weak('H-gzip')) },
    ...fail,
  },
  { name: 'If-None-Match *', conditions: { ifNoneMatch: star }, ...same },
  { name: 'If-None-Match *, missing', conditions: { ifNoneMatch: star }, on: 'missing', ...go },
  { name: 'If-None-Match the tag', conditions: { ifNoneMatch: tags(strong('H')) }, ...same },
  { name: 'If-None-Match weak', conditions: { ifNoneMatch: tags(weak('H')) }, ...same },
  { name: 'If-None-Match another', conditions: { ifNoneMatch: tags(strong('x')) }, ...go },
  { name: 'If-None-Match none listed', conditions: { ifNoneMatch: tags() }, ...go },
  {
    name: 'If-None-Match, untagged',
    conditions: { ifNoneMatch: tags(strong('H')) },
    on: untagged,
    ...go,
  },
  {
    name: 'If-Unmodified-Since the same second',
    conditions: { ifUnmodifiedSinceMs: modified },
    ...go,
  },
  {
    name: 'If-Unmodified-Since the second before',
    conditions: { ifUnmodifiedSinceMs: modified - second },
    ...fail,
  },
  {
    name: 'If-Unmodified-Since, missing: no date to compare',
    conditions: { ifUnmodifiedSinceMs: 0 },
    on: 'missing',
    ...go,
  },
  {
    name: 'If-Match outranks If-Unmodified-Since, which would fail',
    conditions: { ifMatch: star, ifUnmodifiedSinceMs: 0 },
    ...go,
  },
  {
    name: 'If-Match outranks If-Unmodified-Since, which would hold',
    conditions: { ifMatch: tags(strong('x')), ifUnmodifiedSinceMs: modified },
    ...fail,
  },
  {
    name: 'If-Match holds and If-None-Match does not',
    conditions: { ifMatch: star, ifNoneMatch: star },
    ...same,
  },
  {
    name: 'If-Match fails before If-None-Match is asked',
    conditions: { ifMatch: tags(strong('x')), ifNoneMatch: star },
    ...fail,
  },
  {
    name: 'If-Modified-Since the same second; an edit does not ask',
    conditions: { ifModifiedSinceMs: modified },
    read: 'not-modified',
    edit: 'proceed',
  },
  {
    name: 'If-Modified-Since the second before',
    conditions: { ifModifiedSinceMs: modified - second },
    ...go,
  },
  {
    name: 'If-None-Match outranks If-Modified-Since',
    conditions: { ifNoneMatch: tags(strong('x')), ifModifiedSinceMs: modified },
    ...go,
  },
  {
    name: 'If-Modified-Since after If-Unmodified-Since',
    conditions: { ifUnmodifiedSinceMs: modified, ifModifiedSinceMs: modified },
    read: 'not-modified',
    edit: 'proceed',
  },
];

describe('preconditions', () => {
  for (const row of rows) {
    test(row.name, () => {
      const current = row.on === 'missing' ? undefined : (row.on ?? page);
      expect(judge(row.conditions, current, 'read')).toBe(row.read);
      expect(judge(row.conditions, current, 'edit')).toBe(row.edit);
    });
  }

  test('a date guards an edit only once the page is a second old', () => {
    const conditions: Conditions = { ifUnmodifiedSinceMs: modified + 5 * second };
    const young = page.modifiedMs + second - 1;
    expect(judge(conditions, page, 'edit', young)).toBe('precondition-failed');
    expect(judge(conditions, page, 'edit', young + 1)).toBe('proceed');
    expect(judge(conditions, page, 'read', young)).toBe('proceed');
    expect(judge({}, page, 'edit', young)).toBe('proceed');
  });
});
