import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '../../src/fault.ts';
import type { Observation } from '../../src/observe.ts';
import type { SourceHealth } from '../../src/query/request.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { watchedBank } from './bank.ts';

type Request = Extract<Observation, { readonly kind: 'request' }>;

const REQUEST: Request = {
  kind: 'request',
  requestId: 'r1',
  method: 'GET',
  path: '/api/customers/4711',
  route: '/api/customers/{key}',
  status: 200,
  durationMs: 30,
  bytes: 512,
  client: 'somebody',
};
const CALL: Observation = {
  kind: 'call',
  source: 'bank',
  what: 'read',
  target: 'customers',
  durationMs: 20,
  queuedMs: 500,
  attempts: 2,
  rows: 7,
  outcome: 'ok',
};
const UP: SourceHealth = {
  source: 'bank',
  adapter: 'sqlite',
  state: 'up',
  since: '2026-01-01T00:00:00Z',
  guards: { breaker: 'half-open', running: 3, queued: 2, budget: { calls: 9 } },
};

function gatewayOf(sources: readonly SourceHealth[]) {
  return { health: () => sources, cached: () => ({ answers: 2, bytes: 4_096 }) };
}

async function measured(
  observations: readonly Observation[],
  sources: readonly SourceHealth[] = [],
): Promise<readonly string[]> {
  const metrics = createMetrics('1.2.3');
  for (const observation of observations) metrics.observe(observation);
  return (await metrics.text(gatewayOf(sources))).split('\n');
}

function has(lines: readonly string[], line: string): void {
  assert.ok(
    lines.includes(line),
    `${line}\n\n${lines.filter((one) => one.startsWith('overpunch')).join('\n')}`,
  );
}

describe('metrics', () => {
  it('requests are counted and timed by route, not by path, and not by client', async () => {
    const lines = await measured([{ kind: 'begun' }, { kind: 'begun' }, REQUEST]);
    const labels = 'surface="rest",route="/api/customers/{key}",method="GET",status="2xx"';
    has(lines, `overpunch_http_request_duration_seconds_count{${labels}} 1`);
    has(lines, `overpunch_http_request_duration_seconds_sum{${labels}} 0.03`);
    has(lines, 'overpunch_http_requests_in_flight 1');
    has(lines, 'overpunch_http_response_bytes_total{surface="rest"} 512');
    assert.doesNotMatch(lines.join('\n'), /4711|somebody/);
  });

  it('no client makes series: methods, statuses and routes are closed lists', async () => {
    const seen = Array.from(
      { length: 500 },
      (_, i): Observation => ({
        ...REQUEST,
        path: `/x${i}`,
        route: 'other',
        method: i % 2 === 0 ? 'PROPFIND' : 'LINK',
        status: 400 + (i % 90),
      }),
    );
    const lines = await measured(seen);
    const series = lines.filter((line) => line.startsWith('overpunch_http_request_duration_seconds_count'));
    assert.deepEqual(series, [
      'overpunch_http_request_duration_seconds_count{surface="page",route="other",method="other",status="4xx"} 500',
    ]);
  });

  it('calls of sources tell rows, attempts, waiting and outcome', async () => {
    const lines = await measured([CALL, { ...CALL, outcome: 'timeout', rows: 0 }]);
    has(lines, 'overpunch_source_call_duration_seconds_count{source="bank",what="read",outcome="ok"} 1');
    has(lines, 'overpunch_source_call_duration_seconds_count{source="bank",what="read",outcome="timeout"} 1');
    has(lines, 'overpunch_source_attempts_total{source="bank",what="read"} 4');
    has(lines, 'overpunch_source_rows_total{source="bank",what="read"} 7');
    has(lines, 'overpunch_source_queued_seconds_total{source="bank",what="read"} 1');
  });

  it('what sources are now is read when somebody looks; one that is gone is gone', async () => {
    const metrics = createMetrics('1.2.3');
    const lines = (await metrics.text(gatewayOf([UP]))).split('\n');
    has(lines, 'overpunch_source_up{source="bank",adapter="sqlite"} 1');
    has(lines, 'overpunch_source_breaker_state{source="bank",state="half-open"} 1');
    has(lines, 'overpunch_source_breaker_state{source="bank",state="open"} 0');
    has(lines, 'overpunch_source_calls_running{source="bank"} 3');
    has(lines, 'overpunch_source_calls_queued{source="bank"} 2');
    has(lines, 'overpunch_source_budget_left{source="bank",of="calls"} 9');
    assert.doesNotMatch(await metrics.text(gatewayOf([])), /source="bank"/);
  });

  it('faults, decode faults, cache, breakers, audit failures and reloads are counted', async () => {
    const lines = await measured([
      {
        kind: 'fault',
        fault: new Fault('corrupt', 'bad', { source: 'bank', collection: 'customers', hex: 'C1' }),
      },
      { kind: 'fault', fault: new Fault('invalid', 'no') },
      { kind: 'cache', target: 'customers', use: 'hit', bytes: 512 },
      { kind: 'breaker', source: 'bank', state: 'open' },
      { kind: 'audit-failure', code: 'ENOSPC', waiting: 1, lost: 0 },
      { kind: 'audit-failure', waiting: 0, lost: 0 },
      { kind: 'reload', problems: 2, notes: [] },
    ]);
    has(lines, 'overpunch_decode_faults_total{source="bank",collection="customers"} 1');
    has(lines, 'overpunch_faults_total{kind="invalid"} 1');
    has(lines, 'overpunch_cache_uses_total{use="hit"} 1');
    has(lines, 'overpunch_cache_answer_bytes_total{use="hit"} 512');
    has(lines, 'overpunch_cache_memory_bytes 4096');
    has(lines, 'overpunch_cache_answers 2');
    has(lines, 'overpunch_source_breaker_changes_total{source="bank",to="open"} 1');
    has(lines, 'overpunch_audit_failures_total 1');
    has(lines, 'overpunch_config_reloads_total{outcome="refused"} 1');
  });

  it('the delay of the event loop and the build are there', async () => {
    const text = (await measured([])).join('\n');
    assert.match(text, /^nodejs_eventloop_lag_p99_seconds \d/m);
    assert.match(text, /^overpunch_build_info\{version="1\.2\.3",node="\d+\.\d+\.\d+"\} 1$/m);
  });

  it('every name has our prefix or is of the process, and a base unit', async () => {
    for (const line of await measured([REQUEST, CALL])) {
      const name = /^# HELP (\S+)/.exec(line)?.[1];
      if (name === undefined) continue;
      assert.match(name, /^(overpunch|nodejs|process)_[a-z0-9_]+$/);
      assert.doesNotMatch(name, /_(ms|milliseconds|kb|percent)(_|$)/);
    }
  });

  it('a served gateway is measured: both surfaces, every route, bytes, and nothing in flight at the end', async (t) => {
    const bank = await watchedBank(t, () => ({ metrics: true }));
    await (await bank.get('/api/customers')).text();
    await (await bank.get('/api/customers/1')).text();
    await (await bank.get('/api/customers/1?select=name')).text();
    await (await bank.get('/api/customers/1/2/3')).text();
    await (await bank.get('/api/secret-stuff')).text();
    await (await bank.get('/health/live')).text();
    await (await bank.get('/wp-login.php?x=1')).text();
    await bank.graphql('{ customers { items { name } } }');
    await bank.end();
    const text = (await bank.telemetry.metrics?.text(gatewayOf([]))) ?? '';
    const counted = text
      .split('\n')
      .filter((line) => line.startsWith('overpunch_http_request_duration_seconds_count'))
      .map((line) =>
        /surface="(.*?)",route="(.*?)",method="(.*?)",status="(.*?)"\} (\d+)/.exec(line)?.slice(1).join(' '),
      );
    assert.deepEqual(counted.toSorted(), [
      'graphql /graphql POST 2xx 1',
      'page /health/live GET 2xx 1',
      'page other GET 4xx 3',
      'rest /api/customers GET 2xx 1',
      'rest /api/customers/{key} GET 2xx 2',
    ]);
    assert.match(text, /^overpunch_http_requests_in_flight 0$/m);
    assert.match(text, /^overpunch_http_response_bytes_total\{surface="graphql"\} [1-9]\d\d+$/m);
  });
});
