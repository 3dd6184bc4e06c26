import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { healthReport, type Standing } from '../../src/http/health.ts';
import type { SourceHealth } from '../../src/query/request.ts';

function source(name: string, state: 'up' | 'down'): SourceHealth {
  const fault = { kind: 'unavailable', code: 'unavailable', message: `${name} at 10.0.0.7 is gone` } as const;
  return {
    source: name,
    adapter: 'memory',
    state,
    since: '2026-11-30T00:00:00.000Z',
    ...(state === 'down' ? { fault, lastFault: { at: '2026-11-30T00:00:00.000Z', ...fault } } : {}),
  };
}

const up = source('core', 'up');
const down = source('ledger', 'down');
const at = '2026-11-30T00:00:00.000Z';

describe('the health report', () => {
  const states: readonly (readonly [sources: readonly SourceHealth[], state: string, status: number])[] = [
    [[], 'up', 200],
    [[up], 'up', 200],
    [[up, down], 'degraded', 200],
    [[down], 'down', 503],
  ];
  for (const [sources, state, status] of states) {
    it(`is ${state} with ${sources.length} sources, and ${status}`, () => {
      const report = healthReport(sources);
      assert.deepEqual([report.body.state, report.status], [state, status]);
    });
  }

  it('while starting and draining it is not ready, however the sources are', () => {
    for (const phase of ['starting', 'draining'] as const) {
      const { status, body } = healthReport([up], 'brief', { phase });
      assert.deepEqual([status, body.state], [503, phase]);
    }
  });

  it('in brief has counts alone: no name, no message, no place in a file', () => {
    const standing: Standing = {
      phase: 'serving',
      reload: { at, problems: 2, notes: ['bank.yaml:3:4 sources.ledger: …'] },
    };
    assert.deepEqual(healthReport([up, down], 'brief', standing).body, {
      state: 'degraded',
      sources: { up: 1, down: 1 },
      reload: { at, problems: 2 },
    });
    assert.deepEqual(healthReport([up, down], 'full', standing).body, {
      state: 'degraded',
      sources: [up, down],
      reload: standing.reload,
    });
  });
});
