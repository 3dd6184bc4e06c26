import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type Batch, ByteSink, type Row } from '#spi';
import { cached } from '../../src/cache/cached.ts';
import { keptBatch } from '../../src/cache/kept-batch.ts';
import { memory } from '../../src/cache/memory.ts';
import { weighedRow } from '../../src/cache/weight.ts';
import {
  answering,
  answerOf,
  batchOf,
  caching,
  never,
  row,
  scripted,
  testClock,
  until,
  useOf,
} from './caching.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Bytes of the heap and of buffers beside it. */
function taken(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Each value its own: texts are made of bytes, so that no two share anything. */
function rowsOf(count: number, from: number): readonly Row[] {
  return Array.from({ length: count }, (_, i) => {
    const n = from + i;
    const text = new TextDecoder('latin1').decode(
      new TextEncoder().encode(`customer number ${n}`.padEnd(40, '.')),
    );
    return {
      id: n,
      label: text,
      big: BigInt(n) * 10_000_000_000n,
      bytes: Uint8Array.from({ length: 64 }, () => n & 255),
      group: { city: `${text.slice(0, 5)}${n}`, lines: [`${n}`, `${n + 1}`] },
    };
  });
}

const question = (id: number) => ({
  where: [{ op: 'eq', field: 'id', type: { kind: 'int32' }, value: id }] as const,
});

describe('the memory of the cache', () => {
  it('what is counted is at least what is taken', () => {
    const before = taken();
    const kept = Array.from({ length: 200 }, (_, i) =>
      keptBatch(batchOf(rowsOf(100, i * 100)), Number.MAX_SAFE_INTEGER),
    );
    const grown = taken() - before;
    const counted = kept.reduce((sum, one) => sum + (one?.bytes ?? 0), 0);
    assert.ok(grown <= counted, `${grown} bytes were taken, ${counted} counted`);
    assert.ok(counted <= 3 * grown, `${counted} bytes were counted, ${grown} taken`);
  });

  it('stays within its bound, whatever is asked, and so does the heap', async () => {
    const own = scripted();
    let next = 0;
    own.script.read = async function* () {
      next += 50;
      yield batchOf(rowsOf(50, next));
    };
    const limits = { maxBytes: 8_000_000, maxAnswerBytes: 200_000 };
    const { source, memory: kept } = caching(own.source, { maxAgeMs: 1_000_000 }, limits);
    const ask = async (from: number, to: number) => {
      for (let id = from; id < to; id++) {
        await useOf(source, question(id));
        assert.ok(kept.used <= limits.maxBytes);
        // What the test itself remembers is not the cache's.
        own.reads.length = 0;
      }
    };
    await ask(0, 50);
    const before = taken();
    await ask(50, 1_000);
    assert.ok(kept.used > limits.maxBytes * 0.9);
    assert.ok(kept.kept < 1_000);
    const grown = taken() - before;
    assert.ok(grown < limits.maxBytes * 1.25, `the heap has grown by ${grown} bytes`);
    assert.equal(await useOf(source, question(999)), 'hit');
    assert.equal(await useOf(source, question(0)), 'miss');
  });

  it('the answer that nobody asked for the longest gives way', async () => {
    const own = scripted();
    own.script.read = answering(row(1, 'x'.repeat(2_000)));
    const { source } = caching(own.source, { maxAgeMs: 1_000 }, { maxBytes: 16_000, maxAnswerBytes: 10_000 });
    for (const id of [1, 2, 3]) assert.equal(await useOf(source, question(id)), 'miss');
    assert.equal(await useOf(source, question(1)), 'hit');
    assert.equal(await useOf(source, question(4)), 'miss');
    assert.equal(await useOf(source, question(1)), 'hit');
    assert.equal(await useOf(source, question(2)), 'miss');
  });

  it('an answer that a slow client is still taking is counted until it has it, and given whole', async () => {
    const own = scripted();
    own.script.read = async function* () {
      for (let i = 0; i < 4; i++) yield batchOf([row(i, 'x'.repeat(1_000))]);
    };
    const { source, memory: kept } = caching(
      own.source,
      { maxAgeMs: 1_000 },
      { maxBytes: 30_000, maxAnswerBytes: 20_000 },
    );
    await answerOf(source);
    const slow = source
      .access({ collection: 'things', where: [], order: [] })
      .read({ fields: ['id', 'label'], signal: never })
      [Symbol.asyncIterator]();
    assert.deepEqual((await slow.next()).value?.row(0)['id'], 0);
    for (let id = 0; id < 20; id++) {
      await answerOf(source, question(id));
      assert.ok(kept.used <= 30_000);
    }
    for (const id of [1, 2, 3]) assert.deepEqual((await slow.next()).value?.row(0)['id'], id);
    assert.equal((await slow.next()).done, true);
  });

  it('answers that are being read are counted, too: where there is no room, they pass through', async () => {
    const own = scripted();
    const going = Promise.withResolvers<void>();
    own.script.read = async function* () {
      for (let i = 0; i < 5; i++) yield batchOf([row(i, 'x'.repeat(1_000))]);
      await going.promise;
    };
    const { source, memory: kept } = caching(
      own.source,
      { maxAgeMs: 1_000 },
      { maxBytes: 40_000, maxAnswerBytes: 20_000 },
    );
    const all = Array.from({ length: 20 }, (_, id) => answerOf(source, question(id)));
    await until(() => own.reads.length === 20);
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(kept.used <= 40_000);
    going.resolve();
    for (const { rows } of await Promise.all(all)) assert.equal(rows.length, 5);
    assert.ok(kept.used <= 40_000);
  });

  it('a limit that was lowered is kept to at once; 0 is no cache at all', async () => {
    const own = scripted();
    const { source, memory: kept } = caching(own.source, { maxAgeMs: 1_000 });
    await answerOf(source);
    assert.ok(kept.used > 0);
    kept.limit({ maxBytes: 0, maxAnswerBytes: 0 });
    assert.equal(kept.used, 0);
    for (let i = 0; i < 2; i++) assert.equal(await useOf(source), 'miss');
  });

  it('of a source that is closed nothing is kept', async () => {
    const own = scripted();
    const kept = memory({ maxBytes: 100_000, maxAnswerBytes: 100_000 });
    const target = { maxAgeMs: 1_000, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 };
    const source = cached(own.source, {
      collections: new Map([['things', target]]),
      operations: new Map(),
      memory: kept,
      behindMs: 1_000,
      clock: testClock(),
    });
    await answerOf(source);
    assert.equal(kept.kept, 1);
    await source[Symbol.asyncDispose]();
    assert.deepEqual([kept.used, kept.kept], [0, 0]);
  });
});

describe('a batch that is kept', () => {
  it('stays as it was when its source goes on: rows, bytes that were a part of a block, and JSON', async () => {
    const block = Uint8Array.of(1, 2, 3, 4);
    const own = scripted();
    own.script.read = async function* (): AsyncGenerator<Batch> {
      yield {
        length: 2,
        row: (i) => ({
          id: i,
          part: block.subarray(i, i + 2),
          list: [block.subarray(2, 3)],
          ['__proto__']: 'x',
        }),
        json: (i, out) => out.text(`{"id":${i},"first":${block[0]}}`),
      };
      block.fill(9);
    };
    const { source } = caching(own.source, { maxAgeMs: 1_000 });
    const out = new ByteSink();
    for (const use of ['miss', 'hit']) {
      const access = source.access({ collection: 'things', where: [], order: [] });
      for await (const batch of access.read({ fields: ['id'], json: ['id', 'first'], signal: never })) {
        assert.equal(batch.cache?.use, use);
        assert.deepEqual(batch.row(1)['part'], Uint8Array.of(2, 3));
        assert.deepEqual(batch.row(0)['list'], [Uint8Array.of(3)]);
        batch.json?.(1, out);
        batch.json?.(0, out);
        assert.equal(new TextDecoder().decode(out.take()), '{"id":1,"first":1}{"id":0,"first":1}');
      }
    }
    assert.equal(own.reads.length, 1);
  });

  it('names of fields are never confused with what objects have', () => {
    const odd = Object.fromEntries([['__proto__', Uint8Array.of(1, 2).subarray(1)]]);
    const { kept } = weighedRow(odd);
    assert.deepEqual(Object.keys(kept), ['__proto__']);
    assert.deepEqual(Object.getOwnPropertyDescriptor(kept, '__proto__')?.value, Uint8Array.of(2));
  });
});
