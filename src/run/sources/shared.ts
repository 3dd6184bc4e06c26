// Knows: how something with a life of its own is held by several at once, and ends when the last of them lets go.
// Must not know: what it is.

/** One holder's part in a shared thing. */
export interface Hold<T> {
  readonly thing: T;
  /** Whether it was made for this holder. */
  readonly fresh: boolean;
  /** The last of its holders to let go disposes it, and waits for that. Once for each hold; a second time does nothing. */
  release(): Promise<void>;
}

/** Its own end disposes everything that is held still. */
export interface Shared<T extends AsyncDisposable> extends AsyncDisposable {
  /**
   * The thing of that name that somebody holds already, if `same` says that it is what is wanted; else `make` makes another one, which stands
   * beside it until nobody holds the older one.
   */
  hold(name: string, same: (thing: T) => boolean | Promise<boolean>, make: () => T): Promise<Hold<T>>;
}

interface Entry<T> {
  readonly thing: T;
  holders: number;
}

export function createShared<T extends AsyncDisposable>(): Shared<T> {
  /** By name, the newest first: whoever goes back to what was there before finds it while it is still held. */
  const living = new Map<string, readonly Entry<T>[]>();

  let ended = false;

  const hold = (name: string, entry: Entry<T>, fresh: boolean): Hold<T> => {
    entry.holders++;
    let held = true;
    return {
      thing: entry.thing,
      fresh,
      async release() {
        if (!held) return;
        held = false;
        entry.holders--;
        if (entry.holders > 0) return;
        living.set(
          name,
          (living.get(name) ?? []).filter((other) => other !== entry),
        );
        if (!ended) await entry.thing[Symbol.asyncDispose]();
      },
    };
  };

  return {
    async hold(name, same, make) {
      for (const entry of living.get(name) ?? []) {
        // While it was looked at, its last holder may have let go.
        if ((await same(entry.thing)) && entry.holders > 0) return hold(name, entry, false);
      }
      const entry: Entry<T> = { thing: make(), holders: 0 };
      living.set(name, [entry, ...(living.get(name) ?? [])]);
      return hold(name, entry, true);
    },
    async [Symbol.asyncDispose]() {
      if (ended) return;
      ended = true;
      const all = [...living.values()].flat();
      await Promise.allSettled(all.map(({ thing }) => thing[Symbol.asyncDispose]()));
    },
  };
}
