import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { healthPage, healthReport, type Standing } from '../../src/http/health.ts';
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
      const { status, body } = healthReport([up], { phase });
      assert.deepEqual([status, body.state], [503, phase]);
    }
  });

  it('is told whole at /health; at /health/ready the state alone: no name, no message, no place in a file', () => {
    const standing: Standing = {
      phase: 'serving',
      reload: { at, problems: 2, notes: ['bank.yaml:3:4 sources.ledger: …'] },
    };
    const report = () => healthReport([up, down], standing);
    assert.deepEqual(healthPage('/health', report), {
      status: 200,
      body: { state: 'degraded', sources: [up, down], reload: standing.reload },
    });
    assert.deepEqual(healthPage('/health/ready', report), { status: 200, body: { state: 'degraded' } });
  });

  it('is not asked for whether the process lives', () => {
    const report = () => assert.fail('nobody asks how the sources are');
    assert.deepEqual(healthPage('/health/live', report), { status: 200, body: { state: 'up' } });
    assert.equal(healthPage('/health/else', report), undefined);
  });
});
