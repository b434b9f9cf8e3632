/**
 * Several connections that edit, replace, remove, make and read the same pages at once, in a seeded
 * mix, of a server that may be gone at any moment; and the verdict on all that they were answered.
 */

import { systemClock } from '../../src/base/clock.ts';
import { createClient } from '../../src/client/http-client.ts';
import type { Mark } from '../../src/load/history/history.ts';
import { Asker } from '../../src/load/verify/asker.ts';
import { Seeded } from '../../test/store/seeded.ts';
import { LoadRun } from '../torture/load-run.ts';
import { judge } from './judge.ts';
import type { Ending } from './page-history.ts';
import { PageLog, type TaggedPage } from './page-log.ts';
import { askingOf } from './request-mix.ts';

/** Longest wait for an answer, milliseconds: a server that hangs is not waited for. */
const answerTimeoutMs = 10_000;
/** One request of so many is given up by its client while it is under way. */
const givenUpEach = 40;
/** Less than so much later than it was sent, milliseconds. */
const givenUpMsMax = 3;

export interface CampaignPage {
  readonly target: string;
  /** What it holds at the beginning: `pageText` of this mark; absent: it is missing. */
  readonly mark?: Mark;
}

export interface Findings {
  /** How many operations came to which end; `lapsed` are unknown ones that a kill ended. */
  readonly counts: Readonly<Record<Ending['kind'] | 'lapsed', number>>;
  /** What is wrong, in words; empty when all that was answered has an order. */
  readonly faults: readonly string[];
}

export class Campaign {
  readonly #logs: readonly PageLog[];
  readonly #seeds: Seeded;
  /** The version of each page that was named last, whoever was told. */
  readonly #latest = new Map<PageLog, TaggedPage>();
  #nextMark: Mark;

  /** @param seed what each connection asks for; when it does is the machine's */
  constructor(pages: readonly CampaignPage[], seed: number) {
    this.#logs = pages.map(({ target, mark }) => new PageLog(target, mark));
    this.#seeds = new Seeded(seed);
    this.#nextMark = 1 + Math.max(0, ...pages.map(({ mark = 0 }) => mark));
  }

  /** Starts asking, over so many connections. Each ends when the server is gone. */
  start(port: number, connections: number): LoadRun {
    return LoadRun.start((run) =>
      Array.from({ length: connections }, (_, lane) => this.#run(run, port, lane)),
    );
  }

  /** What the server that is gone had not answered is not done any more from now on. */
  lapse(): void {
    const nowMs = systemClock.monotonicMs();
    for (const log of this.#logs) log.lapse(nowMs);
  }

  /** Reads each page, once nothing else is under way. */
  async readAll(port: number): Promise<void> {
    await withClient(port, async (asker) => {
      for (const log of this.#logs) {
        const asked = await asker.ask({ method: 'GET', target: log.target });
        log.keep('the last read', { kind: 'read' }, asked);
      }
    });
  }

  findings(): Findings {
    const answered = { done: 0, 'not-found': 0, 'failed-condition': 0, refused: 0 };
    const counts = { ...answered, unknown: 0, lapsed: 0 };
    const faults: string[] = [];
    for (const { target, history, faults: ofAnswers } of this.#logs) {
      for (const { ending } of history.operations) counts[countedAs(ending)] += 1;
      for (const fault of ofAnswers) faults.push(`${target}: ${fault}`);
      const verdict = judge(history);
      if (verdict.kind !== 'linearizable') faults.push(`${target}: ${verdict.text}`);
    }
    return { counts, faults };
  }

  async #run(run: LoadRun, port: number, lane: number): Promise<void> {
    const choice = new Seeded(this.#seeds.below(2 ** 31));
    const own = new Map<PageLog, TaggedPage>();
    await withClient(port, async (asker) => {
      while (!run.isStopped) {
        const log = choice.pick(this.#logs);
        const known = choice.below(2) === 0 ? own.get(log) : this.#latest.get(log);
        const { request, ask } = askingOf(choice, log.target, known, this.#nextMark);
        this.#nextMark += 1;
        const asked = await askOrGiveUp(asker, ask, choice);
        const named = log.keep(`connection ${lane}`, request, asked);
        if (named !== undefined) {
          own.set(log, named);
          this.#latest.set(log, named);
        }
        const { result } = asked;
        if (result.kind === 'failed' && result.failure !== 'cancelled') return;
        run.countAnswer();
      }
    });
  }
}

function countedAs(ending: Ending): Ending['kind'] | 'lapsed' {
  return ending.kind === 'unknown' && ending.lapsedMs !== undefined ? 'lapsed' : ending.kind;
}

async function askOrGiveUp(asker: Asker, ask: Parameters<Asker['ask']>[0], choice: Seeded) {
  if (choice.below(givenUpEach) > 0) return await asker.ask(ask);
  const timer = systemClock.after(choice.below(givenUpMsMax), () => asker.client.cancel());
  const asked = await asker.ask(ask);
  timer.cancel();
  return asked;
}

async function withClient(port: number, use: (asker: Asker) => Promise<void>): Promise<void> {
  const authority = `127.0.0.1:${port}`;
  const endpoint = { host: '127.0.0.1', port, authority };
  const client = createClient(endpoint, { clock: systemClock, timeoutMs: answerTimeoutMs });
  try {
    await use(new Asker(client, [['Host', authority]], systemClock));
  } finally {
    client.close();
  }
}
