/** `--swap` gives up when more tries met 412 than can be remembered. */

import { expect, test } from 'bun:test';
import { systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { Crew } from '../../../src/load/verify/crew.ts';
import { EditTally } from '../../../src/load/verify/edit-tally.ts';
import { MarkSpelling } from '../../../src/load/verify/marks.ts';
import { ownLayout } from '../../../src/load/verify/page-layout.ts';
import { SwapWay, swapConflictsMax } from '../../../src/load/verify/swap-way.ts';
import { TestedPage } from '../../../src/load/verify/tested-page.ts';
import { PAGE } from './page-server.ts';
import { listen } from './raw-listener.ts';

/** An edit of a page that has always just changed for two times, after so many conflicts before. */
async function editAfter(conflicts: number) {
  let puts = 0;
  using server = listen(({ method }, reply) => {
    if (method === 'GET') return reply({ status: 200, content: PAGE, entityTag: '"a"' });
    puts += 1;
    return reply({ status: puts <= 2 ? 412 : 204 });
  });
  const endpoint = { host: '127.0.0.1', port: server.port, authority: 'localhost' };
  const crew = new Crew(
    {
      endpoint,
      target: '/test.html',
      fields: [['Host', 'localhost']],
      way: { kind: 'swap', method: 'PUT' },
      edits: 2,
      connections: 1,
      readers: 0,
      timeoutMs: 10_000,
    },
    systemClock,
  );
  const tally = new EditTally(1);
  tally.conflicts = conflicts;
  const spelling = new MarkSpelling(systemRandom);
  const page = new TestedPage('/test.html', ownLayout(Buffer.from(PAGE)), spelling);
  const way = new SwapWay({ crew, tally, spelling, clock: systemClock }, 'PUT', 'text/html');
  const end = await way.edit(page, crew.hire());
  crew.close();
  return { end, gaveUp: crew.gaveUp, conflicts: tally.conflicts };
}

test('up to the limit an edit is tried again', async () => {
  const conflicts = swapConflictsMax - 1;
  expect(await editAfter(conflicts - 2)).toEqual({
    end: 'acknowledged',
    gaveUp: undefined,
    conflicts,
  });
});

test('at the limit no more is tried', async () => {
  const { end, gaveUp, conflicts } = await editAfter(swapConflictsMax - 2);
  expect({ end, conflicts }).toEqual({ end: undefined, conflicts: swapConflictsMax });
  expect(gaveUp).toStartWith('a million edits met a page that had changed meanwhile');
});
