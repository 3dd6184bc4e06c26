import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '#spi';
import {
  answering,
  answeringLater,
  answerOf,
  caching,
  failing,
  row,
  scripted,
  until,
  useOf,
} from './caching.ts';

const down = new Fault('unavailable', 'The host is down');

describe('how old an answer may be', () => {
  it('a source of which nothing is to be kept has no layer around it', () => {
    const { source } = scripted();
    const other = { ...source, model: { collections: [], operations: [] } };
    assert.equal(caching(other, { maxAgeMs: 1_000 }).source, other);
  });

  it('an answer is given again without the source as long as it is fresh, and says since when it is', async () => {
    const own = scripted();
    const { source, clock, uses } = caching(own.source, { maxAgeMs: 1_000 });
    const first = await answerOf(source);
    assert.deepEqual(first, {
      rows: [row(1), row(2)],
      cache: { use: 'miss', ttlMs: 1_000 },
      asOf: '2026-01-01T00:00:00.000Z',
    });
    clock.forward(999);
    own.script.read = answering(row(3));
    assert.deepEqual(await answerOf(source), { ...first, cache: { use: 'hit', ttlMs: 1 } });
    assert.equal(own.reads.length, 1);
    clock.forward(1);
    assert.deepEqual((await answerOf(source)).rows, [row(3)]);
    assert.deepEqual(uses, ['miss', 'hit', 'miss']);
  });

  it('what the source says of the age of its data stays', async () => {
    const own = scripted();
    own.script.read = async function* () {
      yield { length: 1, row: () => row(1), asOf: '2020-02-29T00:00:00Z', version: 'v7' };
    };
    const { source } = caching(own.source, { maxAgeMs: 1_000 });
    for (let i = 0; i < 2; i++) assert.equal((await answerOf(source)).asOf, '2020-02-29T00:00:00Z');
    for await (const batch of source.access({ collection: 'things', where: [], order: [] }).read({
      fields: ['id', 'label'],
      signal: new AbortController().signal,
    }))
      assert.equal(batch.version, 'v7');
    assert.equal(own.reads.length, 1);
  });

  it('that nothing was found is kept, too, and says how old it is', async () => {
    const own = scripted();
    own.script.read = async function* () {};
    const { source } = caching(own.source, { maxAgeMs: 1_000 });
    assert.deepEqual((await answerOf(source)).cache, { use: 'miss', ttlMs: 1_000 });
    assert.deepEqual((await answerOf(source)).cache, { use: 'hit', ttlMs: 1_000 });
    assert.equal(own.reads.length, 1);
  });

  it('with a maximal age of 0 nothing is kept', async () => {
    const own = scripted();
    const { source, memory } = caching(own.source, {});
    await answerOf(source);
    await answerOf(source);
    assert.equal(own.reads.length, 2);
    assert.equal(memory.used, 0);
  });

  it('an answer past its age is given at once while the source is asked behind it, by one at a time', async () => {
    const own = scripted();
    const { source, clock, uses } = caching(own.source, { maxAgeMs: 1_000, staleWhileRevalidateMs: 5_000 });
    await answerOf(source);
    clock.forward(2_000);
    const later = answeringLater();
    own.script.read = later.read;
    const leaving = new AbortController();
    for (let i = 0; i < 5; i++) {
      const { rows, cache } = await answerOf(source, { signal: leaving.signal });
      assert.deepEqual(rows, [row(1), row(2)]);
      assert.deepEqual(cache, { use: 'stale', ttlMs: -1_000 });
    }
    assert.equal(own.reads.length, 2);
    // That everybody has left does not end it.
    leaving.abort();
    later.answer([row(9)]);
    await until(() => own.ended === 2);
    assert.deepEqual((await answerOf(source)).rows, [row(9)]);
    assert.deepEqual(uses, ['miss', 'stale', 'stale', 'stale', 'stale', 'stale', 'hit']);
  });

  it('a source that is asked behind an answer has a deadline of its own', async () => {
    const own = scripted();
    const { source, clock } = caching(own.source, { maxAgeMs: 10, staleWhileRevalidateMs: 50_000 });
    await answerOf(source);
    clock.forward(20);
    own.script.read = answeringLater().read;
    await answerOf(source);
    assert.equal(own.reads.length, 2);
    clock.forward(999);
    assert.equal(own.ended, 1);
    clock.forward(1);
    await until(() => own.ended === 2);
    assert.equal(own.reads[1]?.ask.signal.reason.kind, 'timeout');
    await answerOf(source);
    assert.equal(own.reads.length, 3, 'and the next one asks again');
  });

  for (const kind of ['unavailable', 'timeout', 'upstream', 'throttled'] as const) {
    it(`a source that fails with ${kind} is answered for by the last good answer`, async () => {
      const own = scripted();
      const { source, clock } = caching(own.source, { maxAgeMs: 1_000, staleIfErrorMs: 60_000 });
      const { rows, asOf } = await answerOf(source);
      own.script.read = failing(new Fault(kind, 'no'));
      clock.forward(60_999);
      assert.deepEqual(await answerOf(source), {
        rows,
        asOf,
        cache: { use: 'stale', ttlMs: -59_999, because: kind },
      });
      clock.forward(1);
      await assert.rejects(answerOf(source), { kind });
    });
  }

  for (const kind of ['invalid', 'corrupt', 'too-costly', 'internal', 'stale'] as const) {
    it(`a source that answers with ${kind} has answered: nothing older takes its place`, async () => {
      const own = scripted();
      const { source, clock } = caching(own.source, { maxAgeMs: 1_000, staleIfErrorMs: 60_000 });
      await answerOf(source);
      clock.forward(1_000);
      own.script.read = failing(new Fault(kind, 'no'));
      await assert.rejects(answerOf(source), { kind });
    });
  }

  it('an answer that breaks off in the middle is replaced by the last good one as a whole', async () => {
    const own = scripted();
    const { source, clock } = caching(own.source, { maxAgeMs: 1_000, staleIfErrorMs: 60_000 });
    await answerOf(source);
    clock.forward(1_000);
    own.script.read = async function* () {
      yield { length: 1, row: () => row(7) };
      throw down;
    };
    assert.deepEqual((await answerOf(source)).rows, [row(1), row(2)]);
  });

  it('without an older answer the fault is told, and not kept', async () => {
    const own = scripted();
    const { source } = caching(own.source, { maxAgeMs: 1_000, staleIfErrorMs: 60_000 });
    own.script.read = failing(down);
    await assert.rejects(answerOf(source), { kind: 'unavailable' });
    own.script.read = answering(row(4));
    assert.deepEqual((await answerOf(source)).rows, [row(4)]);
    assert.equal(own.reads.length, 2);
  });

  it('counts and answers of operations that read are kept in the same way', async () => {
    const own = scripted();
    const { source, clock } = caching(own.source, { maxAgeMs: 1_000, staleIfErrorMs: 1_000 });
    const told: unknown[] = [];
    const about = (one: unknown) => told.push(one);
    const signal = new AbortController().signal;
    const count = () =>
      source.access({ collection: 'things', where: [], order: [] }).count?.({ signal, about });
    const score = (input = {}) => source.invoke?.('score', input, { signal, about });
    for (let i = 0; i < 2; i++) {
      assert.equal(await count(), 2);
      assert.equal(await score(), 'score');
    }
    assert.deepEqual([own.counts, own.calls], [1, 1]);
    await score({ other: 1n });
    await score({ other: '1' });
    assert.equal(own.calls, 3);
    clock.forward(1_500);
    own.script.count = async () => Promise.reject(down);
    own.script.invoke = async () => Promise.reject(down);
    assert.equal(await count(), 2);
    assert.equal(await score(), 'score');
    assert.deepEqual(told.slice(-2), [
      { asOf: '2026-01-01T00:00:00.000Z', cache: { use: 'stale', ttlMs: -500, because: 'unavailable' } },
      { asOf: '2026-01-01T00:00:00.000Z', cache: { use: 'stale', ttlMs: -500, because: 'unavailable' } },
    ]);
  });

  it('what is asked differently is another question: filter, fields, limit, and infinities', async () => {
    const own = scripted();
    const { source } = caching(own.source, { maxAgeMs: 1_000 });
    const type = { kind: 'float64' } as const;
    const readings = [
      {},
      { fields: ['id'] },
      { limit: 1 },
      { where: [{ op: 'eq', field: 'id', type, value: 1 }] as const },
      { where: [{ op: 'eq', field: 'id', type, value: Number.POSITIVE_INFINITY }] as const },
      { where: [{ op: 'eq', field: 'id', type, value: Number.NEGATIVE_INFINITY }] as const },
      { where: [{ op: 'null', field: 'id', type, is: true }] as const },
    ];
    for (const reading of readings) assert.equal(await useOf(source, reading), 'miss');
    for (const reading of readings) assert.equal(await useOf(source, reading), 'hit');
    assert.equal(own.reads.length, readings.length);
  });
});
