/**
 * The style that is a test: every rule over the whole project, and every rule over its violation.
 */

import { describe, expect, test } from 'bun:test';
import { checkCycles, checkDead, checkLayers, layers } from './tidy/layers.ts';
import { checkSeamList, checkSeams, seams } from './tidy/seams.ts';
import {
  type Finding,
  filesOf,
  parseSources,
  readProjectFile,
  type Source,
} from './tidy/source.ts';
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
} from './tidy/style.ts';
import { violations } from './tidy/violations.ts';

const paths = filesOf('{src,workers,test,bench}/**/*.ts');
const sources = await parseSources(new Map(paths.map((path) => [path, readProjectFile(path)])));
const programs = sources.filter(({ path }) => /^(src|workers)\//.test(path));
const notTests = sources.filter(({ path }) => !path.startsWith('test/'));

/** What is started and not imported: the commands that package.json names, and the threads. */
const entries = [...new Set(readProjectFile('package.json').match(/(?:src)\/[\w/-]+\.ts/g))].concat(
  filesOf('workers/*.ts'),
);

/** Dead files that stay. */
const exempt = new Map([
  ['src/store/memory-store.ts', 'the second Store, which the real one is compared with'],
  ['src/store/memory-keys.ts', 'what that one knows of idempotency keys'],
]);

function said(findings: readonly Finding[]): string[] {
  return findings.map(({ path, line, say }) => `${path}:${line}: ${say}`);
}

function each(rule: (source: Source) => Finding[], over: readonly Source[]): string[] {
  return said(over.flatMap(rule));
}

describe('the project', () => {
  test('is found', () => {
    expect(programs.length).toBeGreaterThan(50);
    expect(entries).toContain('src/cli/main.ts');
    const folders = new Set(filesOf('src/**/*.ts').map((path) => path.split('/')[1] ?? ''));
    expect([...folders, 'workers'].sort()).toEqual(Object.keys(layers).sort());
  });

  test('imports point one way', () => expect(said(checkLayers(programs))).toEqual([]));
  test('no file imports itself', () => expect(said(checkCycles(sources))).toEqual([]));
  test('no file is dead', () => expect(said(checkDead(programs, entries, exempt))).toEqual([]));
  test('each door is named', () => expect(each(checkSeams, programs)).toEqual([]));
  test('each named door is used', () => expect(said(checkSeamList(programs))).toEqual([]));
  test('a file says its job first', () => expect(each(checkHeader, sources)).toEqual([]));
  test('files are short', () => expect(each(checkLength, sources)).toEqual([]));
  test('functions are short', () => expect(each(checkFunctions, notTests)).toEqual([]));
  test('lines are narrow', () => expect(each(checkColumns, sources)).toEqual([]));
  test('the compiler is heard', () => expect(each(checkSilencers, sources)).toEqual([]));
  test('skipped tests say why', () => expect(each(checkSkips, sources)).toEqual([]));

  test('it speaks of itself alone', () => {
    const texts = filesOf(
      '*.{md,json,toml}',
      '{src,workers,test,bench,docs,htdocs}/**/*.{ts,md,html,json,txt,sh,conf}',
      '.ci/*',
    );
    const findings = texts.flatMap((path) => checkWords(path, readProjectFile(path)));
    expect(said(findings.filter(({ path }) => !path.startsWith('test/tidy/')))).toEqual([]);
  });

  test('versions are exact', () => {
    expect(said(checkVersions('package.json', readProjectFile('package.json')))).toEqual([]);
    expect(said(checkLockfile('bun.lock', readProjectFile('bun.lock')))).toEqual([]);
  });
});

describe('every rule finds its violation', () => {
  for (const { name, rule, files, want } of violations) {
    test(name, async () => {
      const parsed = await parseSources(new Map(Object.entries(files)));
      expect(said(rule(parsed)).map((line) => line.split(': ')[0] ?? '')).toEqual([...want]);
    });
  }

  test('every seam is tried', () => {
    const tried = violations.map(({ name }) => name).join('\n');
    for (const seam of seams) expect(tried).toContain(`seam: ${seam.name}`);
  });
});
