// What every suite runs through once more: all guards at once, as a host has them whose operators are careful.

import type { Source } from '#spi';
import { createGuards, guardSettings } from '../../src/guard/guard.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';

/** Few turns, a breaker, further attempts, a quiet window that is not open, a budget that is enough, and somebody who observes. */
export function guarded(source: Source): Source {
  const guards = createGuards({
    ...guardSettings('guarded', DEFAULT_POLICY.source, {
      timeoutMs: 60_000,
      concurrency: 4,
      queueMs: 60_000,
      retries: 2,
      quiet: [{ from: '02:00', to: '03:00', timeZone: 'Europe/Zurich', serve: 'nothing' }],
      budget: { calls: 1_000_000_000, rows: 1_000_000_000, timeZone: 'Europe/Zurich' },
    }),
    observe: () => {},
    clock: () => NOON,
  });
  return guards.around(source, { onFault: () => {}, cache: (inner) => inner });
}

const NOON = Temporal.Instant.from('2026-11-30T12:00:00Z').epochMilliseconds;
