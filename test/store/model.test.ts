/**
 * Random operations on a file store and on the memory store: invariant: every result is the same,
 * times aside, and so are all pages in the end. The seed is printed, and taken from `INKWIRE_SEED`.
 */

import { describe, expect, test } from 'bun:test';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Conditions, TagCondition } from '../../src/model/conditions.ts';
import type { EntityTag } from '../../src/model/entity-tag.ts';
import type { Edit, EditResult, PageState, ReadResult } from '../../src/model/operation.ts';
import { Seeded, seedOfRun } from './seeded.ts';
import {
  brief,
  editPage,
  type FileTestStore,
  fileStore,
  insert,
  keyed,
  memoryStore,
  readPage,
  readText,
  remove,
  replace,
  testLimits,
} from './support.ts';

const operationsPerRun = 600;

const paths = [
  'index.html',
  'page.htm',
  'notes.txt',
  'a',
  'a/b.html',
  'a/b/c.html',
  'a/b/d/e.txt',
  'grün/schöner Tag.html',
  'n'.repeat(255),
  'n'.repeat(256),
  '.inkwire/x.html',
  '',
];

const contents = [
  '',
  'plain',
  '<!DOCTYPE html><title>t</title><body><p>one</p></body>',
  '<body>\r\n\t<h1>Grüße</h1>\r\n</body>',
  `<body>${'x'.repeat(1_500)}</body>`,
  `<body>${'y'.repeat(4_500)}</body>`,
  '<frameset></frameset>',
];

const unknownTag: EntityTag = { weak: false, opaque: 'unknown' };

/** The state without its time, and what may be made from it: they are the clock's, and differ. */
function timeless(told: EditResult | ReadResult): unknown {
  const result = told.kind === 'found' ? withoutFile(told) : told;
  if (!('state' in result) || result.state === undefined) return result;
  const { modifiedMs: _, ...state }: PageState = result.state;
  if (state.size <= testLimits.hashBytesMax) return { ...result, state };
  // Here a replay may say of the page what the first result did not: it was read to be told.
  if (result.kind === 'replayed') return { ...result, state: { size: state.size } };
  const { tag: __, ...untagged } = state;
  return { ...result, state: untagged };
}

/** Without the file that holds its content, which pages in memory do not have. */
function withoutFile(result: Extract<ReadResult, { kind: 'found' }>): typeof result {
  const { content } = result;
  if (content.kind !== 'open') return result;
  return { ...result, content: { kind: 'open', stream: content.stream } };
}

class Run {
  readonly #random: Seeded;
  /** Tags that were told lately, for conditions that may hold. */
  readonly #tags: EntityTag[] = [unknownTag];

  constructor(seed: number) {
    this.#random = new Seeded(seed);
  }

  path(): string {
    return this.#random.pick(paths);
  }

  isRead(): boolean {
    return this.#random.below(3) === 0;
  }

  conditions(): Conditions {
    switch (this.#random.below(6)) {
      case 0:
        return { ifMatch: this.#tagCondition() };
      case 1:
        return { ifNoneMatch: this.#tagCondition() };
      case 2:
        return { ifMatch: this.#tagCondition(), ifNoneMatch: this.#tagCondition() };
      default:
        return {};
    }
  }

  /** One of them may come with an idempotency key, which another may have had before. */
  edits(): Edit[] {
    const count = 1 + this.#random.below(3);
    const named = this.#random.below(2 * count);
    return Array.from({ length: count }, (_, place) =>
      place === named ? this.#keyed(this.#edit()) : this.#edit(),
    );
  }

  note(result: EditResult | ReadResult): void {
    if (!('state' in result) || result.state?.tag === undefined) return;
    // Above this size a tag is of the file's own identity, and means nothing to the other store.
    if (result.state.size > testLimits.hashBytesMax) return;
    this.#tags.push(result.state.tag);
    if (this.#tags.length > 6) this.#tags.shift();
  }

  #edit(): Edit {
    const conditions = this.conditions();
    switch (this.#random.below(5)) {
      case 0:
        return remove(conditions);
      case 1:
      case 2:
        return insert(this.#random.pick(['text', 'Grüße', ' ', '<i>&']), conditions);
      default:
        return replace(this.#random.pick(contents), conditions);
    }
  }

  #keyed(edit: Edit): Edit {
    const name = `key-${this.#random.below(40)}`;
    return keyed(edit, name, this.#random.pick(['b25l', 'b25l', 'dHdv']));
  }

  #tagCondition(): TagCondition {
    if (this.#random.below(3) === 0) return { any: true };
    return { tags: [{ ...this.#random.pick(this.#tags), weak: this.#random.below(4) === 0 }] };
  }
}

/** Every file below the root that is not the store's own. */
function filesOf(store: FileTestStore): string[] {
  return readdirSync(store.root, { recursive: true, encoding: 'utf8' })
    .filter((path) => !path.startsWith('.inkwire') && statSync(join(store.root, path)).isFile())
    .sort();
}

for (const portable of [false, true]) {
  describe(portable ? 'model, portable calls' : 'model', () => {
    test('files and memory come to the same', () => {
      const seed = seedOfRun();
      console.log(`model test: INKWIRE_SEED=${seed}`);
      const run = new Run(seed);
      using files = fileStore({ portable });
      using memory = memoryStore();
      const seen = new Set<string>();
      for (let n = 0; n < operationsPerRun; n += 1) {
        const path = run.path();
        if (run.isRead()) {
          const conditions = run.conditions();
          const got = readPage(files, path, conditions);
          const want = readPage(memory, path, conditions);
          expect([n, timeless(got.result), got.bytes]).toEqual([
            n,
            timeless(want.result),
            want.bytes,
          ]);
          run.note(got.result);
          continue;
        }
        const edits = run.edits();
        const got = editPage(files, path, edits).results;
        const want = editPage(memory, path, edits).results;
        expect([n, path, ...got.map(timeless)]).toEqual([n, path, ...want.map(timeless)]);
        for (const result of got) {
          run.note(result);
          seen.add(brief(result));
        }
      }
      for (const word of ['replayed', 'key-reused', 'unstable']) expect(seen).toContain(word);
      const present = paths.filter((path) => !readText(memory, path).startsWith('<not-found'));
      for (const path of paths) {
        expect([path, readText(files, path)]).toEqual([path, readText(memory, path)]);
      }
      expect(filesOf(files).every((path) => present.includes(path))).toBe(true);
      expect(files.temporaries()).toEqual([]);
    });
  });
}
