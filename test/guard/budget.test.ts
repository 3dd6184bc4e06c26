import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '../../src/fault.ts';
import { createGuards, type GuardSettings } from '../../src/guard/guard.ts';
import { memoryBudgets } from '../../src/state/budgets.ts';
import { answering, batchOf, NEVER, reading, rowsOf, told, unreachable } from './sources.ts';

function at(instant: string): number {
  return Temporal.Instant.from(instant).epochMilliseconds;
}

const NOON = at('2026-11-30T12:00:00Z');

function settings(more: Partial<GuardSettings>): GuardSettings {
  return { source: 'host', timeoutMs: 1_000, clock: () => NOON, ...more };
}

describe('the budget of a day', () => {
  it('so many calls are made, then whoever asks is told until when', async () => {
    const guards = createGuards(settings({ budget: { calls: 2, timeZone: 'UTC' } }));
    const source = guards.around(answering((read) => read));
    assert.deepEqual(guards.state().budget, { calls: 2 });
    assert.deepEqual([await rowsOf(source), await rowsOf(source)], [1, 2]);
    await assert.rejects(rowsOf(source), (error) => {
      assert.ok(error instanceof Fault);
      assert.deepEqual(
        [error.kind, error.code, error.retryAfterS],
        ['throttled', 'budget-spent', 12 * 3_600],
      );
      return true;
    });
    assert.deepEqual(guards.state().budget, { calls: 0 });
    assert.equal(guards.mayAsk()?.code, 'budget-spent');
  });

  it('the day begins at midnight of its time zone', async () => {
    let now = at('2026-11-30T22:59:59Z');
    const guards = createGuards(
      settings({ budget: { calls: 1, timeZone: 'Europe/Zurich' }, clock: () => now }),
    );
    const source = guards.around(answering((read) => read));
    await rowsOf(source);
    assert.equal(await told(rowsOf(source)), 'budget-spent');
    now = at('2026-11-30T23:00:00Z');
    assert.equal(await rowsOf(source), 2);
  });

  it('rows count as they come; a read that goes beyond them is cut', async () => {
    const guards = createGuards(settings({ budget: { rows: 10, timeZone: 'UTC' } }));
    let batches = 0;
    const source = guards.around(
      reading(
        async function* () {
          for (;;) {
            batches++;
            yield batchOf(4);
          }
        },
        { write: async (changes) => changes.map(() => ({ key: [1], created: true })) },
      ),
    );
    const changes = Array.from({ length: 12 }, () => ({
      collection: 'things',
      verb: 'insert' as const,
      values: {},
    }));
    assert.equal(await told(rowsOf(source)), 'budget-spent');
    assert.equal(batches, 3);
    assert.deepEqual(guards.state().budget, { rows: 0 });
    assert.equal(await told(Promise.resolve(source.write?.(changes, { signal: NEVER }))), 'budget-spent');
  });

  it('a write that was made is answered, also where it takes more rows than were left', async () => {
    const guards = createGuards(settings({ budget: { rows: 1, timeZone: 'UTC' } }));
    const source = guards.around({
      ...answering(() => 1),
      write: async (changes) => changes.map(() => ({ key: [1], created: true })),
    });
    const change = { collection: 'things', verb: 'insert', values: {} } as const;
    const outcomes = await source.write?.([change, change], { signal: NEVER });
    assert.equal(outcomes?.length, 2);
    assert.equal(await told(rowsOf(source)), 'budget-spent');
  });

  it('every attempt is a call of the host, and none is made beyond the budget', async () => {
    const guards = createGuards(settings({ budget: { calls: 2, timeZone: 'UTC' }, retries: 5, retryMs: 1 }));
    let asked = 0;
    const source = guards.around(
      answering((read) => {
        asked = read;
        return unreachable();
      }),
    );
    assert.equal(await told(rowsOf(source)), 'cannot-connect');
    assert.equal(asked, 2);
    assert.equal(await told(rowsOf(source)), 'budget-spent');
  });

  it('a check takes nothing of it', async () => {
    const guards = createGuards(settings({ budget: { calls: 1, timeZone: 'UTC' } }));
    const source = guards.around(answering(() => 1));
    await source.check(NEVER);
    await rowsOf(source);
    await source.check(NEVER);
    assert.deepEqual(guards.state().budget, { calls: 0 });
  });

  it('a restart gives no second budget for the same day, and a new day a new one', async () => {
    const budgets = memoryBudgets();
    const day = { budget: { calls: 3, rows: 100, timeZone: 'UTC' }, budgets };
    const before = createGuards(settings(day));
    await rowsOf(before.around(answering(() => 30)));
    before[Symbol.dispose]();
    const after = createGuards(settings(day));
    assert.deepEqual(after.state().budget, { calls: 2, rows: 70 });
    const tomorrow = createGuards(settings({ ...day, clock: () => NOON + 86_400_000 }));
    assert.deepEqual(tomorrow.state().budget, { calls: 3, rows: 100 });
  });

  it('two budgets of one source, as before and after a change of the configuration, spend the same day', async () => {
    const budgets = memoryBudgets();
    const day = settings({ budget: { calls: 10, timeZone: 'UTC' }, budgets });
    const older = createGuards(day);
    const newer = createGuards(day);
    for (const guards of [older, newer, older, older]) await rowsOf(guards.around(answering(() => 1)));
    older[Symbol.dispose]();
    newer[Symbol.dispose]();
    assert.deepEqual(createGuards(day).state().budget, { calls: 6 });
  });

  it('a store that fails is told of and stops nobody', async () => {
    const faults: unknown[] = [];
    const guards = createGuards(
      settings({
        budget: { calls: 2, timeZone: 'UTC' },
        budgets: {
          load: () => undefined,
          save() {
            throw new Error('disk full');
          },
        },
        observe: (seen) => {
          if (seen.kind === 'fault') faults.push(seen.fault.cause);
        },
      }),
    );
    const source = guards.around(answering(() => 1));
    assert.equal(await rowsOf(source), 1);
    guards[Symbol.dispose]();
    assert.equal(faults.length, 1);
    assert.equal(await rowsOf(source), 1);
    assert.equal(await told(rowsOf(source)), 'budget-spent');
  });
});
