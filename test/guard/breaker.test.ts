import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { Fault, type FaultKind } from '../../src/fault.ts';
import { createGuards, type GuardSettings } from '../../src/guard/guard.ts';
import type { Observation } from '../../src/observe.ts';
import { answering, batchOf, gate, reading, rowsOf, settle, told, unreachable } from './sources.ts';

const OPEN_MS = 40;

function broken(settings: Partial<GuardSettings> = {}) {
  const states: string[] = [];
  const guards = createGuards({
    source: 's',
    timeoutMs: 1_000,
    breaker: { failures: 3, openMs: OPEN_MS },
    observe: (seen: Observation) => {
      if (seen.kind === 'breaker') states.push(seen.state);
    },
    ...settings,
  });
  return { guards, states };
}

describe('breaker', () => {
  it('opens after so many failures in a row; then the source is not asked', async () => {
    const { guards, states } = broken();
    let asked = 0;
    const source = guards.around(
      answering((read) => {
        asked = read;
        return unreachable();
      }),
    );
    for (let i = 0; i < 3; i++) assert.equal(await told(rowsOf(source)), 'cannot-connect');
    assert.equal(guards.state().breaker, 'open');
    await assert.rejects(rowsOf(source), (error) => {
      assert.ok(error instanceof Fault);
      assert.deepEqual([error.kind, error.code, error.place.source], ['unavailable', 'breaker-open', 's']);
      assert.equal(error.retryAfterS, 1);
      return true;
    });
    assert.equal(asked, 3);
    assert.deepEqual(states, ['open']);
  });

  it('an answer between failures begins the row anew', async () => {
    const { guards } = broken();
    const source = guards.around(answering((read) => (read % 3 === 0 ? 1 : unreachable())));
    for (let i = 0; i < 9; i++) await told(rowsOf(source));
    assert.equal(guards.state().breaker, 'closed');
  });

  it('after a while exactly one call tries; its answer closes it', async () => {
    const { guards, states } = broken();
    const trying = gate();
    let asked = 0;
    const source = guards.around(
      answering(async (read) => {
        asked++;
        if (read <= 3) throw unreachable();
        await trying.passed;
        return read;
      }),
    );
    for (let i = 0; i < 3; i++) await told(rowsOf(source));
    await wait(OPEN_MS + 10);
    const calls = [1, 2, 3, 4].map(() => told(rowsOf(source)));
    await settle();
    assert.equal(guards.state().breaker, 'half-open');
    trying.open();
    assert.deepEqual(await Promise.all(calls), [4, 'breaker-open', 'breaker-open', 'breaker-open']);
    assert.equal(asked, 4);
    assert.equal(await rowsOf(source), 5);
    assert.deepEqual(states, ['open', 'half-open', 'closed']);
  });

  it('a call that tries and fails opens it again', async () => {
    const { guards, states } = broken();
    const source = guards.around(answering(() => unreachable()));
    for (let i = 0; i < 3; i++) await told(rowsOf(source));
    await wait(OPEN_MS + 10);
    assert.equal(await told(rowsOf(source)), 'cannot-connect');
    assert.equal(await told(rowsOf(source)), 'breaker-open');
    assert.deepEqual(states, ['open', 'half-open', 'open']);
  });

  it('the first batch of a call that tries closes it, however long the read goes on', async () => {
    const { guards } = broken();
    const more = gate();
    let reads = 0;
    const source = guards.around(
      reading(async function* () {
        reads++;
        if (reads <= 3) throw unreachable();
        yield batchOf(1);
        if (reads === 4) await more.passed;
      }),
    );
    for (let i = 0; i < 3; i++) await told(rowsOf(source));
    await wait(OPEN_MS + 10);
    const long = rowsOf(source);
    await settle();
    assert.equal(guards.state().breaker, 'closed');
    assert.equal(await rowsOf(source), 1);
    more.open();
    assert.equal(await long, 1);
  });

  it('a refusal by the source is an answer; only no answer and no way to it are failures', async () => {
    const ANSWERS: readonly FaultKind[] = [
      'invalid',
      'not-found',
      'conflict',
      'stale',
      'rejected',
      'too-costly',
      'throttled',
      'unsupported',
      'corrupt',
      'upstream',
      'internal',
    ];
    for (const kind of ANSWERS) {
      const { guards } = broken();
      const source = guards.around(answering(() => new Fault(kind, 'no')));
      for (let i = 0; i < 5; i++) assert.equal(await told(rowsOf(source)), kind);
      assert.equal(guards.state().breaker, 'closed', kind);
    }
    for (const kind of ['unavailable', 'timeout'] as const) {
      const { guards } = broken();
      const source = guards.around(answering(() => new Fault(kind, 'no')));
      for (let i = 0; i < 3; i++) assert.equal(await told(rowsOf(source)), kind);
      assert.equal(guards.state().breaker, 'open', kind);
    }
  });

  it('a change of which nobody knows whether it was made is a failure', async () => {
    const { guards } = broken({ timeoutMs: 5 });
    const source = guards.around(
      reading(
        async function* () {
          yield batchOf(1);
        },
        { write: () => new Promise(() => {}) },
      ),
    );
    const write = async () => source.write?.([], { signal: new AbortController().signal });
    for (let i = 0; i < 3; i++) assert.equal(await told(write()), 'outcome-unknown');
    assert.equal(await told(write()), 'breaker-open');
  });

  it('a caller who leaves, or whose own time is over, says nothing of the source', async () => {
    const { guards } = broken();
    const source = guards.around(answering(() => new Promise(() => {})));
    for (let i = 0; i < 6; i++) {
      const leaving = new AbortController();
      const read = told(rowsOf(source, leaving.signal));
      leaving.abort(new Fault('timeout', 'too late', { code: 'request-timeout' }));
      assert.equal(await read, 'request-timeout');
    }
    assert.equal(guards.state().breaker, 'closed');
  });

  it('who leaves in a further attempt has seen the first one fail', async () => {
    const { guards } = broken({ timeoutMs: 5, retries: 1, retryMs: 60_000 });
    const attempts: (() => void)[] = [];
    const source = guards.around(
      answering(() => new Promise(() => {})),
      { onFault: () => attempts.shift()?.() },
    );
    for (let i = 0; i < 3; i++) {
      const leaving = new AbortController();
      const { promise, resolve } = Promise.withResolvers<void>();
      attempts.push(resolve);
      const read = told(rowsOf(source, leaving.signal));
      await promise;
      leaving.abort(new Fault('timeout', 'too late', { code: 'request-timeout' }));
      assert.equal(await read, 'request-timeout');
    }
    assert.equal(guards.state().breaker, 'open');
  });

  it('a call that tries and whose caller leaves has not found out that the source lives', async () => {
    const { guards, states } = broken();
    const source = guards.around(
      answering(async (read) => {
        if (read > 3) await new Promise(() => {});
        throw unreachable();
      }),
    );
    for (let i = 0; i < 3; i++) await told(rowsOf(source));
    await wait(OPEN_MS + 10);
    const leaving = new AbortController();
    const trying = told(rowsOf(source, leaving.signal));
    await settle();
    leaving.abort(new Fault('unavailable', 'gone', { code: 'cancelled' }));
    assert.equal(await trying, 'cancelled');
    assert.deepEqual(states, ['open', 'half-open', 'open']);
  });

  it('what calls from before find out late does not close or open what has changed since', async () => {
    const { guards } = broken();
    const late = gate();
    const source = guards.around(
      answering(async (read) => {
        if (read <= 3) await late.passed;
        if (read <= 6) throw unreachable();
        return read;
      }),
    );
    const early = [1, 2, 3].map(() => told(rowsOf(source)));
    await settle();
    for (let i = 0; i < 3; i++) await told(rowsOf(source));
    await wait(OPEN_MS + 10);
    assert.equal(await rowsOf(source), 7);
    late.open();
    await Promise.all(early);
    assert.equal(guards.state().breaker, 'closed');
  });

  it('nobody waits for a turn only to find it open', async () => {
    const { guards } = broken({ concurrency: 1, queue: 10, queueMs: 60_000, timeoutMs: 10 });
    const source = guards.around(answering(() => new Promise(() => {})));
    for (let i = 0; i < 3; i++) assert.equal(await told(rowsOf(source)), 'timeout');
    assert.equal(await told(rowsOf(source)), 'breaker-open');
  });

  it('a check is not refused by it, and it goes on when the source is opened again', async () => {
    const { guards } = broken();
    const down = guards.around(answering(() => unreachable()));
    for (let i = 0; i < 3; i++) await told(rowsOf(down));
    await down.check(new AbortController().signal);
    const again = guards.around(answering(() => 1));
    assert.equal(await told(rowsOf(again)), 'breaker-open');
    await wait(OPEN_MS + 10);
    assert.equal(await rowsOf(again), 1);
  });

  it('a source may have none', async () => {
    const guards = createGuards({ source: 's', timeoutMs: 1_000, breaker: false });
    const source = guards.around(answering(() => unreachable()));
    for (let i = 0; i < 50; i++) assert.equal(await told(rowsOf(source)), 'cannot-connect');
    assert.equal(guards.state().breaker, 'closed');
  });
});
