// Knows: which changes of a source are being carried out, so that its end can wait for them.
// Must not know: what they change, and how long anybody waits.

import type { Source } from '../spi.ts';

export interface Finishing {
  readonly source: Source;
  /** When all changes that run now have ended, however. */
  finished(): Promise<void>;
}

/** The same source; writes and calls of operations are taken note of, also when nobody waits for them any more. */
export function finishing(source: Source): Finishing {
  const { write, invoke } = source;
  if (write === undefined && invoke === undefined) return { source, finished: async () => {} };
  const running = new Set<Promise<unknown>>();
  const noted = <T>(change: Promise<T>): Promise<T> => {
    const ended: Promise<unknown> = change.catch(() => {}).finally(() => running.delete(ended));
    running.add(ended);
    return change;
  };
  return {
    source: {
      ...source,
      ...(write === undefined ? {} : { write: (changes, how) => noted(write.call(source, changes, how)) }),
      ...(invoke === undefined
        ? {}
        : { invoke: (operation, input, how) => noted(invoke.call(source, operation, input, how)) }),
    },
    async finished() {
      await Promise.all(running);
    },
  };
}
