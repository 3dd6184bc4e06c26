// Knows: what the states of the sources mean for the gateway as a whole.
// Must not know: how the states came about.

import type { SourceHealth } from '../query/request.ts';

export interface HealthReport {
  /** 503 only when nothing can be served. */
  readonly status: 200 | 503;
  readonly body: {
    readonly state: 'up' | 'degraded' | 'down';
    readonly sources: readonly SourceHealth[];
  };
}

/** One source that is down takes nothing from the others: the gateway is degraded, and still answers. */
export function healthReport(sources: readonly SourceHealth[]): HealthReport {
  const down = sources.filter(({ state }) => state === 'down').length;
  if (down === 0) return { status: 200, body: { state: 'up', sources } };
  return down < sources.length
    ? { status: 200, body: { state: 'degraded', sources } }
    : { status: 503, body: { state: 'down', sources } };
}
