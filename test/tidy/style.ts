/** The style rules that hold for a file by itself. */

import {
  isArrowFunction,
  isConstructorDeclaration,
  isFunctionDeclaration,
  isFunctionExpression,
  isGetAccessorDeclaration,
  isMethodDeclaration,
  isSetAccessorDeclaration,
  type Node,
  SyntaxKind,
} from 'typescript/unstable/ast';
import { type Finding, lineAt, nodesOf, type Source } from './source.ts';

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;
const COLUMNS_MAX = 100;

export type Rule = (source: Source) => Finding[];

/** The first thing in a file is a doc comment whose first sentence says its one job. */
export const checkHeader: Rule = ({ path, text }) => {
  const say = 'begin the file with /** … */: a sentence that says its one job';
  const found = /^(?:#!.*\n)?\/\*\*([\s\S]*?)\*\//.exec(text);
  const words = (found?.[1] ?? '').replace(/^\s*\* ?/gm, ' ').trim();
  return /^[\p{L}\d`'"(][\s\S]*?[.:](\s|$)/u.test(words) ? [] : [{ path, line: 1, say }];
};

export const checkLength: Rule = ({ path, lines }) => {
  const length = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  const say = `is ${length} lines long, ${FILE_LINES_MAX} are the most: split it by meaning`;
  return length > FILE_LINES_MAX ? [{ path, line: FILE_LINES_MAX + 1, say }] : [];
};

/** A test's `describe` is a chapter, not a function: this is for `src/`, `workers/`, `bench/`. */
export const checkFunctions: Rule = ({ path, text, tree }) => {
  const findings: Finding[] = [];
  for (const node of nodesOf(tree)) {
    if (!isFunction(node)) continue;
    const line = lineAt(text, node.getStart(tree));
    const length = lineAt(text, node.getEnd()) - line + 1;
    const say = `a function of ${length} lines, ${FUNCTION_LINES_MAX} are the most: split it`;
    if (length > FUNCTION_LINES_MAX) findings.push({ path, line, say });
  }
  return findings;
};

function isFunction(node: Node): boolean {
  return [
    isFunctionDeclaration,
    isFunctionExpression,
    isArrowFunction,
    isMethodDeclaration,
    isConstructorDeclaration,
    isGetAccessorDeclaration,
    isSetAccessorDeclaration,
  ].some((is) => is(node));
}

/**
 * A line may be longer only where strings, regular expressions or an address cannot be broken
 * without becoming harder to read or to find: it then holds little else.
 */
export const checkColumns: Rule = ({ path, text, lines, tree }) => {
  const findings: Finding[] = [];
  const literals = new Map<number, number>();
  for (const node of nodesOf(tree)) {
    if (!unbreakable.has(node.kind)) continue;
    const start = node.getStart(tree);
    const value = text.slice(start, node.getEnd());
    const first = lineAt(text, start);
    for (const [at, piece] of value.split('\n').entries()) {
      literals.set(first + at, (literals.get(first + at) ?? 0) + [...piece].length);
    }
  }
  for (const [at, line] of lines.entries()) {
    const length = [...line].length;
    const address = /https?:\/\/\S+/.exec(line)?.[0].length ?? 0;
    const whole = Math.max(address, literals.get(at + 1) ?? 0);
    // What cannot be broken fills more than half of the line by itself.
    if (length <= COLUMNS_MAX || whole > COLUMNS_MAX / 2) continue;
    findings.push({ path, line: at + 1, say: `is ${length} columns wide: break it at 100` });
  }
  return findings;
};

const unbreakable: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.StringLiteral,
  SyntaxKind.NoSubstitutionTemplateLiteral,
  SyntaxKind.TemplateExpression,
  SyntaxKind.RegularExpressionLiteral,
]);

/** The compiler is not to be silenced. */
export const checkSilencers: Rule = ({ path, text, lines, tree }) => {
  const findings: Finding[] = [];
  for (const node of nodesOf(tree)) {
    if (node.kind !== SyntaxKind.AnyKeyword) continue;
    const say = 'any: say the type, or unknown';
    findings.push({ path, line: lineAt(text, node.getStart(tree)), say });
  }
  for (const [at, line] of lines.entries()) {
    const found = /^\s*(?:\/\/|\/?\*+)\s*(@ts-(?:ignore|nocheck|expect-error))/.exec(line);
    const say = `${found?.[1]}: mend the type instead`;
    if (found !== null) findings.push({ path, line: at + 1, say });
  }
  return findings;
};

/**
 * A test that does not run says why: on its own line, just above, or by a condition that is named
 * `missing` or `lack`, which the test prints.
 */
export const checkSkips: Rule = ({ path, text, lines, tree }) => {
  const findings: Finding[] = [];
  for (const node of nodesOf(tree)) {
    if (node.kind !== SyntaxKind.PropertyAccessExpression) continue;
    const called = /^(?:test|describe|it)\.(only|skip|skipIf|if|todo|todoIf|failing)$/.exec(
      node.getText(),
    )?.[1];
    if (called === undefined) continue;
    const line = lineAt(text, node.getStart(tree));
    const after = text.slice(node.getStart(tree), node.getEnd() + 16);
    if (called === 'only') {
      findings.push({ path, line, say: 'only: the other tests would not run; take it away' });
    } else if (!hasComment(lines, line) && !/^[^,]*\((?:missing|lack)\b/.test(after)) {
      findings.push({ path, line, say: `${called}: say why in a comment just above` });
    }
  }
  return findings;
};

function hasComment(lines: readonly string[], line: number): boolean {
  const above = lines[line - 2] ?? '';
  return /^\s*(\/\/|\*|\/\*)/.test(above) || /\s\/\/ \S/.test(lines[line - 1] ?? '');
}

const foreignWords: readonly (readonly [pattern: RegExp, say: string])[] = [
  [/\b(TODO|FIXME|XXX|HACK)\b/, 'do it, or say in a sentence what is left out on purpose'],
  [/(?<![&\w]|: )#\d+(?![\w;-])/, 'a number of an issue says nothing here: say what is meant'],
  [/(?<![\w.*-])\/(?:work|root|home\/\w+)\//, "a path of somebody's machine: take it out"],
  [/(?<![\w.])\/tmp\/brief/, "a path of somebody's machine: take it out"],
  [/\b(?:Claude|Anthropic|ChatGPT|Copilot)\b/, 'the project speaks of itself alone'],
  [/\bregistry\.npm\w*\.\w+/, 'no host of a package registry: the client knows it'],
];

/** Words that do not belong in the project; for any text. */
export function checkWords(path: string, text: string): Finding[] {
  const findings: Finding[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    for (const [pattern, say] of foreignWords) {
      const found = pattern.exec(line);
      if (found !== null) findings.push({ path, line: at + 1, say: `"${found[0]}": ${say}` });
    }
  }
  return findings;
}

/** Versions are exact, so that a clone of next year is the one of today. */
export function checkVersions(path: string, text: string): Finding[] {
  const findings: Finding[] = [];
  const read: unknown = JSON.parse(text);
  for (const group of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    const entries = Object.entries(Object(Object(read)[group] ?? {}));
    for (const [name, version] of entries) {
      if (/^\d+\.\d+\.\d+$/.test(String(version))) continue;
      const line = text.slice(0, text.indexOf(`"${name}"`, text.indexOf(group))).split('\n').length;
      findings.push({ path, line, say: `${name} ${version}: pin one exact version` });
    }
  }
  return findings;
}

/** A lockfile that names a host works only where that host is to be reached. */
export function checkLockfile(path: string, text: string): Finding[] {
  const findings: Finding[] = [];
  for (const [at, line] of text.split('\n').entries()) {
    const found = /\b(?:https?|git|ssh|file):\/{0,3}\S*/.exec(line)?.[0];
    const say = `names a host (${found}): install from the default registry again`;
    if (found !== undefined) findings.push({ path, line: at + 1, say });
  }
  return findings;
}
