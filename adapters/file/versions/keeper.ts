// Knows: how many versions that were replaced may stay open, and how long: those that nobody asked for the longest give way.
// Must not know: what a version is.

/** Something that can be kept for a while. */
export interface Keepable {
  /** What keeping it takes. */
  readonly bytes: number;
  /** It is not kept any more. */
  drop(): Promise<void>;
}

export interface Keeping {
  /** How long after it was last asked for, in milliseconds; 0: nothing is kept. */
  readonly forMs: number;
  /** How many at once. */
  readonly most: number;
  /** Their sizes together; the one that was asked for last is kept whatever its size. */
  readonly maxBytes: number;
}

export interface Keeper extends AsyncDisposable {
  /** From now on. */
  keep(one: Keepable): void;
  /** Somebody asked for it: it is kept for another while. What is not kept does not matter. */
  touch(one: Keepable): void;
  /** It need not be kept any more; it is not dropped. */
  forget(one: Keepable): void;
}

/** `now`: a clock in milliseconds that nobody sets back. Disposing it drops what is kept; then nothing is kept any more. */
export function keeperOf(
  { forMs, most, maxBytes }: Keeping,
  now: () => number = () => performance.now(),
): Keeper {
  /** With the time until which each is kept; the first goes first. */
  const kept = new Map<Keepable, number>();
  let bytes = 0;
  let timer: NodeJS.Timeout | undefined;
  let disposed = false;

  const forget = (one: Keepable): void => {
    if (kept.delete(one)) bytes -= one.bytes;
  };
  const keep = (one: Keepable): void => {
    forget(one);
    kept.set(one, now() + forMs);
    bytes += one.bytes;
  };
  const drop = async (one: Keepable): Promise<void> => {
    forget(one);
    await one.drop();
  };
  const trim = (): void => {
    for (const [one, until] of kept) {
      const tooMuch = kept.size > most || (bytes > maxBytes && kept.size > 1);
      if (!tooMuch && until > now()) break;
      void drop(one);
    }
    arm();
  };
  const arm = (): void => {
    clearTimeout(timer);
    const [first] = kept.values();
    timer = first === undefined ? undefined : setTimeout(trim, Math.max(1, Math.ceil(first - now())));
    timer?.unref();
  };

  return {
    keep(one) {
      if (disposed) return void one.drop();
      keep(one);
      trim();
    },
    touch(one) {
      if (kept.has(one)) keep(one);
    },
    forget,
    async [Symbol.asyncDispose]() {
      disposed = true;
      clearTimeout(timer);
      for (const one of [...kept.keys()]) await drop(one);
    },
  };
}
