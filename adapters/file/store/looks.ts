// Knows: that a look at a place for files is taken by one at a time, and who comes meanwhile.
// Must not know: what is looked at.

/**
 * The same look for all that ask for it. Who comes while somebody looks waits for the look after that: what he is after may have come too
 * late for the one that goes on.
 */
export function oneAtATime<Seen>(look: () => Promise<Seen>): Looks<Seen> {
  let running: Promise<Seen> | undefined;
  let next: Promise<Seen> | undefined;
  const start = (): Promise<Seen> => {
    const looking = look().finally(() => {
      if (running === looking) running = undefined;
    });
    running = looking;
    // It goes on when everybody who waits for it has left.
    looking.catch(() => {});
    return looking;
  };
  return {
    look() {
      if (running === undefined) return start();
      next ??= running
        .catch(() => {})
        .then(() => {
          next = undefined;
          return start();
        });
      next.catch(() => {});
      return next;
    },
    async ended() {
      await next?.catch(() => {});
      await running?.catch(() => {});
    },
  };
}

export interface Looks<Seen> {
  look(): Promise<Seen>;
  /** Resolves when nobody looks any more. */
  ended(): Promise<void>;
}
