/** The table of `--peers all`: Inkwire beside servers other than nginx, some rows of each. */

import { pairedRatio } from '../figures.ts';
import { installPeers } from '../loaders.ts';
import { type Context, measureLoad } from './context.ts';
import { alternate } from './pairs.ts';
import { type Peer, peers, startPeer } from './peers.ts';
import { probe } from './probe.ts';
import { type RateRow, rateRows } from './rate-rows.ts';

/** Those that say the most about a server of files. */
const rowsShown: ReadonlySet<string> = new Set(['hot', 'browser', 'medium', 'large', 'distinct']);

/** Markdown: Inkwire's rate beside that of each. */
export async function measurePeers(context: Context): Promise<string> {
  await installPeers();
  const rows = rateRows.filter(({ row }) => rowsShown.has(row));
  const columns: string[][] = [];
  for (const peer of peers) {
    const column = columnOf(context, peer, rows).catch((error) => {
      context.signal.throwIfAborted();
      context.say(`peers · ${peer.name}: ${error instanceof Error ? error.message : error}`);
      return rows.map(() => 'did not start');
    });
    columns.push(await column);
  }
  const names = peers.map((peer) => `${peer.name} ${peer.version()}`.trim());
  return [
    `| Inkwire’s rate beside that of | ${names.join(' | ')} |`,
    `|---|${'---|'.repeat(peers.length)}`,
    ...rows.map(({ work }, at) => {
      const cells = columns.map((column) => column[at] ?? '');
      return `| ${work.replace(/ \(nginx: [^)]*\)/, '')} | ${cells.join(' | ')} |`;
    }),
  ].join('\n');
}

async function columnOf(context: Context, peer: Peer, rows: readonly RateRow[]): Promise<string[]> {
  const lack = peer.missing();
  if (lack !== undefined) return rows.map(() => lack);
  const { stage } = context;
  for (const row of rows) row.make?.(stage.root, context.sample);
  await using server = await startPeer(peer, stage.root, stage.folder);
  const cells: string[] = [];
  for (const row of rows) cells.push(await cellOf(context, server.port, server.name, row));
  return cells;
}

async function cellOf(context: Context, port: number, name: string, row: RateRow): Promise<string> {
  const { stage, plan } = context;
  try {
    const own = await stage.inkwire(...row.flags);
    for (const server of [own, { ...own, name, port }]) {
      await probe(server, row.load);
      await measureLoad(context, server.port, row.load, plan.peerSeconds);
    }
    const rate = async (of: number): Promise<number> =>
      (await measureLoad(context, of, row.load, plan.peerSeconds)).perSecond;
    const pairs = await alternate(
      plan.peerPairs,
      () => rate(own.port),
      () => rate(port),
    );
    const ratio = pairedRatio(pairs.own, pairs.peer);
    context.say(`peers · ${row.row} · ${name}: ${ratio.toFixed(2)}`);
    return `${ratio.toFixed(2)} ×`;
  } catch (error) {
    context.signal.throwIfAborted();
    context.say(`peers · ${row.row} · ${name}: ${error instanceof Error ? error.message : error}`);
    return 'failed';
  }
}
