// Knows: how many calls of one source run at the same time, and who waits for his turn, in which order and how long.
// Must not know: what is called.

import { Fault } from '../fault.ts';

export interface TurnLimits {
  readonly source: string;
  /** Calls at the same time. */
  readonly concurrency: number;
  /** Calls that may wait. */
  readonly queue: number;
  /** Longest wait, in milliseconds. */
  readonly queueMs: number;
}

/**
 * A read of related rows is within the read of the rows that they belong to, which goes on behind it: if the two waited for each other, neither
 * would end. So reads within others have slots of their own, as many again.
 */
export type Lane = 'own' | 'within';

export interface Turns {
  /**
   * Undefined: it is your turn. Else a promise of it, first come, first served; it is rejected by `queue-timeout`, and by the signal's reason.
   * Throws `queue-full` at once. Whoever had a turn calls `leave`.
   */
  enter(signal: AbortSignal, lane: Lane): undefined | Promise<void>;
  leave(lane: Lane): void;
  running(): number;
  queued(): number;
}

interface Slots {
  running: number;
  /** In order of their coming; each is told that it is its turn. */
  readonly waiting: Set<() => void>;
}

export function createTurns({ source, concurrency, queue, queueMs }: TurnLimits): Turns {
  const lanes: Readonly<Record<Lane, Slots>> = {
    own: { running: 0, waiting: new Set() },
    within: { running: 0, waiting: new Set() },
  };
  const queued = (): number => lanes.own.waiting.size + lanes.within.waiting.size;
  return {
    enter(signal, lane) {
      const slots = lanes[lane];
      if (slots.running < concurrency) {
        slots.running++;
        return undefined;
      }
      if (queueMs === 0 || queued() >= queue) throw full(source);
      return waitFor(slots, signal, queueMs, source);
    },
    leave(lane) {
      const slots = lanes[lane];
      const [next] = slots.waiting;
      // The slot goes from hand to hand: nobody who comes meanwhile finds it free.
      if (next === undefined) slots.running--;
      else next();
    },
    running: () => lanes.own.running + lanes.within.running,
    queued,
  };
}

function waitFor({ waiting }: Slots, signal: AbortSignal, queueMs: number, source: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const over = (): void => {
      waiting.delete(called);
      clearTimeout(timer);
      signal.removeEventListener('abort', left);
    };
    const called = (): void => {
      over();
      resolve();
    };
    const left = (): void => {
      over();
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      over();
      reject(
        new Fault('unavailable', `The source has so much to do that no turn came within ${queueMs} ms`, {
          code: 'queue-timeout',
          source,
        }),
      );
    }, queueMs);
    waiting.add(called);
    if (signal.aborted) left();
    else signal.addEventListener('abort', left, { once: true });
  });
}

function full(source: string): Fault {
  return new Fault('unavailable', 'The source has so much to do that nobody may wait for it any more', {
    code: 'queue-full',
    source,
  });
}
