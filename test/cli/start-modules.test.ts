/**
 * What a server and each of its threads loads before the first answer. Every module stands between
 * the start and that answer, so one that is needed later is loaded later: by `import()`, or by
 * `require` where a caller cannot wait.
 */

import { describe, expect, test } from 'bun:test';
import { dirname, join, relative } from 'node:path';

const project = join(import.meta.dir, '../..');
const transpiler = new Bun.Transpiler({ loader: 'ts' });

/** Why they are nobody's at a start; milliseconds of processor time, once a thread. */
const costs: Readonly<Record<string, string>> = {
  zod: 'takes 25 ms to load',
  parse5: 'takes 15 ms to load: by require, with the first insert',
  commander: 'takes 12 ms to load, and is for the command line alone',
  mime: 'takes 10 ms to load: by require, with the first page that is no HTML',
  'node:child_process': 'takes 3 ms to load',
  'node:events': 'takes 2 ms to load',
  'node:util': 'takes 3 ms to load',
  'node:worker_threads': 'takes 4 ms to load, and makes streams and ports: src/base/own-thread.ts',
};

interface Start {
  readonly name: string;
  /** Modules that are loaded before the first answer, with all that they import. */
  readonly entries: readonly string[];
  /** Packages and built-in modules that it needs. */
  readonly packages: readonly string[];
  /** Globs of the project's own modules that it needs something of. */
  readonly parts: readonly string[];
}

const starts: readonly Start[] = [
  {
    name: 'the main thread, until it starts the others',
    entries: ['src/cli/main.ts', 'src/cli/serve.ts'],
    packages: ['bun:ffi', 'commander', 'node:fs', 'node:os', 'node:path'],
    parts: [
      'package.json',
      'src/app/admission.ts',
      'src/base/*.ts',
      'src/cli/{main,samples,serve,signals,usage}.ts',
      'src/config/*.ts',
      'src/dispatch/**/*.ts',
      'src/http/limits.ts',
      'src/model/*.ts',
      'src/observe/*.ts',
      'src/repl/output.ts',
      'src/server/*.ts',
      'src/store/*.ts',
    ],
  },
  {
    name: 'the main thread, while they start',
    entries: ['src/server/open-listener.ts'],
    packages: [],
    parts: [
      'src/app/*.ts',
      'src/base/*.ts',
      'src/config/limits.ts',
      'src/dispatch/limits.ts',
      'src/http/*.ts',
      'src/model/*.ts',
      'src/server/*.ts',
    ],
  },
  {
    name: 'a store worker',
    entries: ['workers/store-worker.ts'],
    packages: ['bun:ffi', 'node:buffer', 'node:fs', 'node:os'],
    parts: [
      'src/base/*.ts',
      'src/model/*.ts',
      'src/store/*.ts',
      // Whether a page needs a label of its charset.
      'src/store/insert/{charset,prescan}.ts',
      // The numbers of revisions, and no database.
      'src/store/ledger/ledger.ts',
      'workers/store-worker.ts',
    ],
  },
  {
    name: 'the commit worker',
    entries: ['workers/commit-worker.ts'],
    packages: ['bun:ffi', 'bun:sqlite', 'node:buffer', 'node:fs', 'node:os'],
    parts: [
      'src/base/*.ts',
      'src/model/*.ts',
      'src/store/*.ts',
      'src/store/history/pruner-link.ts',
      'src/store/insert/{charset,prescan}.ts',
      'src/store/journal/*.ts',
      'src/store/ledger/*.ts',
      'src/store/settle/settler-link.ts',
      'workers/commit-worker.ts',
    ],
  },
  {
    name: 'the history worker',
    entries: ['workers/history-worker.ts'],
    packages: ['bun:ffi', 'node:fs', 'node:os'],
    parts: [
      'src/base/*.ts',
      'src/model/*.ts',
      'src/store/*.ts',
      'src/store/history/*.ts',
      'workers/history-worker.ts',
    ],
  },
  {
    name: 'the settle worker',
    entries: ['workers/settle-worker.ts'],
    packages: ['bun:ffi', 'bun:sqlite', 'node:fs', 'node:os'],
    parts: [
      'src/base/*.ts',
      'src/model/resource-key.ts',
      'src/store/*.ts',
      'src/store/ledger/{checkpoint,database,ledger}.ts',
      'src/store/settle/serve-settler.ts',
      'workers/settle-worker.ts',
    ],
  },
];

/** All that `entries` import, each with the module that did it first; types do not count. */
async function loadedBy(entries: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const loaded = new Map(entries.map((entry) => [entry, 'the start']));
  // A map takes up what is added while it is walked.
  for (const path of loaded.keys()) {
    if (!path.endsWith('.ts')) continue;
    const file = join(project, path);
    for (const { path: specifier, kind } of transpiler.scanImports(await textOf(file))) {
      if (kind !== 'import-statement') continue;
      const module = specifier.startsWith('.')
        ? relative(project, Bun.resolveSync(specifier, dirname(file)))
        : specifier;
      if (!loaded.has(module)) loaded.set(module, path);
    }
  }
  return loaded;
}

/** Bun's own scan takes no `#!` line. */
async function textOf(file: string): Promise<string> {
  return (await Bun.file(file).text()).replace(/^#!.*/, '');
}

const isOwn = (module: string): boolean => module.endsWith('.ts') || module.endsWith('.json');

/** A line for each module that the start does not need. */
function needless(start: Start, loaded: ReadonlyMap<string, string>): string[] {
  const lines: string[] = [];
  for (const [module, by] of loaded) {
    const isNeeded = isOwn(module)
      ? start.parts.some((part) => new Bun.Glob(part).match(module))
      : start.packages.includes(module);
    if (!isNeeded) lines.push(`${module}, imported by ${by}: ${costs[module] ?? 'what for?'}`);
  }
  return lines;
}

describe('before the first answer nothing is loaded that is needed later', () => {
  for (const start of starts) {
    test(start.name, async () => {
      const loaded = await loadedBy(start.entries);
      expect(needless(start, loaded)).toEqual([]);
      // What it needs no more is needless from now on.
      const modules = [...loaded.keys()];
      expect(start.packages.filter((name) => !modules.includes(name))).toEqual([]);
      const isUsed = (part: string): boolean =>
        modules.some((name) => new Bun.Glob(part).match(name));
      expect(start.parts.filter((part) => !isUsed(part))).toEqual([]);
    });
  }
});

describe('this test sees', () => {
  const seen: readonly [entry: string, modules: readonly string[]][] = [
    ['src/cli/repl.ts', ['zod', 'src/repl/session.ts']],
    ['src/store/insert/insert.ts', ['parse5']],
    ['test/tidy.test.ts', ['bun:test', 'test/tidy/layers.ts']],
  ];
  for (const [entry, modules] of seen) {
    test(`what ${entry} imports`, async () => {
      const loaded = await loadedBy([entry]);
      expect([...loaded.keys()]).toEqual(expect.arrayContaining([...modules]));
    });
  }
});
