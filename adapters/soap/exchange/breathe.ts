// Knows: how a long piece of work lets others have their turn.
// Must not know: what the work is.

import { setImmediate } from 'node:timers/promises';

/** Asked between two portions of work: something to wait for once the time of a slice is used up. */
export type Breathe = () => Promise<void> | undefined;

export function breather(sliceMs: number): Breathe {
  let end = performance.now() + sliceMs;
  return () => {
    if (performance.now() < end) return undefined;
    return setImmediate().then(() => {
      end = performance.now() + sliceMs;
    });
  };
}
