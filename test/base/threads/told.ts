/** What the thread of the tests is started with, and told. */

export interface EntryData {
  readonly greeting: string;
  /** A port that is handed over. */
  readonly aside?: MessagePort;
}

export type Told = 'close' | 'throw' | 'throw-text' | 'reject' | 'exit' | 'hang' | 'what' | 'late';

/** Messages that it says at once before it dies. */
export const burstLength = 1_000;
