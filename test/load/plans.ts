/** Plans of small loads for the tests. */

import type { Endpoint } from '../../src/client/exchange.ts';
import type { LoadPlan, RequestTemplate } from '../../src/load/load.ts';

/** A request whose number stands in its target. */
export const numbered: RequestTemplate = {
  method: 'GET',
  target: '/{{n}}',
  fields: [['Host', 'a']],
  weight: 1,
};

/** What differs from a plain closed load of 100 requests over 10 connections. */
export interface Wishes extends Partial<Omit<LoadPlan, 'endpoint' | 'extent'>> {
  readonly count?: number;
  /** Instead of a count. */
  readonly durationMs?: number;
}

export function planOf(endpoint: Endpoint, wishes: Wishes = {}): LoadPlan {
  const { count = 100, durationMs, ...rest } = wishes;
  return {
    endpoint,
    requests: [numbered],
    extent: durationMs === undefined ? { kind: 'count', count } : { kind: 'duration', durationMs },
    connections: 10,
    rampMs: 0,
    pipeline: 1,
    warmupMs: 0,
    keepAlive: true,
    timeoutMs: 3_000,
    threads: 1,
    ...rest,
  };
}
