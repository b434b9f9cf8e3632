/** When a connection has taken too long: one pure rule over what it is doing. */

import type { ServerLimits } from '../config/limits.ts';

/** What a connection is waiting for, with the times (monotonic milliseconds) that decide. */
export type Waiting =
  /** Bytes wait to be sent: since when, how many went out since, and when the last one did. */
  | {
      readonly for: 'write';
      readonly sinceMs: number;
      readonly progressMs: number;
      readonly bytes: number;
    }
  /** A head has begun to arrive. */
  | { readonly for: 'head'; readonly sinceMs: number }
  /** Content is arriving; `bytes` of it have. */
  | { readonly for: 'content'; readonly sinceMs: number; readonly bytes: number }
  /** The next request. */
  | { readonly for: 'request'; readonly sinceMs: number }
  /** The peer's FIN, after the last response. */
  | { readonly for: 'linger'; readonly sinceMs: number }
  /** The server's own work; its deadlines are the pool's. */
  | { readonly for: 'answer' };

/** What is to be done: nothing, answer 408 and close, close, or reset. */
export type Verdict = 'go on' | 'time out' | 'close' | 'reset';

export function judge(waiting: Waiting, nowMs: number, limits: ServerLimits): Verdict {
  switch (waiting.for) {
    case 'write': {
      if (nowMs - waiting.progressMs >= limits.writeStallTimeoutMs) return 'reset';
      const spentMs = nowMs - waiting.sinceMs;
      if (spentMs < limits.writeRateGraceMs) return 'go on';
      return tooSlow(waiting.bytes, spentMs, limits.writeRateMin) ? 'reset' : 'go on';
    }
    case 'head':
      return nowMs - waiting.sinceMs >= limits.headerTimeoutMs ? 'time out' : 'go on';
    case 'content': {
      const spentMs = nowMs - waiting.sinceMs;
      if (spentMs < limits.contentRateGraceMs) return 'go on';
      return tooSlow(waiting.bytes, spentMs, limits.contentRateMin) ? 'time out' : 'go on';
    }
    case 'request':
      return nowMs - waiting.sinceMs >= limits.idleTimeoutMs ? 'close' : 'go on';
    case 'linger':
      return nowMs - waiting.sinceMs >= limits.lingerTimeoutMs ? 'close' : 'go on';
    case 'answer':
      return 'go on';
  }
}

function tooSlow(bytes: number, spentMs: number, rateMin: number): boolean {
  return bytes * 1_000 < rateMin * spentMs;
}
