// How long this thread was kept from running by others: on a machine that is busy nothing is in time, and that is nobody's failure.

export interface Stalls extends Disposable {
  /** Milliseconds between the two points in time (of `now`) in which the thread was to run and was not. */
  between(from: number, to: number): number;
}

/** Milliseconds; the same in every thread. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

interface Stall {
  readonly at: number;
  readonly lostMs: number;
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
    if (lostMs > USUAL_MS) stalls.push({ at, lostMs });
    last = at;
    ran = process.threadCpuUsage();
  }, TICK_MS);
  timer.unref();
  return {
    between(from, to) {
      let lost = 0;
      for (let i = stalls.length - 1; i >= 0; i--) {
        const stall = stalls[i];
        if (stall === undefined || stall.at < from) break;
        lost += Math.max(0, Math.min(stall.at, to) - Math.max(stall.at - stall.lostMs, from));
      }
      return lost;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
