/** Time: the one seam through which every other file reads clocks and sets timers. */

/** A timer that was set; `cancel` after it fired does nothing. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Milliseconds of a clock that never goes back; only differences mean anything. */
  monotonicMs(): number;
  /** Milliseconds since 1970-01-01T00:00:00Z, as the machine believes them. */
  wallMs(): number;
  /** Runs `task` once, `delayMs` from now. */
  after(delayMs: number, task: () => void): Timer;
  /** Runs `task` again and again, `periodMs` apart; it does not keep the process alive. */
  every(periodMs: number, task: () => void): Timer;
}

/** Stops this thread for `ms`: only for a short wait on a process, where nothing else runs. */
export function pauseThread(ms: number): void {
  Bun.sleepSync(ms);
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  after(delayMs, task) {
    const handle = setTimeout(task, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
  every(periodMs, task) {
    const handle = setInterval(task, periodMs);
    handle.unref();
    return { cancel: () => clearInterval(handle) };
  },
};
