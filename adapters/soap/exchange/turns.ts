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
      if (running < most) {
        running++;
        return end;
      }
      const { promise, resolve, reject } = Promise.withResolvers<() => void>();
      // Both at once, and not when the waiting one goes on: nobody in between may be first, and nobody who has left is let in.
      const enter = (): void => {
        waiting.delete(enter);
        signal.removeEventListener('abort', leave);
        running++;
        resolve(end);
      };
      const leave = (): void => {
        waiting.delete(enter);
        reject(signal.reason);
      };
      waiting.add(enter);
      signal.addEventListener('abort', leave, { once: true });
      return await promise;
    },
  };
}
