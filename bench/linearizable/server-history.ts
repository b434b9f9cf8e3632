/**
 * One history of a server's pages: it is asked by several connections at once, killed in random
 * moments, with the power of its disk where the site is one that has such, started again on the
 * same folder and port, and asked on; then all is judged together.
 */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Seeded } from '../../test/store/seeded.ts';
import { disaster, shortRounds } from '../torture/rounds.ts';
import { type ServerOptions, ServerProcess } from '../torture/server-process.ts';
import { FolderSite, type Site } from '../torture/site.ts';
import { Campaign, type CampaignPage, type Findings } from './campaign.ts';
import { pageText } from './page-text.ts';

/** Some of them there at first, some to be made. */
const pages: readonly CampaignPage[] = [
  { target: '/page-0.html', mark: 1 },
  { target: '/page-1.html', mark: 2 },
  { target: '/in/page-2.html' },
  { target: '/in/page-3.html' },
];

export interface HistoryPlan {
  readonly seed: number;
  readonly connections: number;
  /** How often the server is killed, and its disk struck, and it is started again. */
  readonly kills: number;
  /** Answers after the last kill. */
  readonly answers: number;
  /** Another server than Inkwire as it is; see {@link ServerProcess.start}. */
  readonly server?: Pick<ServerOptions, 'script' | 'environment'>;
  /** Where the pages lie; default: a folder that outlives the server. */
  readonly openSite?: () => Site;
}

export async function runHistory(plan: HistoryPlan): Promise<Findings> {
  const { seed, connections, kills, answers, openSite = () => new FolderSite() } = plan;
  const choice = new Seeded(seed);
  await using site = openSite();
  for (const { target, mark } of pages) {
    if (mark !== undefined) writeFileSync(join(site.root, target), pageText(mark));
  }
  site.flush();
  const campaign = new Campaign(pages, choice.below(2 ** 31));
  const options = { root: site.root, ...plan.server };
  let server = await ServerProcess.start(options);
  try {
    const { port } = server;
    for (let kill = 0; kill < kills; kill += 1) {
      await disaster(choice, shortRounds, site, server, campaign.start(port, connections));
      server = await ServerProcess.start({ ...options, port });
      campaign.lapse();
    }
    const run = campaign.start(port, connections);
    await run.answered(answers);
    await run.end();
    await campaign.readAll(port);
  } finally {
    await server[Symbol.asyncDispose]();
  }
  return campaign.findings();
}
