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

/**
 * `brief` holds states alone: for whoever shows no credentials. `full` has names of sources, messages and figures: for who looks after the
 * gateway.
 */
export type HealthLevel = 'brief' | 'full';

export interface HealthReport {
  /** 503 while starting and draining, and when nothing can be served. */
  readonly status: 200 | 503;
  readonly body: {
    readonly state: 'starting' | 'up' | 'degraded' | 'down' | 'draining';
    /** `brief`: how many there are in each state. */
    readonly sources: readonly SourceHealth[] | { readonly up: number; readonly down: number };
    readonly reload?: Reloaded | Pick<Reloaded, 'at' | 'problems'>;
  };
}

/** One source that is down takes nothing from the others: the gateway is degraded, and still answers. */
export function healthReport(
  sources: readonly SourceHealth[],
  level: HealthLevel = 'full',
  { phase, reload }: Standing = SERVING,
): HealthReport {
  const down = sources.filter(({ state }) => state === 'down').length;
  const state = phase === 'serving' ? stateOf(down, sources.length) : phase;
  const full = level === 'full';
  return {
    status: state === 'up' || state === 'degraded' ? 200 : 503,
    body: {
      state,
      sources: full ? sources : { up: sources.length - down, down },
      ...(reload === undefined
        ? {}
        : { reload: full ? reload : { at: reload.at, problems: reload.problems } }),
    },
  };
}

function stateOf(down: number, all: number): 'up' | 'degraded' | 'down' {
  if (down === 0) return 'up';
  return down < all ? 'degraded' : 'down';
}
