/**
 * `bun run bench load`: how many requests a second this load runner sends, beside wrk, autocannon
 * and hey, to nginx and to Inkwire. Each tool has one thread. In each round every tool runs once
 * against a server, and the one that begins changes, so that a machine that slows down slows all.
 */

import { median, pairedRatio, perSecond } from './figures.ts';
import type { Loader, Target } from './loaders.ts';
import { autocannonLoader, heyLoader, inkwireLoader, wrkLoader } from './loaders.ts';
import type { MeasuredServer } from './servers.ts';

export interface LoadBenchOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly connections: number;
}

const peers: readonly Loader[] = [wrkLoader, autocannonLoader, heyLoader];

/** The page of the samples. */
const path = '/test.html';

/** The table as Markdown. */
export async function benchLoad(
  servers: readonly MeasuredServer[],
  options: LoadBenchOptions,
): Promise<string> {
  const present = peers.filter((peer) => peer.missing() === undefined);
  const lines = [
    '| against | load from | requests per second | Inkwire’s runner beside it |',
    '|---|---|---|---|',
  ];
  for (const server of servers) {
    const rates = await measure(server, [inkwireLoader, ...present], options);
    const own = rates.get(inkwireLoader) ?? [];
    lines.push(`| ${server.name} | Inkwire \`:repeat\` | ${perSecond(median(own))} | |`);
    for (const peer of peers) {
      const told = rates.get(peer);
      const cells =
        told === undefined
          ? [peer.missing() ?? '', '']
          : [perSecond(median(told)), `${pairedRatio(own, told).toFixed(2)} ×`];
      lines.push(`| ${[server.name, peer.name, ...cells].join(' | ')} |`);
    }
  }
  return lines.join('\n');
}

async function measure(
  server: MeasuredServer,
  loaders: readonly Loader[],
  options: LoadBenchOptions,
): Promise<Map<Loader, number[]>> {
  const { connections, seconds, rounds } = options;
  const target: Target = { port: server.port, path, connections, seconds };
  const rates = new Map(loaders.map((loader): [Loader, number[]] => [loader, []]));
  // The first run warms the server up and is not counted.
  await inkwireLoader.rate({ ...target, seconds: Math.min(1, seconds) });
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < loaders.length; turn += 1) {
      const loader = loaders[(round + turn) % loaders.length];
      if (loader === undefined) continue;
      const rate = await loader.rate(target);
      rates.get(loader)?.push(rate);
      console.error(`  ${server.name} · ${loader.name}: ${perSecond(rate)}`);
    }
  }
  return rates;
}
