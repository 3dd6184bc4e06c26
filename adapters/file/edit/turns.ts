// Knows: that one comes after the other, in the order in which they came.
// Must not know: what they do in their turn.

import { unlessAborted } from '#spi';

export interface Turns {
  /** Waits until everybody who came earlier has disposed of his turn. */
  take(name: string, ask: { readonly signal: AbortSignal }): Promise<Disposable>;
  /** Is it somebody's turn? */
  isTaken(name: string): boolean;
}

export function turns(): Turns {
  /** For each name, when the last who came has left. */
  const last = new Map<string, Promise<void>>();
  return {
    isTaken: (name) => last.has(name),
    async take(name, { signal }) {
      signal.throwIfAborted();
      const before = last.get(name) ?? Promise.resolve();
      const { promise: left, resolve: leave } = Promise.withResolvers<void>();
      // Who goes away while he waits lets nobody pass those before him.
      const both = before.then(() => left);
      last.set(name, both);
      both.then(() => {
        if (last.get(name) === both) last.delete(name);
      });
      try {
        await unlessAborted(before, signal);
      } catch (error) {
        leave();
        throw error;
      }
      return { [Symbol.dispose]: leave };
    },
  };
}
