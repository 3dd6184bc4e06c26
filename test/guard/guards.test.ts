import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault, faultData, faultOfData } from '../../src/fault.ts';
import { createGuards, guardSettings } from '../../src/guard/guard.ts';
import { retryAfterOf } from '../../src/http/problem.ts';
import type { CallObservation, Observation } from '../../src/observe.ts';
import { DEFAULT_POLICY } from '../../src/policy.ts';
import { answering, batchOf, gate, NEVER, QUERY, reading, rowsOf, settle, told } from './sources.ts';

function watched() {
  const calls: CallObservation[] = [];
  const observe = (observation: Observation): void => {
    if (observation.kind === 'call') calls.push(observation);
  };
  return { calls, observe };
}

describe('the guards of a source', () => {
  it('every call is observed once, with what became of it', async () => {
    const { calls, observe } = watched();
    const bare = reading(
      async function* () {
        yield batchOf(2);
        yield batchOf(3);
      },
      {
        model: {
          collections: [],
          operations: [
            { name: 'pay', effect: 'write', idempotent: false, input: [], output: { kind: 'boolean' } },
          ],
        },
        write: async (changes) => changes.map(() => ({ key: [1], created: true })),
        invoke: async () => {
          throw new Fault('rejected', 'no');
        },
        check: async () => {},
        watch: async function* () {
          yield { kind: 'insert', key: [1], row: { id: 1 }, position: 'a' };
          yield { kind: 'position', position: 'b' };
        },
      },
    );
    const source = createGuards({ source: 's', timeoutMs: 1_000, observe }).around({
      ...bare,
      access: (query) => ({ ...bare.access(query), count: async () => 5 }),
    });
    const how = { signal: NEVER };
    await rowsOf(source);
    await source.access(QUERY).count?.(how);
    await source.write?.([{ collection: 'things', verb: 'insert', values: {} }], how);
    await told(Promise.resolve(source.invoke?.('pay', {}, how)));
    await source.check(NEVER);
    for await (const _ of source.watch?.('things', { ...how, live: false }) ?? []);
    for await (const _ of source.access(QUERY).read({ fields: [], signal: NEVER })) break;
    assert.deepEqual(
      calls.map(({ source: of, what, target, attempts, rows, outcome }) => [
        of,
        what,
        target,
        attempts,
        rows,
        outcome,
      ]),
      [
        ['s', 'read', 'things', 1, 5, 'ok'],
        ['s', 'count', 'things', 1, 0, 'ok'],
        ['s', 'write', 'things', 1, 1, 'ok'],
        ['s', 'invoke', 'pay', 1, 0, 'rejected'],
        ['s', 'check', 's', 1, 0, 'ok'],
        ['s', 'watch', 'things', 1, 1, 'ok'],
        ['s', 'read', 'things', 1, 2, 'ok'],
      ],
    );
    for (const { durationMs, queuedMs } of calls) assert.ok(durationMs >= queuedMs && queuedMs >= 0);
  });

  it('a caller who left is told apart from one whose own time was over', async () => {
    for (const [reason, outcome] of [
      [new Fault('unavailable', 'gone', { code: 'cancelled' }), 'cancelled'],
      [new Fault('timeout', 'late', { code: 'request-timeout' }), 'timeout'],
      [new Error('whatever'), 'cancelled'],
    ] as const) {
      const { calls, observe } = watched();
      const faults: Fault[] = [];
      const source = createGuards({ source: 's', timeoutMs: 1_000, observe }).around(
        answering(() => new Promise(() => {})),
        { onFault: (fault) => faults.push(fault) },
      );
      const leaving = new AbortController();
      const read = rowsOf(source, leaving.signal);
      await settle();
      leaving.abort(reason);
      await assert.rejects(read, (error) => error === reason);
      assert.deepEqual(
        calls.map((call) => call.outcome),
        [outcome],
      );
      assert.deepEqual(faults, [], 'it says nothing of the source');
    }
  });

  it('whose caller has left already the source is not asked at all', async () => {
    let asked = 0;
    const source = createGuards({ source: 's', timeoutMs: 1_000 }).around(
      answering(() => {
        asked++;
        return 1;
      }),
    );
    await assert.rejects(rowsOf(source, AbortSignal.abort(new Error('gone'))), /gone/);
    assert.equal(asked, 0);
  });

  it('refusals of the guards are no faults of the source', async () => {
    const faults: Fault[] = [];
    const guards = createGuards({
      source: 's',
      timeoutMs: 1_000,
      concurrency: 1,
      breaker: { failures: 1, openMs: 60_000 },
      budget: { calls: 2, timeZone: 'UTC' },
    });
    const first = gate();
    const source = guards.around(
      answering(async (read) => {
        if (read > 1) throw new Fault('timeout', 'no');
        await first.passed;
        return 1;
      }),
      { onFault: (fault) => faults.push(fault) },
    );
    const reading = rowsOf(source);
    assert.equal(await told(rowsOf(source)), 'queue-full');
    first.open();
    await reading;
    assert.equal(await told(rowsOf(source)), 'timeout');
    assert.equal(await told(rowsOf(source)), 'budget-spent');
    assert.deepEqual(
      faults.map(({ code, place }) => [code, place.source]),
      [['timeout', 's']],
    );
  });

  it('latencies are those of the last answers, without the wait for a turn', async () => {
    const guards = createGuards({ source: 's', timeoutMs: 1_000 });
    assert.equal(guards.latencyMs(), undefined);
    const source = guards.around(answering(() => 1));
    for (let i = 0; i < 10; i++) await rowsOf(source);
    const latency = guards.latencyMs();
    assert.ok(latency !== undefined && latency.median >= 0 && latency.p99 >= latency.median);
  });

  it('one source that hangs takes nothing of another', async () => {
    const settings = guardSettings('s', DEFAULT_POLICY.source, { concurrency: 2, queue: 2 });
    const hanging = createGuards(settings).around(answering(() => new Promise(() => {})));
    const leaving = new AbortController();
    const stuck = Array.from({ length: 10 }, () => told(rowsOf(hanging, leaving.signal)));
    const healthy = createGuards(settings).around(answering((read) => read));
    for (let i = 1; i <= 100; i++) assert.equal(await rowsOf(healthy), i);
    leaving.abort(new Fault('unavailable', 'gone', { code: 'cancelled' }));
    const outcomes = await Promise.all(stuck);
    assert.deepEqual(
      Object.entries(Object.groupBy(outcomes, String)).map(([code, all]) => [code, all?.length]),
      [
        ['cancelled', 4],
        ['queue-full', 6],
      ],
    );
  });

  it('what a configuration leaves out is as in the policy', () => {
    const { source: policy } = DEFAULT_POLICY;
    const { breaker, ...rest } = guardSettings('s', policy);
    assert.deepEqual(breaker, { failures: policy.breakerFailures, openMs: policy.breakerOpenMs });
    assert.deepEqual(rest, {
      source: 's',
      timeoutMs: policy.timeoutMs,
      checkMs: policy.checkMs,
      concurrency: policy.concurrency,
      queue: policy.queue,
      queueMs: policy.queueMs,
      retries: policy.retries,
      retryMs: policy.retryMs,
      quiet: [],
    });
    assert.equal(guardSettings('s', policy, { breaker: false }).breaker, false);
    const own = guardSettings('s', policy, { timeoutMs: 7, retries: 0, breaker: { openMs: 9 } });
    assert.deepEqual(
      [own.timeoutMs, own.retries, own.breaker],
      [7, 0, { failures: policy.breakerFailures, openMs: 9 }],
    );
  });

  it('the time until it may succeed goes with the fault, also from one thread to another, to Retry-After', () => {
    const fault = new Fault('unavailable', 'later', { code: 'quiet-window', retryAfterS: 1_800 });
    assert.equal(retryAfterOf(fault), 1_800);
    assert.equal(fault.at({ source: 's' }).retryAfterS, 1_800);
    assert.equal(faultOfData(faultData(fault)).retryAfterS, 1_800);
    assert.equal(retryAfterOf(new Fault('unavailable', 'later')), 1);
    assert.equal(retryAfterOf(new Fault('throttled', 'later')), 5);
    assert.equal(retryAfterOf(new Fault('invalid', 'never')), undefined);
  });
});
