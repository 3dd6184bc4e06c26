// One transaction at a time: all sessions of the stand-in share one connection of SQLite. The others wait, as for a lock.

export interface Turns {
  /** Resolved when no other session is in a transaction, or the signal aborts. */
  free(session: object, signal: AbortSignal): Promise<void>;
  /** The same, and the session is in one then. */
  begin(session: object, signal: AbortSignal): Promise<void>;
  end(session: object): void;
  isIn(session: object): boolean;
}

export function turns(): Turns {
  let holder: object | undefined;
  let over = Promise.withResolvers<void>();
  const wait = async (session: object, signal: AbortSignal, then: () => void): Promise<void> => {
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    while (holder !== undefined && holder !== session && !signal.aborted) {
      await Promise.race([over.promise, aborted]);
    }
    // At once: another that waited must see it.
    if (!signal.aborted) then();
  };
  return {
    free: (session, signal) => wait(session, signal, () => {}),
    begin: (session, signal) =>
      wait(session, signal, () => {
        holder = session;
      }),
    end(session) {
      if (holder !== session) return;
      holder = undefined;
      over.resolve();
      over = Promise.withResolvers<void>();
    },
    isIn: (session) => holder === session,
  };
}
