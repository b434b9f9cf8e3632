/** What every way to edit a page shares: sending until something was sent, and keeping it. */

import { unreachable } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import type { FieldLine } from '../../http/message.ts';
import type { Mark, Sighting } from '../history/history.ts';
import { type Ask, type Asked, type Asker, type EditOutcome, outcomeOf } from './asker.ts';
import type { Crew } from './crew.ts';
import type { EditEnd, EditTally } from './edit-tally.ts';
import type { MarkSpelling } from './marks.ts';
import type { TestedPage } from './tested-page.ts';
import type { VerifyNote } from './verify.ts';

/** What the parts of one run have in common. */
export interface RunContext {
  readonly crew: Crew;
  readonly tally: EditTally;
  readonly spelling: MarkSpelling;
  readonly clock: Clock;
}

export interface EditWay {
  /** Does one edit; `undefined` when the run was stopped before it had an end. */
  edit(page: TestedPage, asker: Asker): Promise<EditEnd | undefined>;
}

/** A page with its first edits, and what they showed. */
export interface Learned {
  readonly kind: 'learned';
  readonly page: TestedPage;
  readonly way: EditWay;
  readonly notes: readonly VerifyNote[];
}

/** Tries to send a request of which no byte could be sent: some 3 s, for a server to come back. */
const sendTriesMax = 6;
const firstPauseMs = 100;

/** Answers are not wanted whole: with thousands of edits each would be a long page. */
export const preferMinimal: FieldLine = ['Prefer', 'return=minimal'];

export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => void clock.after(ms, resolve));
}

/** Sends `ask`; while no byte of it could be sent, a few times more, further and further apart. */
export async function askUntilSent(context: RunContext, asker: Asker, ask: Ask): Promise<Asked> {
  for (let tries = 1; ; tries += 1) {
    const asked = await asker.ask(ask);
    const { result } = asked;
    if (result.kind === 'completed' || result.sent || context.crew.stopped) return asked;
    if (tries === sendTriesMax) {
      context.crew.giveUp(`nothing could be sent any more: ${result.message}`);
      return asked;
    }
    await pause(context.clock, firstPauseMs * 2 ** (tries - 1));
  }
}

/** What an edit was built on, and what its answer showed. */
export interface EditSights {
  /** Only of an edit under a condition. */
  readonly builtOn?: Sighting;
  readonly saw?: Sighting;
}

/** A server that knows no keys may refuse on the second try what it has done on the first. */
function editOutcome({ result, isRepeated = false }: Asked): EditOutcome {
  const outcome = outcomeOf(result);
  return outcome === 'refused' && isRepeated ? 'unknown' : outcome;
}

/** Keeps an edit and its outcome in the history of its page; says how it ended. */
export function keepEdit(
  page: TestedPage,
  mark: Mark,
  asked: Asked,
  { builtOn, saw }: EditSights,
): EditEnd {
  const outcome = editOutcome(asked);
  if (outcome === 'unsent') return 'given-up';
  page.recorder.invoke(mark, asked.invokedMs, builtOn);
  switch (outcome) {
    case 'acknowledged':
      page.recorder.acknowledge(mark, asked.answeredMs, saw);
      return outcome;
    case 'refused':
      page.recorder.refuse(mark, asked.answeredMs);
      return outcome;
    case 'unknown':
      return outcome;
    default:
      return unreachable(outcome);
  }
}
