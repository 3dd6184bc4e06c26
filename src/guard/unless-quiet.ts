// Knows: hours in which nothing is answered at all, not even what is at hand.
// Must not know: when that is, and where answers come from.

import type { Fault } from '../fault.ts';
import type { Batch, Source } from '../spi.ts';
import { decorated, decoratedAccess } from './decorated.ts';

/** Refuses reads, counts and calls of operations before they reach what answers in place of the source. `refusal`: absent, it may answer. */
export function unlessQuiet(source: Source, refusal: () => Fault | undefined): Source {
  const check = (): void => {
    const fault = refusal();
    if (fault !== undefined) throw fault;
  };
  return decorated(source, {
    access: (access) =>
      decoratedAccess(access, {
        read: (read) => (ask) => {
          const fault = refusal();
          return fault === undefined ? read(ask) : refused(fault);
        },
        count: (count) => async (ask) => {
          check();
          return await count(ask);
        },
      }),
    invoke: (invoke) => async (operation, input, how) => {
      check();
      return await invoke(operation, input, how);
    },
  });
}

// biome-ignore lint/correctness/useYield: it ends before its first batch.
async function* refused(fault: Fault): AsyncGenerator<Batch> {
  throw fault;
}
