// Knows: that a file which has just changed may still be written to.
// Must not know: where files are, what happens to one that is not settled.

import { settledAfter } from '../store/settled.ts';

/** What a listing and a file that is open both tell. */
export interface Stamp {
  /** In bytes. */
  readonly size: number;
  /** Seconds since 1970, as the server's clock says. */
  readonly changedAt: number;
}

export interface Settling {
  /** By the time of change, or, for a server whose clock is ahead, because the file has looked the same for so long. */
  settled(stamp: Stamp): boolean;
}

export function settlingFor(settleMs: number): Settling {
  const settled = settledAfter(settleMs);
  return {
    settled: ({ size, changedAt }) =>
      settled({ version: `${size}-${changedAt}`, changedAt: changedAt * 1000 }),
  };
}

export function isUnchanged(before: Stamp | undefined, now: Stamp): boolean {
  return before?.size === now.size && before.changedAt === now.changedAt;
}
