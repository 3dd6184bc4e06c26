// Knows: how long somebody waits for a host that says nothing. A copy goes on when the request that began it has left, so no
// request's deadline covers it.
// Must not know: what is waited for.

/** The promise's outcome; if `ms` pass before it, `late` is called and decides: its value is the outcome, or it throws. */
export async function within<T>(promise: Promise<T>, ms: number, late: () => T): Promise<T> {
  const { promise: expired, resolve, reject } = Promise.withResolvers<T>();
  const timer = setTimeout(() => {
    try {
      resolve(late());
    } catch (error) {
      reject(error);
    }
  }, ms);
  try {
    return await Promise.race([promise, expired]);
  } finally {
    clearTimeout(timer);
  }
}

/** Before a host that went away is asked once more. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Calls `silent` when `heard` was not called for `ms` while something is `awaited`. */
export interface Patience {
  awaited<T>(answer: Promise<T>): Promise<T>;
  stop(): void;
}

export function patience(ms: number, silent: () => void): Patience {
  let waiting = 0;
  let timer: NodeJS.Timeout | undefined;
  const arm = () => {
    clearTimeout(timer);
    timer = waiting > 0 ? setTimeout(silent, ms) : undefined;
  };
  return {
    async awaited(answer) {
      waiting++;
      if (waiting === 1) arm();
      try {
        return await answer;
      } finally {
        waiting--;
        arm();
      }
    },
    stop() {
      clearTimeout(timer);
    },
  };
}
