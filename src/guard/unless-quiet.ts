// Knows: hours in which nothing is answered at all, not even what is at hand.
// Must not know: when that is, and where answers come from.

import type { Fault } from '../fault.ts';
import type { Access, Batch, Source } from '../spi.ts';

// biome-ignore lint/correctness/useYield: it ends before its first batch.
async function* refused(fault: Fault): AsyncGenerator<Batch> {
  throw fault;
}

/** Refuses reads, counts and calls of operations before they reach what answers in place of the source. `refusal`: absent, it may answer. */
export function unlessQuiet(source: Source, refusal: () => Fault | undefined): Source {
  const { invoke } = source;
  const check = (): void => {
    const fault = refusal();
    if (fault !== undefined) throw fault;
  };
  const quietly = (access: Access): Access => {
    const { count } = access;
    return {
      ...access,
      read(ask) {
        const fault = refusal();
        return fault === undefined ? access.read(ask) : refused(fault);
      },
      ...(count === undefined
        ? {}
        : {
            async count(ask) {
              check();
              return await count.call(access, ask);
            },
          }),
    };
  };
  return {
    ...source,
    access: (query) => quietly(source.access(query)),
    ...(invoke === undefined
      ? {}
      : {
          async invoke(operation, input, how) {
            check();
            return await invoke.call(source, operation, input, how);
          },
        }),
  };
}
