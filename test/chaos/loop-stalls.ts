// How long this thread was kept from running by others: on a machine that is busy nothing is in time, and that is nobody's failure.

/** Milliseconds of `now`, from and to. */
export type Stall = readonly [from: number, to: number];

export interface Stalls extends Disposable {
  /** Times in which the thread was to run and was not, as far as they are between the two, in order. */
  between(from: number, to: number): readonly Stall[];
  /** The longest of all, in milliseconds. */
  longestMs(): number;
}

/** Milliseconds; the same in every thread. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

const TICK_MS = 2;
/** A timer is late by so much where nobody else wants to run, in milliseconds. */
const USUAL_MS = 1.5;

/** What the thread did itself, however long, is no stall: the time that it ran is taken off. */
export function watchStalls(): Stalls {
  const stalls: Stall[] = [];
  let last = now();
  let ran = process.threadCpuUsage();
  const timer = setInterval(() => {
    const at = now();
    const used = process.threadCpuUsage(ran);
    const lostMs = at - last - TICK_MS - (used.user + used.system) / 1_000;
    if (lostMs > USUAL_MS) stalls.push([at - lostMs, at]);
    last = at;
    ran = process.threadCpuUsage();
  }, TICK_MS);
  timer.unref();
  return {
    between(from, to) {
      const found: Stall[] = [];
      for (let i = stalls.length - 1; i >= 0; i--) {
        const [begun, ended] = stalls[i] ?? [0, 0];
        if (ended < from) break;
        if (begun < to) found.unshift([Math.max(begun, from), Math.min(ended, to)]);
      }
      return found;
    },
    longestMs: () => stalls.reduce((longest, [from, to]) => Math.max(longest, to - from), 0),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}

/** Milliseconds in which any of them lasted. */
export function lostMs(stalls: readonly Stall[]): number {
  let lost = 0;
  let until = Number.NEGATIVE_INFINITY;
  for (const [from, to] of stalls.toSorted(([a], [b]) => a - b)) {
    lost += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return lost;
}
