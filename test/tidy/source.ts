/**
 * The project's own files as the tidy rules see them: text, lines, syntax tree and imports. The
 * tree is the compiler's, asked over its pipe, for TypeScript 7 has no parser in JavaScript.
 */

import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import {
  isCallExpression,
  isExportDeclaration,
  isIdentifier,
  isImportDeclaration,
  isStringLiteral,
  type Node,
  type SourceFile,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { API } from 'typescript/unstable/async';

export interface Import {
  /** As it is written. */
  readonly specifier: string;
  /** Path from the project's folder; `undefined` for a package or a built-in module. */
  readonly path: string | undefined;
  /** What is taken by name: nothing for `import x`, `import * as x`, `export *`, and calls. */
  readonly names: readonly string[];
  readonly line: number;
}

export interface Source {
  /** From the project's folder: `src/base/clock.ts`. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  readonly tree: SourceFile;
  readonly imports: readonly Import[];
}

/** A rule that is not kept: where, and what to do about it. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly say: string;
}

export const projectFolder = join(import.meta.dir, '../..');

/** The files that the globs name, sorted. */
export function filesOf(...globs: readonly string[]): string[] {
  const found = globs.flatMap((glob) => [
    ...new Bun.Glob(glob).scanSync({ cwd: projectFolder, dot: true }),
  ]);
  return found.filter((path) => !path.includes('node_modules/')).sort();
}

export function readProjectFile(path: string): string {
  return readFileSync(join(projectFolder, path), 'utf8');
}

/** Parses files of the project: path and text. */
export async function parseSources(texts: ReadonlyMap<string, string>): Promise<readonly Source[]> {
  const files = new Map<string, string>();
  for (const [path, text] of texts) files.set(join('/tidy', path), text);
  // Neither the standard library nor anything else is wanted: only the trees.
  const options = { noLib: true, noResolve: true, types: [], allowImportingTsExtensions: true };
  files.set(
    '/tidy/tsconfig.json',
    JSON.stringify({ compilerOptions: { ...options, noEmit: true }, files: [...texts.keys()] }),
  );
  const api = new API({
    cwd: '/tidy',
    fs: {
      readFile: (name) => files.get(name) ?? null,
      fileExists: (name) => files.has(name),
      directoryExists: (name) => [...files.keys()].some((file) => file.startsWith(`${name}/`)),
      getAccessibleEntries: () => ({ files: [], directories: [] }),
      realpath: (name) => name,
    },
  });
  try {
    const snapshot = await api.updateSnapshot({ openProjects: ['/tidy/tsconfig.json'] });
    const program = snapshot.getProject('/tidy/tsconfig.json')?.program;
    const sources: Source[] = [];
    for (const [path, text] of texts) {
      const tree = await program?.getSourceFile(join('/tidy', path));
      if (tree === undefined) throw new Error(`the compiler gives no tree of ${path}`);
      sources.push({ path, text, lines: text.split('\n'), tree, imports: takeImports(path, tree) });
    }
    return sources;
  } finally {
    await api.close();
  }
}

/** Every node below `node`, and itself, parents first. */
export function* nodesOf(node: Node): Generator<Node> {
  const waiting: Node[] = [node];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    yield next;
    const children: Node[] = [];
    next.forEachChild((child) => {
      children.push(child);
      return undefined;
    });
    waiting.push(...children.reverse());
  }
}

/** The line that `offset` is in, from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1;
  }
  return line;
}

function takeImports(path: string, tree: SourceFile): Import[] {
  const imports: Import[] = [];
  const add = (at: Node, specifier: string, names: readonly string[]): void => {
    const local = specifier.startsWith('.');
    imports.push({
      specifier,
      path: local ? normalize(join(dirname(path), specifier)) : undefined,
      names,
      line: lineAt(tree.text, at.getStart(tree)),
    });
  };
  for (const node of nodesOf(tree)) {
    if (isImportDeclaration(node) && isStringLiteral(node.moduleSpecifier)) {
      add(node, node.moduleSpecifier.text, namesOf(node.importClause?.namedBindings));
    } else if (isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      if (isStringLiteral(node.moduleSpecifier)) add(node, node.moduleSpecifier.text, []);
    } else if (isCallExpression(node) && isLoader(node.expression)) {
      const [from] = node.arguments;
      if (from !== undefined && isStringLiteral(from)) add(node, from.text, []);
    }
  }
  return imports;
}

/** `import` in `import('x')`, or `require`, which loads at once what is seldom needed. */
function isLoader(called: Node): boolean {
  return (
    called.kind === SyntaxKind.ImportKeyword || (isIdentifier(called) && called.text === 'require')
  );
}

function namesOf(bindings: Node | undefined): string[] {
  if (bindings?.kind !== SyntaxKind.NamedImports) return [];
  const names: string[] = [];
  bindings.forEachChild((element) => {
    // `a as b`: the exported name stands first.
    names.push(
      element
        .getText()
        .replace(/^type /, '')
        .split(' ')[0] ?? '',
    );
    return undefined;
  });
  return names;
}
