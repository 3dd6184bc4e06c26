// The cache in its place between the guards of a source: what they refuse is answered from memory, what is answered from memory takes nothing of them.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '#spi';
import { createGuards, type GuardSettings } from '../../src/guard/guard.ts';
import {
  answering,
  answeringLater,
  answerOf,
  caching,
  failing,
  row,
  scripted,
  type TestClock,
  until,
} from './caching.ts';

const NOON = Date.parse('2026-11-30T12:00:00Z');
const AGES = { maxAgeMs: 1_000, staleIfErrorMs: 60_000 };
const QUIET = { from: '13:00', to: '14:00', timeZone: 'UTC' };

function guarded(settings: Partial<GuardSettings>) {
  const own = scripted();
  const time = { now: NOON };
  const guards = createGuards({ source: 'host', timeoutMs: 1_000, clock: () => time.now, ...settings });
  let clock: TestClock | undefined;
  const source = guards.around(own.source, {
    cache(inner) {
      const layer = caching(inner, AGES);
      clock = layer.clock;
      return layer.source;
    },
  });
  return { own, time, guards, source, later: (ms: number) => clock?.forward(ms) };
}

const uses = async (...[source, reading]: Parameters<typeof answerOf>) =>
  (await answerOf(source, reading)).cache;
const OTHER = { limit: 7 };

describe('the cache among the guards', () => {
  it('in a quiet window that serves from the cache the answer is given however old it is, and nothing is asked', async () => {
    const { source, own, time, later } = guarded({ quiet: [{ ...QUIET, serve: 'cache' }] });
    await answerOf(source);
    time.now += 90 * 60_000;
    later(90 * 60_000);
    assert.deepEqual(await uses(source), {
      use: 'stale',
      ttlMs: 1_000 - 90 * 60_000,
      because: 'unavailable',
    });
    await assert.rejects(answerOf(source, OTHER), { kind: 'unavailable', code: 'quiet-cache' });
    assert.equal(own.reads.length, 1);
    time.now += 60 * 60_000;
    assert.equal((await uses(source))?.use, 'miss');
  });

  it('in a quiet window that serves nothing not even what is fresh is given', async () => {
    const { source, time } = guarded({ quiet: [{ ...QUIET, serve: 'nothing' }] });
    await answerOf(source);
    time.now += 90 * 60_000;
    await assert.rejects(answerOf(source), { code: 'quiet-window' });
  });

  it('what comes from memory takes nothing of the budget; when that is spent, the last good answer is given', async () => {
    const { source, guards, later } = guarded({ budget: { calls: 1, timeZone: 'UTC' } });
    await answerOf(source);
    for (let i = 0; i < 5; i++) assert.equal((await uses(source))?.use, 'hit');
    assert.deepEqual(guards.state().budget, { calls: 0 });
    later(2_000);
    assert.deepEqual(await uses(source), { use: 'stale', ttlMs: -1_000, because: 'throttled' });
    await assert.rejects(answerOf(source, OTHER), { code: 'budget-spent' });
  });

  it('while the breaker is open, and while the queue is full, the last good answer is given at once', async () => {
    const { source, own, later } = guarded({
      breaker: { failures: 1, openMs: 60_000 },
      concurrency: 1,
      queue: 0,
      queueMs: 10,
    });
    await answerOf(source);
    later(2_000);
    const busy = answeringLater();
    own.script.read = busy.read;
    const other = answerOf(source, OTHER);
    await until(() => own.reads.length === 2);
    assert.equal((await uses(source))?.because, 'unavailable');
    busy.answer([row(7)]);
    await other;
    own.script.read = failing(new Fault('unavailable', 'down'));
    assert.equal((await uses(source))?.use, 'stale');
    const before = own.reads.length;
    own.script.read = answering(row(9));
    assert.equal((await uses(source))?.use, 'stale');
    assert.equal(own.reads.length, before, 'the breaker is open');
  });

  it('many who ask the same take one turn', async () => {
    const { source, own } = guarded({ concurrency: 1, queue: 0, queueMs: 10 });
    const later = answeringLater();
    own.script.read = later.read;
    const all = Array.from({ length: 50 }, () => answerOf(source));
    await until(() => own.reads.length === 1);
    later.answer([row(1)]);
    for (const { rows } of await Promise.all(all)) assert.deepEqual(rows, [row(1)]);
    assert.equal(own.reads.length, 1);
  });

  it('a source that hangs is waited for as long as its deadline says, then the last good answer is given', async () => {
    const { source, own, later } = guarded({ timeoutMs: 30 });
    await answerOf(source);
    later(2_000);
    own.script.read = answeringLater().read;
    assert.equal((await uses(source))?.because, 'timeout');
    await until(() => own.ended === 2);
  });
});
