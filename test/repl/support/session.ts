/** A session without a terminal, and what the lines that it runs come to. */

import { systemClock } from '../../../src/base/clock.ts';
import { systemRandom } from '../../../src/base/random.ts';
import { parseEndpoint } from '../../../src/client/endpoint.ts';
import { History } from '../../../src/repl/history.ts';
import { Session, type SessionOptions } from '../../../src/repl/session.ts';

/** What one line came to. */
export interface Said {
  readonly outcome: Awaited<ReturnType<Session['run']>>;
  readonly answer: string;
  /** Of the last answer; 0 without one. */
  readonly status: number;
  /** What was said beside the answer, a line each. */
  readonly notes: string;
}

export class TestSession implements Disposable {
  readonly session: Session;
  #answer = '';
  #notes: string[] = [];

  /** @param address of its server */
  constructor(address: string, options: Partial<SessionOptions> = {}) {
    const endpoint = parseEndpoint(address);
    if (typeof endpoint === 'string') throw new Error(endpoint);
    this.session = new Session({
      endpoint,
      clock: systemClock,
      random: systemRandom,
      timeoutMs: 2_000,
      fail: false,
      history: new History(undefined, systemClock, () => {}),
      ...options,
      output: {
        terminal: false,
        colour: false,
        interactive: false,
        write: async (data) => {
          this.#answer += Buffer.from(data).toString();
          return true;
        },
        complain: async (line) => void this.#notes.push(line),
        columns: () => 80,
      },
    });
  }

  /** Runs the lines; what the last one came to. */
  async say(...lines: readonly string[]): Promise<Said> {
    let outcome: Said['outcome'] = 'completed';
    for (const line of lines) {
      this.#answer = '';
      this.#notes = [];
      outcome = await this.session.run(line);
    }
    const status = Number(/^HTTP\/1\.1 (\d+)/.exec(this.#answer)?.[1] ?? 0);
    return { outcome, answer: this.#answer, status, notes: this.#notes.join('\n') };
  }

  [Symbol.dispose](): void {
    this.session.close();
  }
}
