/** What the code reaches the world through: each door is named here, with the reason for it. */

import {
  isCallExpression,
  isElementAccessExpression,
  isIdentifier,
  isNewExpression,
  isPropertyAccessExpression,
  type Node,
} from 'typescript/unstable/ast';
import { type Finding, lineAt, nodesOf, type Source } from './source.ts';

interface Seam {
  /** What it says of itself in a finding. */
  readonly name: string;
  /** Called or read members of globals: `Date.now`, and bare functions: `setTimeout`. */
  readonly calls?: readonly string[];
  /** Classes that are made with `new`; `Date` only where it is given no argument. */
  readonly constructs?: readonly string[];
  readonly modules?: readonly string[];
  /** Names that a module may give anywhere: values, and functions that touch nothing. */
  readonly harmless?: readonly string[];
  /** What to do instead. */
  readonly instead: string;
  /** Path → why it may. */
  readonly allowed: Readonly<Record<string, string>>;
}

export const seams: readonly Seam[] = [
  {
    name: 'time',
    calls: [
      'Date.now',
      'performance.now',
      'Bun.nanoseconds',
      'Bun.sleep',
      'Bun.sleepSync',
      'setTimeout',
      'setInterval',
    ],
    constructs: ['Date'],
    modules: ['node:timers', 'node:timers/promises'],
    instead: 'take a Clock (src/base/clock.ts)',
    allowed: { 'src/base/clock.ts': 'the seam itself' },
  },
  {
    name: 'randomness',
    calls: ['Math.random', 'crypto.randomUUID', 'crypto.getRandomValues', 'Bun.randomUUIDv7'],
    instead: 'take a Random (src/base/random.ts)',
    allowed: { 'src/base/random.ts': 'the seam itself' },
  },
  {
    name: 'files',
    calls: ['Bun.file', 'Bun.write', 'Bun.mmap'],
    modules: ['node:fs', 'node:fs/promises', 'bun:ffi', 'bun:sqlite'],
    harmless: ['constants'],
    instead: 'take a FileSystem (src/store/file-system.ts), or name the file in test/tidy/seams.ts',
    allowed: {
      'src/store/system-file-system.ts': 'the pages: the real file system',
      'src/store/system-calls.ts': 'the pages: what node:fs lacks, through the C library',
      'src/store/c-library.ts': 'no file: the C library, and memory for its calls',
      'src/store/file-identity.ts': 'the pages: looks at those that are cached',
      'src/store/instant-calls.ts': 'the pages: reads those that lie in memory',
      'src/store/kernel-memory.ts': 'no file: memory that sockets are sent from',
      'src/client/connect-failure.ts': 'whether a descriptor is left, for Bun does not tell',
      'src/store/ledger/database.ts': 'the ledger: SQLite opens its files itself',
      'src/repl/history.ts': "the prompt's history lies in the person's own folder",
      'src/repl/source-file.ts': 'content that is given as @file, and mixes of requests',
      'src/cli/repl.ts': 'the file of commands that -f names',
      'src/cli/samples.ts': 'the samples are put back before anything is served',
      'src/server/server.ts': 'the root is looked at once, before a thread has opened the store',
      'src/server/standard-output.ts': 'the log is written by a background thread',
      'src/server/file-limit.ts': 'the limit of open files stands in /proc',
    },
  },
  {
    name: 'sockets',
    calls: ['Bun.listen', 'Bun.connect', 'Bun.serve', 'Bun.udpSocket', 'fetch'],
    constructs: ['WebSocket'],
    modules: ['node:net', 'node:http', 'node:https', 'node:tls', 'node:dgram', 'node:http2'],
    harmless: ['isIP', 'isIPv4', 'isIPv6'],
    instead: 'go through the listener, or the transport of the client',
    allowed: {
      'src/server/listener.ts': "the server's door",
      'src/client/transport.ts': "the client's door",
    },
  },
  {
    name: 'threads',
    constructs: ['Worker'],
    instead: 'start it with src/base/thread.ts, which hears of every end',
    allowed: { 'src/base/thread.ts': 'the seam itself' },
  },
  {
    name: 'processes',
    calls: ['Bun.spawn', 'Bun.spawnSync', 'Bun.$'],
    modules: ['node:child_process', 'node:cluster'],
    instead: 'do without: a child has descriptors, signals and an environment of its own',
    allowed: { 'src/server/file-limit.ts': 'elsewhere than on Linux only a shell knows the limit' },
  },
  {
    name: "the process's end",
    calls: ['process.exit', 'process.abort', 'process.kill', 'process.reallyExit'],
    instead: 'return or throw, and let src/cli decide',
    allowed: {
      'src/cli/repl.ts': 'a third signal ends a batch as signals do',
      'src/cli/serve.ts': 'after a graceful stop nothing may hold the process',
      'src/repl/editor/terminal.ts': 'Ctrl-Z stops the process by a signal to itself',
    },
  },
];

/** The doors of a module in `src/` or `workers/` that it may not have. */
export function checkSeams({ path, text, tree, imports }: Source): Finding[] {
  const findings: Finding[] = [];
  const closed = seams.filter((seam) => seam.allowed[path] === undefined);
  const add = (seam: Seam, line: number, what: string): void => {
    findings.push({ path, line, say: `${what} reaches for ${seam.name}: ${seam.instead}` });
  };
  for (const { specifier, names, line } of imports) {
    for (const seam of closed) {
      const harmless = names.length > 0 && names.every((name) => seam.harmless?.includes(name));
      if (seam.modules?.includes(specifier) && !harmless) add(seam, line, specifier);
    }
  }
  for (const node of nodesOf(tree)) {
    const line = (): number => lineAt(text, node.getStart(tree));
    const called = calledName(node);
    const constructed = constructedName(node);
    for (const seam of closed) {
      if (called !== undefined && seam.calls?.includes(called)) add(seam, line(), called);
      if (constructed !== undefined && seam.constructs?.includes(constructed)) {
        add(seam, line(), `new ${constructed}`);
      }
    }
  }
  return findings;
}

/** Doors that are allowed and that nobody uses any more, so that the list stays true. */
export function checkSeamList(sources: readonly Source[]): Finding[] {
  const findings: Finding[] = [];
  for (const seam of seams) {
    for (const allowed of Object.keys(seam.allowed)) {
      const source = sources.find(({ path }) => path === allowed);
      const say = `uses no ${seam.name}: take it off the list in test/tidy/seams.ts`;
      if (source === undefined || !uses(seam, source)) {
        findings.push({ path: allowed, line: 1, say });
      }
    }
  }
  return findings;
}

function uses(seam: Seam, source: Source): boolean {
  if (source.imports.some(({ specifier }) => seam.modules?.includes(specifier))) return true;
  for (const node of nodesOf(source.tree)) {
    const called = calledName(node);
    const constructed = constructedName(node);
    if (called !== undefined && seam.calls?.includes(called)) return true;
    if (constructed !== undefined && seam.constructs?.includes(constructed)) return true;
  }
  return false;
}

/**
 * `Date.now` for that member of a global, called or not (also `globalThis.Date.now`); `setTimeout`
 * only where it is called, for a name alone may be any variable's.
 */
function calledName(node: Node): string | undefined {
  if (isPropertyAccessExpression(node) || isElementAccessExpression(node)) {
    const text = node
      .getText()
      .replace(/\?\.\[|\?\./g, (found) => (found === '?.' ? '.' : '['))
      .replace(/\[\s*['"`](\w+)['"`]\s*\]/g, '.$1')
      .replace(/\s+/g, '');
    const name = text.replace(/^globalThis\./, '');
    return name === text && !name.includes('.') ? undefined : name;
  }
  if (!isCallExpression(node)) return undefined;
  return isIdentifier(node.expression) ? node.expression.text : undefined;
}

function constructedName(node: Node): string | undefined {
  if (!isNewExpression(node) || !isIdentifier(node.expression)) return undefined;
  const name = node.expression.text;
  return name === 'Date' && (node.arguments?.length ?? 0) > 0 ? undefined : name;
}
