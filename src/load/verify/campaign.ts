/**
 * A run of `:verify`: prepares the pages, edits them over many connections while readers watch,
 * reads them a last time, and has what was seen judged.
 *
 *   preparing → editing → reading → judging → cleaning
 */

import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { encodeTarget } from '../../client/encode-target.ts';
import { type Asked, type Asker, answerText } from './asker.ts';
import { readBase } from './base-page.ts';
import { Crew } from './crew.ts';
import { EditTally } from './edit-tally.ts';
import { pause, type RunContext } from './edit-way.ts';
import { findings } from './findings.ts';
import { MadePages, targetsText } from './made-pages.ts';
import { MarkSpelling } from './marks.ts';
import { copiesOf, type Prepared, prepare } from './prepare.ts';
import { ReadPacer } from './read-pacer.ts';
import type { TestedPage } from './tested-page.ts';
import {
  type VerifyNote,
  type VerifyPhase,
  type VerifyPlan,
  type VerifyProblem,
  type VerifyProgress,
  type VerifyReport,
  type VerifyRun,
  verifyProblem,
} from './verify.ts';

/** Edits in a row that go to one page, so that with many pages they still meet on each. */
const burstMax = 8;
/** Tries of the last read of a page: the verdict rests on it. */
const finalTriesMax = 5;
const finalPauseMs = 200;

/** Starts `plan` at once. */
export function startVerify(plan: VerifyPlan, clock: Clock, random: Random): VerifyRun {
  return new Campaign({ ...plan, target: encodeTarget(plan.target) }, clock, random);
}

class Campaign implements VerifyRun {
  readonly report: Promise<VerifyReport | VerifyProblem>;
  readonly #context: RunContext;
  readonly #made: MadePages;
  #phase: VerifyPhase = 'preparing';
  #startMs = 0;
  #endMs: number | undefined;

  constructor(
    readonly plan: VerifyPlan,
    clock: Clock,
    random: Random,
  ) {
    const crew = new Crew(plan, clock);
    const tally = new EditTally(plan.connections);
    this.#made = new MadePages(crew);
    this.#context = { crew, tally, spelling: new MarkSpelling(random), clock };
    this.#startMs = clock.monotonicMs();
    this.report = this.#run().finally(() => crew.close());
  }

  progress(): VerifyProgress {
    const { crew, tally, clock } = this.#context;
    return {
      phase: this.#phase,
      done: tally.done,
      edits: this.plan.edits,
      failed: tally.failed,
      elapsedMs: (this.#endMs ?? clock.monotonicMs()) - this.#startMs,
      stopping: crew.stopping,
    };
  }

  cancel(): void {
    this.#context.crew.cancel();
  }

  async #run(): Promise<VerifyReport | VerifyProblem> {
    const { plan } = this;
    const { crew } = this.#context;
    const asker = crew.hire();
    const base = await readBase(plan.target, asker);
    if (base.kind === 'problem') return base;
    const copies = copiesOf(plan, base, crew, this.#made);
    const unmade = plan.copies === undefined ? undefined : await copies.make(plan.copies);
    if (unmade !== undefined) return await this.#withdraw(unmade);
    const prepared = await prepare(plan, base, this.#made, this.#context, asker);
    if (prepared.kind === 'problem') return await this.#withdraw(prepared);
    return await this.#verify(prepared);
  }

  /** Nothing was verified: what was made is of no use to anybody. */
  async #withdraw(problem: VerifyProblem): Promise<VerifyProblem> {
    const why = await this.#removeMade();
    if (why === undefined) return problem;
    const left = `left on the server: ${targetsText(this.#made.targets)} (${why})`;
    return verifyProblem(`${problem.message}; ${left}`);
  }

  async #verify({ pages, way, notes }: Prepared): Promise<VerifyReport> {
    const { crew, tally, clock } = this.#context;
    this.#phase = 'editing';
    this.#startMs = clock.monotonicMs();
    await this.#edit(pages, way);
    this.#endMs = clock.monotonicMs();
    this.#phase = 'reading';
    crew.endGrace();
    const found: VerifyNote[] = [...notes, ...(await this.#readLast(pages))];
    if (crew.gaveUp !== undefined) found.push({ kind: 'gave-up', why: crew.gaveUp });
    this.#phase = 'judging';
    const elapsedMs = this.#endMs - this.#startMs;
    const report = findings(this.plan, pages, tally, this.#context.spelling, {
      notes: found,
      cancelled: crew.cancelled,
      retried: crew.retried,
      elapsedMs,
    });
    const left = await this.#cleanUp(report);
    return left === undefined ? report : { ...report, notes: [...found, left] };
  }

  /** All edits, over all connections, while the readers look. */
  async #edit(pages: readonly TestedPage[], way: Prepared['way']): Promise<void> {
    const { crew, tally } = this.#context;
    const { edits, connections, readers } = this.plan;
    const burst = Math.max(1, Math.min(burstMax, Math.ceil(edits / pages.length)));
    const pageOf = (n: number) => pages[Math.floor(n / burst) % pages.length];
    const pacer = new ReadPacer(readers);
    const inserts = this.plan.way.kind === 'insert';
    const look = async (page: TestedPage, asker: Asker): Promise<void> => {
      tally.read((await page.read(asker)) !== undefined);
    };
    let begun = tally.done;
    let edited = pageOf(0);
    const write = async (asker: Asker): Promise<void> => {
      while (begun < edits && !crew.stopped) {
        const page = pageOf(begun);
        begun += 1;
        if (page === undefined) return;
        const end = await way.edit(page, asker);
        if (end === undefined) return;
        tally.end(end);
        edited = page;
        pacer.answered();
        // Who swaps reads before each edit anyway.
        const mayLook = inserts && end === 'acknowledged' && !crew.stopped;
        if (mayLook && pacer.takeOverdue()) await look(page, asker);
        if (tally.isFruitless) crew.giveUp('hundreds of edits in a row were not acknowledged');
      }
    };
    const read = async (asker: Asker): Promise<void> => {
      for (await pacer.next(); !pacer.ended; await pacer.next()) {
        if (edited !== undefined) await look(edited, asker);
      }
    };
    const reading = crew.together(readers, read);
    const writers = Math.min(connections, edits - begun);
    tally.connectionsUsed = Math.max(1, writers);
    await crew.together(writers, write);
    pacer.end();
    await reading;
  }

  /** Reads every page once more, now that nothing is under way. */
  async #readLast(pages: readonly TestedPage[]): Promise<VerifyNote[]> {
    const { crew } = this.#context;
    const waiting = pages.slice();
    const unread: string[] = [];
    let why = '';
    await crew.together(Math.min(pages.length, this.plan.connections), async (asker) => {
      for (let page = waiting.shift(); page !== undefined; page = waiting.shift()) {
        const failed = await this.#readFinal(page, asker);
        if (failed === undefined) continue;
        unread.push(page.target);
        why = `GET ${page.target} ${answerText(failed.result)}`;
      }
    });
    return unread.length === 0 ? [] : [{ kind: 'final-unread', targets: unread, why }];
  }

  async #readFinal(page: TestedPage, asker: Asker): Promise<Asked | undefined> {
    const { crew, clock } = this.#context;
    for (let tries = 1; ; tries += 1) {
      const failed = await page.readFinal(asker);
      if (failed === undefined || tries === finalTriesMax || crew.dropped) return failed;
      await pause(clock, finalPauseMs * tries);
    }
  }

  /** Removes the copies unless there is something to be seen in them. */
  async #cleanUp(report: VerifyReport): Promise<VerifyNote | undefined> {
    if (this.plan.copies !== undefined && !report.confirmed) {
      return { kind: 'copies-kept', targets: this.#made.targets };
    }
    const why = await this.#removeMade();
    return why === undefined
      ? undefined
      : { kind: 'copies-left', targets: this.#made.targets, why };
  }

  async #removeMade(): Promise<string | undefined> {
    this.#phase = 'cleaning';
    this.#context.crew.beginCleaning();
    return await this.#made.remove();
  }
}
