/**
 * Edits that come at once, over the real store: whatever is combined, each result and each page is
 * that of doing the edits one by one in order of arrival.
 */

import { describe, expect, test } from 'bun:test';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { utf8Bytes } from '../../src/base/bytes.ts';
import type { DispatchLimits } from '../../src/dispatch/limits.ts';
import type { Conditions } from '../../src/model/conditions.ts';
import type { EntityTag } from '../../src/model/entity-tag.ts';
import type { Edit, EditResult } from '../../src/model/operation.ts';
import { editPage, type Page, pageOf } from '../../src/store/edit-page.ts';
import { Seeded, seedOfRun } from '../store/seeded.ts';
import { type Bench, key, storeOptions } from './harness.ts';
import { openReal } from './real-bench.ts';

const edge = '<!DOCTYPE html>\n<html><body>\n</body></html>';
const pages: Readonly<Record<string, string | undefined>> = {
  'a.html': edge,
  'b.html': `<p>${'b'.repeat(2_000)}</p>`,
  'open.html': '<!-- never closed',
  'missing.html': undefined,
  'c.txt': 'takes no insert',
};
const names = Object.keys(pages);

interface Arrival {
  readonly name: string;
  readonly edits: readonly Edit[];
}

/** A plan of edits, and what each has to come to by the store's own rules. */
interface Plan {
  readonly arrivals: readonly Arrival[];
  readonly want: readonly string[];
  readonly left: Readonly<Record<string, string | undefined>>;
}

const { insertPageBytesMax, hashBytesMax } = storeOptions('/');

function planOf(random: Seeded, count: number): Plan {
  const known = new Map<string, Page | undefined>(
    names.map((name) => {
      const text = pages[name];
      if (text === undefined) return [name, undefined];
      return [name, pageOf(utf8Bytes(text), 0, key(name), hashBytesMax)];
    }),
  );
  const tags: EntityTag[] = [{ weak: false, opaque: 'nobody’s' }];
  const arrivals: Arrival[] = [];
  const want: string[] = [];
  for (let index = 0; index < count; index += 1) {
    // Most go to one page, so that there is a line.
    const name = random.below(3) > 0 ? 'a.html' : random.pick(names);
    const before = known.get(name);
    const edits = Array.from({ length: random.below(8) === 0 ? 2 : 1 }, (_, part) =>
      editOf(random, `${index}.${part}`, conditionsOf(random, before?.state.tag, tags)),
    );
    const context = { key: key(name), insertPageBytesMax, hashBytesMax, nowMs: 0 };
    const { results, page } = editPage(before, edits, context);
    known.set(name, page);
    if (page?.state.tag !== undefined) tags.push(page.state.tag);
    arrivals.push({ name, edits });
    want.push(describeAll(results));
  }
  const left = names.map((name) => {
    const bytes = known.get(name)?.bytes;
    return [name, bytes === undefined ? undefined : Buffer.from(bytes).toString()];
  });
  return { arrivals, want, left: Object.fromEntries(left) };
}

/** Often none; else such that the page as it will be then meets, or does not meet. */
function conditionsOf(
  random: Seeded,
  now: EntityTag | undefined,
  tags: readonly EntityTag[],
): Conditions {
  const listed = { tags: [random.below(2) === 0 && now !== undefined ? now : random.pick(tags)] };
  switch (random.below(10)) {
    case 0:
      return { ifMatch: listed };
    case 1:
      return { ifNoneMatch: listed };
    case 2:
      return { ifMatch: { any: true } };
    case 3:
      return random.below(4) === 0 ? { ifNoneMatch: { any: true } } : {};
    default:
      return {};
  }
}

function editOf(random: Seeded, mark: string, conditions: Conditions): Edit {
  const answer = random.pick(['page', 'minimal'] as const);
  const kind = random.below(24);
  if (kind === 0) return { kind: 'remove', conditions };
  if (kind <= 2) {
    const content = utf8Bytes(`${edge}<!-- ${mark} -->`);
    return { kind: 'replace', create: random.below(2) === 0, content, conditions, answer };
  }
  const content = random.pick([
    ...Array.from({ length: 6 }, () => utf8Bytes(`<p>${mark} é</p>`)),
    new Uint8Array(),
    Uint8Array.of(0xff),
    utf8Bytes('<!-- open'),
    utf8Bytes('</body>'),
  ]);
  return { kind: 'insert', form: random.pick(['text', 'markup']), content, conditions, answer };
}

/** All of a result but the time, which is the machine's. */
function describeAll(results: readonly EditResult[]): string {
  return results
    .map((result) => {
      if (result.kind === 'removed') return 'removed';
      if (result.kind === 'refused') return `${result.code} ${result.detail ?? ''}`;
      if (result.kind === 'replayed') return `replayed ${result.of}`;
      const { size, tag, needsUtf8Label } = result.state;
      const page = result.page === undefined ? '' : Buffer.from(result.page).toString();
      return `${result.kind} ${size} ${tag?.opaque} ${needsUtf8Label} ${page}`;
    })
    .join(' | ');
}

async function carryOut(
  bench: Bench,
  plan: Plan,
): Promise<{ readonly got: string[]; readonly left: Plan['left'] }> {
  for (const [name, text] of Object.entries(pages)) {
    if (text !== undefined) bench.write(name, text);
  }
  const order: number[] = [];
  const ends = await Promise.all(
    plan.arrivals.map(async ({ name, edits }, index) => {
      const end = await bench.edit(name, ...edits);
      if (name === 'a.html') order.push(index);
      return end;
    }),
  );
  // Those of one page were answered in order of arrival.
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  const left = names.map((name) => {
    const exists = existsSync(join(bench.root, name));
    return [name, exists ? Buffer.from(bench.content(name), 'latin1').toString() : undefined];
  });
  return { got: ends.map(({ results }) => describeAll(results)), left: Object.fromEntries(left) };
}

describe('the same as one by one', () => {
  const first = seedOfRun();
  const ways: readonly { readonly name: string; readonly limits: Partial<DispatchLimits> }[] = [
    { name: 'combining is off', limits: { combinedEditsMax: 1 } },
    { name: 'all that may be combined', limits: {} },
    { name: 'three at most', limits: { combinedEditsMax: 3 } },
    { name: 'little content at most', limits: { combinedContentBytesMax: 64 } },
  ];

  for (let round = 0; round < 4; round += 1) {
    const seed = first + round;
    test(`seed ${seed}`, async () => {
      const plan = planOf(new Seeded(seed), 120);
      for (const { name, limits } of ways) {
        await using bench = await openReal({ limits });
        const { got, left } = await carryOut(bench, plan);
        expect([name, ...got]).toEqual([name, ...plan.want]);
        expect([name, left]).toEqual([name, plan.left]);
      }
    });
  }

  test('the plans have what they are to try', () => {
    // Of many short ones: a long one may stay for good with pages that take no more of a kind.
    const plans = Array.from({ length: 40 }, (_, round) => planOf(new Seeded(first + round), 60));
    const all = plans.flatMap(({ want }) => want).join('\n');
    for (const word of ['inserted', 'removed', 'created', 'replaced', 'precondition-failed']) {
      expect(all).toContain(word);
    }
    for (const word of ['content-empty', 'fragment-open', 'not-found', 'not-html', 'page-open']) {
      expect(all).toContain(word);
    }
  });
});
