/** How much is measured, and how long that takes. */

export interface Plan {
  /** Of alternating runs, in each row. */
  readonly pairs: number;
  /** Of each run. */
  readonly seconds: number;
  /** Before the first pair of a row: Inkwire's code is compiled as it runs. */
  readonly warmUpSeconds: number;
  /** The same for the others, for which it is enough that the files were read. */
  readonly peerWarmUpSeconds: number;
  /** Starts of each server. */
  readonly starts: number;
  readonly sweepSeconds: number;
  /** Bytes of the pages of the sweep. */
  readonly sweepSizes: readonly number[];
  readonly sweepConnections: readonly number[];
  /** Pairs and seconds for the servers beside nginx. */
  readonly peerPairs: number;
  readonly peerSeconds: number;
}

const KIB = 1024;
const MIB = 1024 ** 2;

/** What bench/RESULTS.md holds. */
export const fullPlan: Plan = {
  pairs: 7,
  seconds: 3,
  warmUpSeconds: 2,
  peerWarmUpSeconds: 1,
  starts: 9,
  sweepSeconds: 1,
  sweepSizes: [KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB],
  sweepConnections: [1, 4, 16, 64, 256, 1_024],
  peerPairs: 3,
  peerSeconds: 1,
};

/** To see how things stand: its figures are no results. */
export const quickPlan: Plan = {
  ...fullPlan,
  pairs: 2,
  seconds: 1,
  warmUpSeconds: 1,
  peerWarmUpSeconds: 0,
  starts: 3,
  sweepSizes: [KIB, 64 * KIB, 4 * MIB],
  sweepConnections: [1, 1_024],
  peerPairs: 1,
};

/** Whether figures made with it may be written down as results: nothing of it is less. */
export function isFull(plan: Plan): boolean {
  const { pairs, seconds, warmUpSeconds, sweepSeconds, sweepSizes, sweepConnections } = fullPlan;
  return (
    plan.pairs >= pairs &&
    plan.seconds >= seconds &&
    plan.warmUpSeconds >= warmUpSeconds &&
    plan.sweepSeconds >= sweepSeconds &&
    plan.sweepSizes.length >= sweepSizes.length &&
    plan.sweepConnections.length >= sweepConnections.length
  );
}
