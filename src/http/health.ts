// Knows: what the states of the sources and the life of the server mean for whoever asks how the gateway is.
// Must not know: how the states came about, who may see what of them.

import type { SourceHealth } from '../query/request.ts';

/** Where the server is in its life, and how the last reading of its configuration ended. */
export interface Standing {
  readonly phase: 'starting' | 'serving' | 'draining';
  readonly reload?: Reloaded;
}

/** What became of a configuration that was read again. */
export interface Reloaded {
  /** Instant. */
  readonly at: string;
  /** 0: it serves; else the one before goes on. */
  readonly problems: number;
  /** The problems with their places in the file, or what else there is to say. Holds no secret. */
  readonly notes: readonly string[];
}

export const SERVING: Standing = { phase: 'serving' };

/** What is told on a page of the health. */
export interface HealthReport {
  /** 503 while starting and draining, and when nothing can be served. */
  readonly status: 200 | 503;
  readonly body: {
    readonly state: 'starting' | 'up' | 'degraded' | 'down' | 'draining';
    readonly sources: readonly SourceHealth[];
    readonly reload?: Reloaded;
  };
}

/** One source that is down takes nothing from the others: the gateway is degraded, and still answers. */
export function healthReport(
  sources: readonly SourceHealth[],
  { phase, reload }: Standing = SERVING,
): HealthReport {
  const down = sources.filter(({ state }) => state === 'down').length;
  const state = phase === 'serving' ? stateOf(down, sources.length) : phase;
  return {
    status: state === 'up' || state === 'degraded' ? 200 : 503,
    body: { state, sources, ...(reload === undefined ? {} : { reload }) },
  };
}

export const HEALTH_PATHS = ['/health', '/health/live', '/health/ready'] as const;

/** A page of the health: `body` is JSON. */
export interface HealthPage {
  readonly status: 200 | 503;
  readonly body: HealthReport['body'] | Pick<HealthReport['body'], 'state'>;
}

/**
 * What a path says of the health; undefined where it says nothing. `/health/live`: that it is answered at all is the answer, also while draining,
 * for who restarts what is not live would cut what still runs. `/health/ready` is the state alone, and names nothing.
 */
export function healthPage(path: string, report: () => HealthReport): HealthPage | undefined {
  switch (path) {
    case '/health/live':
      return { status: 200, body: { state: 'up' } };
    case '/health/ready': {
      const { status, body } = report();
      return { status, body: { state: body.state } };
    }
    case '/health':
      return report();
    default:
      return undefined;
  }
}

function stateOf(down: number, all: number): 'up' | 'degraded' | 'down' {
  if (down === 0) return 'up';
  return down < all ? 'degraded' : 'down';
}
