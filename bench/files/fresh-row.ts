/** The row of freshness: the page that all ask for is changed as fast as it goes. */

import { join } from 'node:path';
import { type Context, measureLoad } from './context.ts';
import { change, FreshnessWatch } from './freshness.ts';
import { loadOf } from './load.ts';

const path = '/changing.html';
/** Longer than a pair: this is the row in which a stale answer would come about. */
const runs = 2;
const load = loadOf(path, 64);

/** What comes of it stands in the context's tally. */
export async function measureFreshness(context: Context): Promise<void> {
  const { stage, freshness } = context;
  const { root } = stage;
  change(join(root, path), 0);
  const { name, port } = await stage.inkwire();
  const watch = new FreshnessWatch({ name, port, root, path, periodMs: 0 }, freshness);
  try {
    for (let run = 0; run < runs; run += 1) {
      // A page that is cut off while it is read breaks the connection that reads it, as it should.
      await measureLoad(context, port, load).catch(() => context.signal.throwIfAborted());
    }
  } finally {
    await watch.stop();
  }
  const { asked, stale } = freshness.of(name);
  context.say(`freshness: ${asked} requests right after a change so far, ${stale} answered stale`);
}
