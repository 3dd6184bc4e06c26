import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault, type FaultKind } from '../../src/fault.ts';
import { createGuards, type GuardSettings } from '../../src/guard/guard.ts';
import type { CallObservation } from '../../src/observe.ts';
import type { Operation, Source } from '../../src/spi.ts';
import { answering, batchOf, NEVER, QUERY, reading, rowsOf, settle, told, unreachable } from './sources.ts';

const SETTINGS: GuardSettings = { source: 's', timeoutMs: 1_000, retries: 2, retryMs: 2 };

describe('further attempts', () => {
  it('a read that the source did not answer is tried again, and the client sees nothing of it', async () => {
    const seen: CallObservation[] = [];
    const faults: Fault[] = [];
    const guards = createGuards({
      ...SETTINGS,
      observe: (observation) => {
        if (observation.kind === 'call') seen.push(observation);
      },
    });
    const source = guards.around(
      answering((read) => (read < 3 ? unreachable() : 7)),
      { onFault: (fault) => faults.push(fault) },
    );
    assert.equal(await rowsOf(source), 7);
    assert.deepEqual(
      seen.map(({ what, target, attempts, rows, outcome }) => [what, target, attempts, rows, outcome]),
      [['read', 'things', 3, 7, 'ok']],
    );
    assert.equal(faults.length, 2, 'whoever watches the source learns of each');
  });

  it('there are no more than were allowed; the last fault is told', async () => {
    let asked = 0;
    const source = createGuards(SETTINGS).around(
      answering((read) => {
        asked = read;
        return unreachable();
      }),
    );
    assert.equal(await told(rowsOf(source)), 'cannot-connect');
    assert.equal(asked, 3);
  });

  it('only faults that another attempt may mend', async () => {
    const attempts = async (fault: Fault): Promise<number> => {
      let asked = 0;
      const source = createGuards(SETTINGS).around(
        answering((read) => {
          asked = read;
          return fault;
        }),
      );
      await told(rowsOf(source));
      return asked;
    };
    const AGAIN: readonly FaultKind[] = ['unavailable', 'timeout'];
    const ONCE: readonly FaultKind[] = [
      'invalid',
      'not-found',
      'conflict',
      'rejected',
      'throttled',
      'corrupt',
      'upstream',
    ];
    for (const kind of AGAIN) assert.equal(await attempts(new Fault(kind, 'no')), 3, kind);
    for (const kind of ONCE) assert.equal(await attempts(new Fault(kind, 'no')), 1, kind);
    assert.equal(
      await attempts(new Fault('unavailable', 'no', { code: 'login' })),
      1,
      'a login would be locked',
    );
    assert.equal(await attempts(new Fault('unavailable', 'no', { misconfigured: true })), 1);
  });

  it('never after the first batch', async () => {
    let reads = 0;
    const source = createGuards(SETTINGS).around(
      reading(async function* () {
        reads++;
        yield batchOf(1);
        throw unreachable();
      }),
    );
    assert.equal(await told(rowsOf(source)), 'cannot-connect');
    assert.equal(reads, 1);
  });

  it('a count, and an operation that reads or may be repeated, are; a write and any other operation never', async () => {
    const operation = (name: string, effect: 'read' | 'write', idempotent: boolean): Operation => ({
      name,
      effect,
      idempotent,
      input: [],
      output: { kind: 'boolean' },
    });
    let asked = 0;
    const fail = async (): Promise<never> => {
      asked++;
      throw unreachable();
    };
    const base = answering(() => unreachable());
    const bare: Source = {
      ...base,
      model: {
        collections: [],
        operations: [
          operation('look', 'read', false),
          operation('close', 'write', true),
          operation('pay', 'write', false),
        ],
      },
      access: (query) => ({ ...base.access(query), count: fail }),
      invoke: fail,
      write: fail,
    };
    const source = createGuards(SETTINGS).around(bare);
    const how = { signal: NEVER };
    const calls: readonly (readonly [string, () => Promise<unknown> | undefined, number])[] = [
      ['count', () => source.access(QUERY).count?.(how), 3],
      ['look', () => source.invoke?.('look', {}, how), 3],
      ['close', () => source.invoke?.('close', {}, how), 3],
      ['pay', () => source.invoke?.('pay', {}, how), 1],
      ['unknown', () => source.invoke?.('unknown', {}, how), 1],
      ['write', () => source.write?.([], how), 1],
    ];
    for (const [name, call, attempts] of calls) {
      asked = 0;
      await assert.rejects(async () => await call(), Fault);
      assert.equal(asked, attempts, name);
    }
  });

  it('a caller who leaves ends the pause, and nothing is tried for him', async () => {
    let asked = 0;
    const source = createGuards({ ...SETTINGS, retryMs: 60_000 }).around(
      answering((read) => {
        asked = read;
        return unreachable();
      }),
    );
    const leaving = new AbortController();
    const read = rowsOf(source, leaving.signal);
    await settle();
    leaving.abort(new Error('gone'));
    await assert.rejects(read, /gone/);
    assert.equal(asked, 1);
  });

  it('all attempts of a call are one failure to the breaker', async () => {
    const guards = createGuards({ ...SETTINGS, breaker: { failures: 2, openMs: 10_000 } });
    const source = guards.around(answering(() => unreachable()));
    await told(rowsOf(source));
    assert.equal(guards.state().breaker, 'closed');
    await told(rowsOf(source));
    assert.equal(guards.state().breaker, 'open');
  });
});
