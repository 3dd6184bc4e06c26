// Knows: hours in which nothing is answered at all, not even what is at hand.
// Must not know: when that is, and where answers come from.

import type { Fault } from '../fault.ts';
import type { Source } from '../spi.ts';
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
        read: (read) =>
          async function* (ask) {
            check();
            yield* read(ask);
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
