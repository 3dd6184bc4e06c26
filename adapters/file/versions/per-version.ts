// Knows: that what is found out about a version is found out once, and forgotten with it.
// Must not know: what that is.

import { Fault } from '#spi';

export interface PerVersion<Of, Made> {
  /** `gone`: when the version is; absent: it is forgotten when another is asked for. */
  of(version: string, of: Of, gone: Promise<void> | undefined): Promise<Made>;
  /** Nothing is under way any more. */
  settled(): Promise<void>;
}

/** `make` is asked once for each version; once more where it failed for another reason than bad data (`corrupt`), which stay bad. */
export function perVersion<Of, Made>(make: (of: Of) => Promise<Made>): PerVersion<Of, Made> {
  const known = new Map<string, Promise<Made>>();
  /** The one that nobody says anything of. */
  let last: string | undefined;
  return {
    of(version, of, gone) {
      const before = known.get(version);
      if (before !== undefined) return before;
      const made = make(of);
      const forget = (): void => {
        if (known.get(version) === made) known.delete(version);
      };
      made.catch((error: unknown) => {
        if (!(error instanceof Fault && error.kind === 'corrupt')) forget();
      });
      known.set(version, made);
      if (gone === undefined) {
        if (last !== version && last !== undefined) known.delete(last);
        last = version;
      } else void gone.then(forget);
      return made;
    },
    async settled() {
      await Promise.allSettled(known.values());
    },
  };
}
