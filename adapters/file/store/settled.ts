// Knows: when a file may still be written to: until it has not changed for a while.
// Must not know: where the file is, what is in it.

import { Fault } from '#spi';

export interface Seen {
  readonly version: string;
  /** Milliseconds since 1970, as the clock of the file's place says. */
  readonly changedAt: number;
}

/** By the time of change, or, for a place whose clock is ahead, because the file has looked the same for so long. */
export function settledAfter(settleMs: number, now: () => number = Date.now): (seen: Seen) => boolean {
  let first: { readonly version: string; readonly at: number } | undefined;
  return ({ version, changedAt }) => {
    const at = now();
    if (first?.version !== version) first = { version, at };
    return at - changedAt >= settleMs || at - first.at >= settleMs;
  };
}

/** The versions that were made here: nobody is still writing them. */
export interface OwnVersions {
  add(file: string, version: string): void;
  has(file: string, version: string): boolean;
}

/** Each is known until it has settled by its age. */
export function ownVersions(settleMs: number, now: () => number = Date.now): OwnVersions {
  const known = new Map<string, { readonly version: string; readonly at: number }>();
  return {
    add(file, version) {
      const at = now();
      known.delete(file);
      for (const [other, { at: then }] of known) {
        // Twice the time: the clock of a file system may be behind.
        if (at - then < 2 * settleMs) break;
        known.delete(other);
      }
      known.set(file, { version, at });
    },
    has: (file, version) => known.get(file)?.version === version,
  };
}

/** `what`: the file, and where it is. */
export function unsettled(what: string, settleMs: number): Fault {
  return new Fault('unavailable', `${what} may still be written to`, {
    code: 'file-unsettled',
    hint: `It is served when it has not changed for ${settleMs} ms ("settleMs").`,
  });
}
