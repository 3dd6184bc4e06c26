// Knows: which changes of a source are being carried out, so that its end can wait for them.
// Must not know: what they change, and how long anybody waits.

import { decorated } from '../guard/guard.ts';
import type { Source } from '../spi.ts';

export interface Finishing {
  readonly source: Source;
  /** When all changes that run now have ended, however. */
  finished(): Promise<void>;
}

/** The same source; writes and calls of operations are taken note of, also when nobody waits for them any more. */
export function finishing(source: Source): Finishing {
  const running = new Set<Promise<unknown>>();
  const noted = <T>(change: Promise<T>): Promise<T> => {
    const ended: Promise<unknown> = change.catch(() => {}).finally(() => running.delete(ended));
    running.add(ended);
    return change;
  };
  return {
    source: decorated(source, {
      write: (write) => (changes, how) => noted(write(changes, how)),
      invoke: (invoke) => (operation, input, how) => noted(invoke(operation, input, how)),
    }),
    async finished() {
      await Promise.all(running);
    },
  };
}
