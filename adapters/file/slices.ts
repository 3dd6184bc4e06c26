// Knows: how long a loop has held the event loop, and how to let others have their turn.
// Must not know: what the loop does.

import { setImmediate } from 'node:timers/promises';

/** `if (slice.over()) await slice.next();` belongs into every loop whose length depends on the data. */
export interface Slice {
  /** True once the loop has used up its time. */
  over(): boolean;
  /** Waits until everything that is due has had its turn, then begins a new slice. */
  next(): Promise<void>;
}

export function slices(sliceMs: number): Slice {
  let end = performance.now() + sliceMs;
  return {
    over: () => performance.now() >= end,
    async next() {
      await setImmediate();
      end = performance.now() + sliceMs;
    },
  };
}
