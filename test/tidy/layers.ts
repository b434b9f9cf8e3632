/**
 * Which layer may import which, whether files import each other in a circle, and which are dead.
 */

import type { Finding, Source } from './source.ts';

/** Imports point one way: a change here is a change of `docs/ARCHITECTURE.md` too. */
export const layers: Readonly<Record<string, readonly string[]>> = {
  base: [],
  model: ['base'],
  http: ['base', 'model'],
  store: ['base', 'model'],
  dispatch: ['base', 'model'],
  app: ['base', 'model', 'http', 'dispatch'],
  observe: ['base', 'model'],
  config: ['base', 'http'],
  server: ['base', 'model', 'http', 'dispatch', 'app', 'observe', 'config'],
  client: ['base', 'http', 'config'],
  load: ['base', 'http', 'client'],
  repl: ['base', 'http', 'client', 'config', 'load'],
  cli: ['base', 'config', 'observe', 'server', 'client', 'repl', 'load', 'store'],
  workers: ['base', 'model', 'store', 'load'],
};

/** Single arrows that the table does not have, each with its reason. */
export const arrows: readonly { from: string; to: string; why: string }[] = [
  { from: 'src/cli/main.ts', to: 'package.json', why: 'the version that --version says' },
  { from: 'src/config/', to: 'src/http/limits.ts', why: 'flags set the limits of messages' },
  { from: 'src/config/', to: 'src/dispatch/limits.ts', why: 'flags set the limits of the pool' },
  {
    from: 'src/server/',
    to: 'src/store/file-identity.ts',
    why: 'the cache compares the identity of files on the main thread',
  },
  {
    from: 'src/server/server.ts',
    to: 'src/store/page-cache.ts',
    why: 'the composition root gives the sessions what reads open files, and knows no more of it',
  },
  {
    from: 'src/server/server.ts',
    to: 'src/store/instant-pages.ts',
    why: 'the composition root gives the dispatcher what reads pages that lie in memory',
  },
  {
    from: 'src/server/server.ts',
    to: 'src/store/kernel-memory.ts',
    why: 'the composition root gives the replies what the kernel keeps, and knows no more of it',
  },
];

/** Layers of which only what {@link arrows} names may be imported. */
const onlyByArrow: readonly (readonly [from: string, to: string])[] = [['config', 'http']];

function layerOf(path: string): string | undefined {
  if (path.startsWith('workers/')) return 'workers';
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

export function checkLayers(sources: readonly Source[]): Finding[] {
  const findings: Finding[] = [];
  for (const { path, imports } of sources) {
    const from = layerOf(path);
    if (from === undefined) continue;
    for (const { path: target, line } of imports) {
      if (target === undefined || mayImport(path, from, target)) continue;
      const say = `src/${from} may not import ${target}: turn the arrow round, or move the code`;
      findings.push({ path, line, say: say.replace('src/workers', 'workers') });
    }
  }
  return findings;
}

function mayImport(path: string, from: string, target: string): boolean {
  if (arrows.some((arrow) => path.startsWith(arrow.from) && target === arrow.to)) return true;
  const to = layerOf(target);
  if (to === undefined) return false;
  if (to === from) return true;
  const narrow = onlyByArrow.some(([a, b]) => a === from && b === to);
  return !narrow && (layers[from] ?? []).includes(to);
}

/** A finding for each circle of imports; imports of types count too. */
export function checkCycles(sources: readonly Source[]): Finding[] {
  const graph = graphOf(sources);
  const findings: Finding[] = [];
  const told = new Set<string>();
  for (const start of graph.keys()) {
    const circle = takeCircle(graph, start);
    if (circle === undefined) continue;
    const name = [...circle].sort().join(' ');
    if (told.has(name)) continue;
    told.add(name);
    const line = sources
      .find(({ path }) => path === start)
      ?.imports.find(({ path }) => path === circle[1])?.line;
    const say = `imports itself: ${[...circle, start].join(' → ')}; move what they share to a file`;
    findings.push({ path: start, line: line ?? 1, say });
  }
  return findings;
}

/** The shortest way from `start` back to itself. */
function takeCircle(graph: ReadonlyMap<string, readonly string[]>, start: string) {
  const cameFrom = new Map<string, string>();
  const waiting = [start];
  for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
    for (const next of graph.get(at) ?? []) {
      if (next === start) {
        const circle = [at];
        for (let back = at; back !== start; circle.unshift(back)) {
          back = cameFrom.get(back) ?? start;
        }
        return circle;
      }
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      waiting.push(next);
    }
  }
  return undefined;
}

/**
 * @param entries files that are started, not imported
 * @param exempt dead files that stay, with the reason
 */
export function checkDead(
  sources: readonly Source[],
  entries: readonly string[],
  exempt: ReadonlyMap<string, string>,
): Finding[] {
  const graph = graphOf(sources);
  const reached = new Set<string>();
  const waiting = [...entries];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    if (reached.has(at)) continue;
    reached.add(at);
    waiting.push(...(graph.get(at) ?? []));
  }
  const findings: Finding[] = [];
  for (const { path } of sources) {
    const say = 'nothing that runs imports it: remove it, or move it to test/ if only tests do';
    if (!reached.has(path) && !exempt.has(path)) findings.push({ path, line: 1, say });
  }
  for (const path of exempt.keys()) {
    const say = 'is exempt as dead and is not: take it off the list';
    if (reached.has(path) || !graph.has(path)) findings.push({ path, line: 1, say });
  }
  return findings;
}

function graphOf(sources: readonly Source[]): Map<string, readonly string[]> {
  return new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.flatMap(({ path: target }) => (target === undefined ? [] : [target])),
    ]),
  );
}
