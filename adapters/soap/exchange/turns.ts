// Knows: how many may go on at the same time; the others wait in the order in which they came.
// Must not know: with what.

export interface Turns {
  /** Resolves with what ends the turn. Rejects with the signal's reason; nothing is taken then. */
  take(signal: AbortSignal): Promise<() => void>;
}

export function turns(most: number): Turns {
  let running = 0;
  const waiting = new Set<() => void>();
  const end = (): void => {
    running--;
    const [next] = waiting;
    next?.();
  };
  return {
    async take(signal) {
      signal.throwIfAborted();
      if (running >= most) {
        const { promise, resolve, reject } = Promise.withResolvers<void>();
        const leave = (): void => reject(signal.reason);
        // Taken here and not when the waiting one goes on: nobody who comes in between may be first.
        const enter = (): void => {
          waiting.delete(enter);
          running++;
          resolve();
        };
        waiting.add(enter);
        signal.addEventListener('abort', leave, { once: true });
        try {
          await promise;
        } finally {
          waiting.delete(enter);
          signal.removeEventListener('abort', leave);
        }
      } else {
        running++;
      }
      return end;
    },
  };
}
