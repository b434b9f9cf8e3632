/** For each rule the snippets that break it, beside ones that only look like it. */

import { checkCycles, checkDead, checkLayers } from './layers.ts';
import { checkSeamList, checkSeams, seams } from './seams.ts';
import type { Finding, Source } from './source.ts';
import {
  checkColumns,
  checkFunctions,
  checkHeader,
  checkLength,
  checkLockfile,
  checkSilencers,
  checkSkips,
  checkVersions,
  checkWords,
} from './style.ts';

interface Violation {
  readonly name: string;
  readonly rule: (sources: readonly Source[]) => Finding[];
  readonly files: Readonly<Record<string, string>>;
  /** Path and line of each finding. */
  readonly want: readonly string[];
}

type FileRule = (source: Source) => Finding[];

const over =
  (rule: FileRule): Violation['rule'] =>
  (sources) =>
    sources.flatMap(rule);

/** A rule over plain text, through a source whose code is a comment. */
const overText =
  (rule: (path: string, text: string) => Finding[], text: string): Violation['rule'] =>
  ([source]) =>
    rule(source?.path ?? '', text);

const snippet = (name: string, rule: FileRule, text: string, lines: readonly number[]) => ({
  name,
  rule: over(rule),
  files: { 'src/app/x.ts': text },
  want: lines.map((line) => `src/app/x.ts:${line}`),
});

const text = (
  name: string,
  rule: (path: string, text: string) => Finding[],
  content: string,
  lines: readonly number[],
) => ({
  name,
  rule: overText(rule, content),
  files: { 'x.ts': '' },
  want: lines.map((line) => `x.ts:${line}`),
});

const long = 'x'.repeat(60);

export const violations: readonly Violation[] = [
  {
    name: 'layers: a wrong arrow, a type, a re-export, an import(), a require(), out of src',
    rule: checkLayers,
    files: {
      'src/http/a.ts':
        "import '../app/b.ts';\nimport type { B } from '../app/b.ts';\nexport * from '../app/b.ts';\n" +
        "await import('../app/b.ts');\nrequire('../app/b.ts');\n" +
        "import '../base/c.ts';\nimport './a2.ts';",
      'src/app/b.ts': "import '../http/a.ts';\nimport '../../test/x.ts';\nimport 'zod';",
      'src/config/c.ts': "import '../http/limits.ts';\nimport '../http/a.ts';",
      'src/server/s.ts': "import '../store/file-identity.ts';\nimport '../store/store.ts';",
      'workers/w.ts': "import '../src/store/s.ts';\nimport '../src/http/a.ts';",
    },
    want: [
      'src/http/a.ts:1',
      'src/http/a.ts:2',
      'src/http/a.ts:3',
      'src/http/a.ts:4',
      'src/http/a.ts:5',
      'src/app/b.ts:2',
      'src/config/c.ts:2',
      'src/server/s.ts:2',
      'workers/w.ts:2',
    ],
  },
  {
    name: 'cycles: one of two files and one of three, each told once',
    rule: checkCycles,
    files: {
      'src/a.ts': "import './b.ts';",
      'src/b.ts': "\nimport type { A } from './a.ts';",
      'src/c.ts': "import './a.ts';\nimport './d.ts';",
      'src/d.ts': "import './e.ts';",
      'src/e.ts': "import './c.ts';",
    },
    want: ['src/a.ts:1', 'src/c.ts:2'],
  },
  {
    name: 'dead: a file that only another dead one imports, and an exemption that is none',
    rule: (sources) =>
      checkDead(
        sources,
        ['src/main.ts'],
        new Map([
          ['src/kept.ts', ''],
          ['src/used.ts', ''],
        ]),
      ),
    files: {
      'src/main.ts': "import './used.ts';",
      'src/used.ts': '',
      'src/kept.ts': '',
      'src/dead.ts': "import './deader.ts';",
      'src/deader.ts': '',
    },
    want: ['src/dead.ts:1', 'src/deader.ts:1', 'src/used.ts:1'],
  },
  snippet(
    'seam: time',
    checkSeams,
    'Date.now();\nnew Date();\nnew Date(0);\nperformance.now();\nsetTimeout(f, 1);\n' +
      "const g = Date['now'];\nglobalThis.setInterval(f, 1);\nsetImmediate(f);\n" +
      "clock.setTimeout(f);\n'Date.now()';\nimport 'node:timers/promises';",
    [11, 1, 2, 4, 5, 6, 7],
  ),
  snippet(
    'seam: randomness',
    checkSeams,
    'Math.random();\ncrypto.randomUUID();\nMath.max(1);\nconst { pick = Math.random } = {};',
    [1, 2, 4],
  ),
  snippet(
    'seam: files',
    checkSeams,
    "import { constants } from 'node:fs';\nimport { openSync, constants as c } from 'node:fs';\n" +
      "import fs from 'node:fs/promises';\nBun.file('x');\nBun.write('x', '');\nimport 'bun:ffi';",
    [2, 3, 6, 4, 5],
  ),
  snippet(
    'seam: sockets',
    checkSeams,
    "Bun.listen({});\nBun.connect({});\nimport { isIPv6 } from 'node:net';\n" +
      "import { createServer } from 'node:net';\nfetch('x');",
    [4, 1, 2, 5],
  ),
  snippet('seam: threads', checkSeams, 'new Worker(url);\nnew Workers();', [1]),
  snippet('seam: processes', checkSeams, "Bun.spawn(['x']);\nimport 'node:child_process';", [2, 1]),
  snippet("seam: the process's end", checkSeams, 'process.exit(1);\nprocess.exitCode = 1;', [1]),
  {
    name: 'a door that is named and not used',
    rule: (sources) => checkSeamList(sources).filter(({ path }) => path === 'src/base/clock.ts'),
    files: { 'src/base/clock.ts': '/** Time. */' },
    want: ['src/base/clock.ts:1'],
  },
  {
    name: 'a door that is named and used',
    rule: (sources) => checkSeamList(sources).filter(({ path }) => path === 'src/base/clock.ts'),
    files: { 'src/base/clock.ts': 'Date.now();' },
    want: [],
  },
  {
    name: 'a named door stays open',
    rule: over(checkSeams),
    files: Object.fromEntries(
      seams
        .flatMap(({ calls = [], allowed }) =>
          Object.keys(allowed).map((path) => [path, `${calls[0] ?? 'f'}();`]),
        )
        .slice(0, 1),
    ),
    want: [],
  },
  snippet('header: none', checkHeader, "import 'x';\n/** Late. */", [1]),
  snippet('header: no doc comment', checkHeader, '/* A sentence. */', [1]),
  snippet('header: no sentence', checkHeader, '/** clock */', [1]),
  snippet('header: behind a #! line', checkHeader, '#!/usr/bin/env bun\n/** A sentence. */', []),
  snippet('header: two lines', checkHeader, '/**\n * A sentence that\n * goes on.\n */', []),
  snippet('length: 400', checkLength, '\n'.repeat(400), []),
  snippet('length: 401', checkLength, '\n'.repeat(401), [401]),
  snippet('function: 70', checkFunctions, `\nfunction f() {${'\n'.repeat(69)}}`, []),
  snippet('function: 71', checkFunctions, `\nfunction f() {${'\n'.repeat(70)}}`, [2]),
  snippet('function: a method', checkFunctions, `class A {\n  m() {${'\n'.repeat(70)}}\n}`, [2]),
  snippet('function: an arrow', checkFunctions, `const f = () => {${'\n'.repeat(70)}};`, [1]),
  snippet(
    'columns: 100 and 101',
    checkColumns,
    `// ${'x '.repeat(48)}y\n\n// ${'x '.repeat(48)}yy`,
    [3],
  ),
  snippet('columns: Korean counts by letters', checkColumns, `// ${'가'.repeat(97)}`, []),
  snippet('columns: a long string', checkColumns, `const a = '${long}${long}';`, []),
  snippet('columns: code about a string', checkColumns, `f(${long}, '${'y'.repeat(40)}');`, [1]),
  snippet('columns: an address', checkColumns, `// https://example.org/${long}${long}`, []),
  snippet(
    'silencers',
    checkSilencers,
    "let a: any;\n// any\nconst any = 'any';\nf<any[]>();\n// @ts-ignore\n  // @ts-expect-error x",
    [1, 4, 5, 6],
  ),
  snippet(
    'skips',
    checkSkips,
    "test.only('a', f);\n\ntest.skip('b', f);\n// It needs root.\ntest.skip('c', f);\n" +
      "test.skipIf(x)('d', f); // It needs root.\n\ndescribe.todo('e');\nother.skip('f');\n" +
      "test.skipIf(missing !== undefined)('g', f);\ntest.skipIf(x)('missing', f);",
    [1, 3, 8, 11],
  ),
  text('words: what is undone', checkWords, 'a\n// TODO: b\nTODOS\nFIXME', [2, 4]),
  text(
    'words: numbers of issues',
    checkWords,
    'see #12\n&#39;\n#fff color: #222;\n#123456abc\na#1\n(#3)',
    [1, 6],
  ),
  text(
    'words: machines',
    checkWords,
    'in /work/main\n../work/a\n/workers/\n/home/me/x\n/tmp/brief.md',
    [1, 4, 5],
  ),
  text('words: others', checkWords, 'by Claude\nat registry.npmjs.org', [1, 2]),
  text(
    'versions',
    checkVersions,
    '{\n "dependencies": {\n  "a": "1.2.3",\n  "b": "^1.2.3"\n },\n "devDependencies": {\n  "c": "latest"\n }\n}',
    [4, 7],
  ),
  text('lockfile', checkLockfile, '"a": ["a@1.0.0", "", {}]\n"b": ["b@1", "https://x/b.tgz"]', [2]),
];
