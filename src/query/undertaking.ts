// Knows: what is noted of the changes that a request has a source make, for who must know whether the request may be carried out again.
// Must not know: who makes changes, who wants to know.

import type { Fault } from '../fault.ts';

/** One of a request. Each attempt at a change begins, and is then made, or has failed; an attempt that is only begun may be made still. */
export interface Undertaking {
  /** The source is going to be told. */
  begun(): void;
  made(): void;
  failed(fault: Fault): void;
}

/** `untouched`: no source was told of anything, or none has made anything. `settled`: it is known what was done. */
export type Touched = 'untouched' | 'settled' | 'unknown';

export interface Ledger extends Undertaking {
  touched(): Touched;
}

/**
 * What is known of a request's changes. A fault that a client has to answer for (4xx) was the source's refusal: final, and nothing was made.
 * Of the others a source's `write` promises that nothing was made but for `outcome-unknown`; an operation promises nothing.
 */
export function ledger(onNews: () => void): Ledger {
  let pending = 0;
  let settled = 0;
  let unknown = false;
  return {
    begun: () => {
      pending++;
    },
    made: () => {
      pending--;
      settled++;
      onNews();
    },
    failed(fault) {
      pending--;
      if (UNKNOWN.has(fault.code) || fault.kind === 'timeout' || fault.kind === 'internal') unknown = true;
      else if (fault.entry.status < 500 && fault.kind !== 'throttled') settled++;
      onNews();
    },
    touched() {
      if (pending > 0) return 'unknown';
      // What is known is told once and for all, with whatever its answer says of a part that nobody knows of.
      if (settled > 0) return 'settled';
      return unknown ? 'unknown' : 'untouched';
    },
  };
}

/** A call that was broken off may have been heard. */
const UNKNOWN: ReadonlySet<string> = new Set(['outcome-unknown', 'cancelled', 'stopping']);
