// Knows: what the states of the sources are as numbers.
// Must not know: how the states came about, who scrapes.

import type { Gauge } from 'prom-client';
import type { SourceHealth } from '../query/request.ts';

type MakeGauge = <const Name extends string>(
  name: string,
  help: string,
  labelNames?: readonly Name[],
) => Gauge<Name>;

const BREAKER_STATES = ['closed', 'open', 'half-open'] as const;

/** Read when somebody asks, so that nothing need be told in between. A source that is gone is gone here too. */
export function createGauges(gauge: MakeGauge): (sources: readonly SourceHealth[]) => void {
  const up = gauge('source_up', '1 while the source can be asked', ['source', 'adapter']);
  const breaker = gauge('source_breaker_state', '1 for the state that the circuit breaker is in', [
    'source',
    'state',
  ]);
  const running = gauge('source_calls_running', 'Calls under way', ['source']);
  const queued = gauge('source_calls_queued', 'Calls that wait for their turn', ['source']);
  const budget = gauge('source_budget_left', 'What is left of the day', ['source', 'of']);
  const quiet = gauge('source_quiet', '1 while the source is in a quiet window', ['source']);
  const all = [up, breaker, running, queued, budget, quiet];
  return (sources) => {
    for (const one of all) one.reset();
    for (const { source, adapter, state, guards } of sources) {
      up.set({ source, adapter }, state === 'up' ? 1 : 0);
      if (guards === undefined) continue;
      for (const one of BREAKER_STATES) breaker.set({ source, state: one }, guards.breaker === one ? 1 : 0);
      running.set({ source }, guards.running);
      queued.set({ source }, guards.queued);
      quiet.set({ source }, guards.quietUntil === undefined ? 0 : 1);
      const { calls, rows } = guards.budget ?? {};
      if (calls !== undefined) budget.set({ source, of: 'calls' }, calls);
      if (rows !== undefined) budget.set({ source, of: 'rows' }, rows);
    }
  };
}
