// Knows: the line on a terminal that says how far a conversion has come.
// Must not know: what is converted.

/** Bytes done so far and in all (where that is known); called some times a second. */
export interface Progress {
  stop(): void;
}

const INTERVAL_MS = 200;
const BAR = 30;

/** Nothing, unless standard error is a terminal. */
export function showProgress(done: () => number, size: number | undefined): Progress {
  if (!process.stderr.isTTY) return { stop() {} };
  const began = performance.now();
  const show = (): void => {
    const seconds = (performance.now() - began) / 1000;
    process.stderr.write(`\r${progressLine(done(), size, seconds)}\x1b[K`);
  };
  const timer = setInterval(show, INTERVAL_MS);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      process.stderr.write('\r\x1b[K');
    },
  };
}

/** `[#####     ]  50 %  104.9 of 209.7 MB  412 MB/s`. */
export function progressLine(done: number, size: number | undefined, seconds: number): string {
  const megabytes = (bytes: number): string => (bytes / 1_000_000).toFixed(1);
  const speed = `${Math.round(done / 1_000_000 / Math.max(seconds, 0.001))} MB/s`;
  if (size === undefined || size === 0) return `${megabytes(done)} MB  ${speed}`;
  const share = Math.min(1, done / size);
  const bar = '#'.repeat(Math.round(share * BAR)).padEnd(BAR);
  return `[${bar}] ${String(Math.floor(share * 100)).padStart(3)} %  ${megabytes(done)} of ${megabytes(size)} MB  ${speed}`;
}
