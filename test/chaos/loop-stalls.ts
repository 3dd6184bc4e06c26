// How long this thread was kept from running by others: on a machine that is busy nothing is in time, and that is nobody's failure.

export interface Stalls extends Disposable {
  /** Milliseconds between the two points in time (of `performance.now()`) in which the thread was to run and was not. */
  between(from: number, to: number): number;
}

interface Stall {
  readonly at: number;
  readonly lostMs: number;
}

const TICK_MS = 5;

/** What the thread did itself, however long, is no stall: the time that it ran is taken off. */
export function watchStalls(): Stalls {
  const stalls: Stall[] = [];
  let last = performance.now();
  let ran = process.threadCpuUsage();
  const timer = setInterval(() => {
    const now = performance.now();
    const used = process.threadCpuUsage(ran);
    const lostMs = now - last - TICK_MS - (used.user + used.system) / 1_000;
    if (lostMs > TICK_MS) stalls.push({ at: now, lostMs });
    last = now;
    ran = process.threadCpuUsage();
  }, TICK_MS);
  timer.unref();
  return {
    between: (from, to) =>
      stalls.reduce((sum, { at, lostMs }) => (at >= from && at - lostMs <= to ? sum + lostMs : sum), 0),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
