// Knows: which faults another attempt may mend, and how long to wait before it.
// Must not know: which calls may be repeated, and timers.

import { ExponentialBackoff, halfJitterGenerator } from 'cockatiel';
import { Fault } from '../fault.ts';

export interface RetryLimits {
  /** Further attempts. */
  readonly retries: number;
  /** Pause before the first of them, in milliseconds; it doubles, and varies by chance. */
  readonly retryMs: number;
}

/** Longest pause, in milliseconds. */
const MAX_PAUSE_MS = 30_000;

/** Faults of the kinds that may be tried again, of which a second attempt is no better: nobody waits, or a login that would be locked. */
const ONCE: ReadonlySet<string> = new Set(['cancelled', 'login', 'tls', 'closing', 'stopping']);

/**
 * Where the table says `yes`. `later` has no place here, for nobody waits so long. `maybe` means that the source has answered with an error of
 * its own: whether it would say something else the next time only somebody who knows the source can tell, so the client is told instead.
 */
function mayMend(fault: Fault): boolean {
  return fault.entry.retry === 'yes' && !fault.misconfigured && !ONCE.has(fault.code);
}

/** Pauses of one call. */
export interface Retries {
  /** Undefined: no further attempt. Else the pause before it, in milliseconds. */
  after(fault: unknown): number | undefined;
}

const NONE: Retries = { after: () => undefined };

/** Of one source: for each call that may be repeated, its attempts. */
export function createRetries({ retries, retryMs }: RetryLimits): () => Retries {
  if (retries === 0) return () => NONE;
  const pauses = new ExponentialBackoff({
    generator: halfJitterGenerator,
    initialDelay: retryMs,
    maxDelay: MAX_PAUSE_MS,
  });
  return () => {
    let made = 0;
    let pause: ReturnType<typeof pauses.next> | undefined;
    return {
      after(fault) {
        if (!(fault instanceof Fault) || made >= retries || !mayMend(fault)) return undefined;
        made++;
        pause = pause === undefined ? pauses.next() : pause.next(undefined);
        return pause.duration;
      },
    };
  };
}
