// Knows: when somebody looks whether there is a newer version: now and then while somebody waits for one, once for all who wait.
// Must not know: what a version is, what is told of it.

import { unlessAborted } from '#spi';

export interface Looker extends Disposable {
  /** Resolves when another version than `name` is seen. */
  other(name: string, ask: { readonly signal: AbortSignal }): Promise<void>;
  /** Somebody has looked himself, or was told. */
  saw(name: string): void;
}

interface Waiting {
  readonly name: string;
  readonly resolve: () => void;
}

/** `look`: name of the newest version. Where it fails there is nothing to see: whoever reads is told why. */
export function lookerOf(look: () => Promise<string>, everyMs: number): Looker {
  const waiting = new Set<Waiting>();
  let timer: NodeJS.Timeout | undefined;
  let disposed = false;

  const saw = (name: string): void => {
    for (const one of waiting) if (one.name !== name) one.resolve();
  };
  const arm = (): void => {
    if (timer !== undefined || waiting.size === 0 || disposed) return;
    timer = setTimeout(async () => {
      try {
        saw(await look());
      } catch {
      } finally {
        timer = undefined;
        arm();
      }
    }, everyMs);
    timer.unref();
  };

  return {
    saw,
    async other(name, { signal }) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const one: Waiting = { name, resolve };
      waiting.add(one);
      arm();
      try {
        await unlessAborted(promise, signal);
      } finally {
        waiting.delete(one);
      }
    },
    [Symbol.dispose]() {
      disposed = true;
      clearTimeout(timer);
    },
  };
}
