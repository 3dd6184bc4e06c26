// Knows: when the server is looked at for something newer: not at every request, one look at a time, and nobody waits long for it
// where there is something older to serve.
// Must not know: what is looked at.

import { type Fault, toFault, unlessAborted } from '#spi';
import { within } from './deadline.ts';
import { isUnreachable } from './faults.ts';

export interface Looks {
  /** Looks where that is due. With something to serve it waits no longer than `waitMs`, and a look that fails is no fault; else it throws its fault. */
  freshen(ask: { readonly signal: AbortSignal }): Promise<void>;
  /** A look that begins now, or the one that goes on. Throws its fault. */
  now(ask: { readonly signal: AbortSignal }): Promise<void>;
  /** A look that begins now, after the one that goes on. Throws its fault. */
  anew(ask: { readonly signal: AbortSignal }): Promise<void>;
  /** What is there is known without a look. */
  told(): void;
  /** The next request looks, however short ago the last look is. */
  expire(): void;
  /** Somebody has waited long enough for the look that goes on, or no connection came about at the last one, which is not old. */
  outOfReach(): boolean;
  /** What the last look ended with. */
  fault(): Fault | undefined;
  /** When the look that goes on, if any, has ended. */
  ended(): Promise<void>;
}

export interface LooksOf {
  readonly maxAgeMs: number;
  readonly waitMs: number;
  look(): Promise<void>;
  /** Is there something to serve? */
  known(): boolean;
}

export function looksOf({ maxAgeMs, waitMs, look, known }: LooksOf): Looks {
  let lookedAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;
  /** Somebody has waited long enough for the look that goes on; nobody else waits for it. */
  let slow = false;
  let fault: Fault | undefined;

  const now = (): Promise<void> => {
    looking ??= look()
      .then(
        () => {
          fault = undefined;
        },
        (error: unknown) => {
          fault = toFault(error);
          throw error;
        },
      )
      .finally(() => {
        lookedAt = Date.now();
        looking = undefined;
        slow = false;
      });
    // It goes on when everybody who waits for it has left.
    looking.catch(() => {});
    return looking;
  };

  const ended = async (): Promise<void> => {
    await looking?.catch(() => {});
  };

  return {
    async freshen({ signal }) {
      signal.throwIfAborted();
      if (known() && !slow && isDue(lookedAt, maxAgeMs)) {
        const waited = within(
          now().catch(() => {}),
          waitMs,
          () => {
            slow = looking !== undefined;
          },
        );
        await unlessAborted(waited, signal);
      }
      if (!known()) await unlessAborted(now(), signal);
    },
    now: ({ signal }) => unlessAborted(now(), signal),
    async anew({ signal }) {
      await unlessAborted(ended(), signal);
      await unlessAborted(now(), signal);
    },
    told() {
      lookedAt = Date.now();
      fault = undefined;
    },
    expire() {
      lookedAt = Number.NEGATIVE_INFINITY;
    },
    outOfReach: () => slow || (isUnreachable(fault) && !isDue(lookedAt, maxAgeMs)),
    fault: () => fault,
    ended,
  };
}

/** A clock that was set back makes every age negative: then nobody knows how long ago it was. */
function isDue(lookedAt: number, maxAgeMs: number): boolean {
  const age = Date.now() - lookedAt;
  return age < 0 || age >= maxAgeMs;
}
