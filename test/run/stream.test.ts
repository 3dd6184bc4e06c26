import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '../../src/fault.ts';
import { condition } from '../../src/query/filter.ts';
import { chunked, countRows, filtered, head, passedOver, sorted } from '../../src/run/stream.ts';
import type { Batch } from '../../src/spi.ts';
import { random } from '../random.ts';

const int32 = { kind: 'int32' } as const;

/** Numbers in batches; `state` tells how far they were read and whether the reading was ended properly. */
function numbers(values: readonly (number | null)[], perBatch = 3) {
  const state = { read: 0, closed: false };
  async function* batches(): AsyncGenerator<Batch> {
    try {
      for (let from = 0; from < values.length; from += perBatch) {
        const part = values.slice(from, from + perBatch);
        state.read += part.length;
        yield {
          length: part.length,
          row: (i) => ({ n: part[i] ?? null, at: from + i }),
          asOf: '2024-01-01T00:00:00Z',
        };
      }
    } finally {
      state.closed = true;
    }
  }
  return { batches: batches(), state };
}

async function all(batches: AsyncIterable<Batch>, field = 'n'): Promise<readonly unknown[]> {
  const rows: unknown[] = [];
  for await (const batch of batches) for (let i = 0; i < batch.length; i++) rows.push(batch.row(i)[field]);
  return rows;
}

const ascending = [{ field: 'n', type: int32, descending: false }];

describe('stream', () => {
  it('a filter keeps the true rows, in order, without empty batches', async () => {
    const above = [condition({ field: 'n', type: int32 }, 'gt', [4])];
    const { batches } = numbers([1, 5, null, 2, 3, 4, 9, 8, 7]);
    const seen: number[] = [];
    for await (const batch of filtered(batches, above, 100)) seen.push(batch.length);
    assert.deepEqual(seen, [1, 3]);
    assert.deepEqual(await all(filtered(numbers([1, 5, null, 9]).batches, above, 100)), [5, 9]);
  });

  it('a scan over the limit is too costly', async () => {
    await assert.rejects(
      all(filtered(numbers([1, 2, 3, 4]).batches, [], 3)),
      (error) => error instanceof Fault && error.code === 'scan-limit',
    );
  });

  it('sorting is stable, nulls first, and agrees with sorting everything', async () => {
    const dice = random(3);
    const values = Array.from({ length: 5_000 }, () => (dice.chance(0.05) ? null : dice.int(300)));
    const expected = values
      .map((n, at) => ({ n, at }))
      .toSorted((a, b) => (a.n ?? -1) - (b.n ?? -1) || a.at - b.at)
      .map(({ at }) => at);
    assert.deepEqual(
      await all(sorted(numbers(values, 100).batches, ascending, undefined, 10_000), 'at'),
      expected,
    );
    for (const wanted of [1, 7, 1_000, 4_999, 5_000, 9_999]) {
      assert.deepEqual(
        await all(sorted(numbers(values, 100).batches, ascending, wanted, 10_000), 'at'),
        expected.slice(0, wanted),
      );
    }
  });

  it('sorting more rows than memory is given is too costly, a page of them is not', async () => {
    const values = Array.from({ length: 5_000 }, (_, i) => 5_000 - i);
    const tooMany = (error: unknown) => error instanceof Fault && error.code === 'sort-limit';
    await assert.rejects(all(sorted(numbers(values, 100).batches, ascending, undefined, 500)), tooMany);
    await assert.rejects(all(sorted(numbers(values, 100).batches, ascending, 501, 500)), tooMany);
    assert.deepEqual(await all(sorted(numbers(values, 100).batches, ascending, 3, 500)), [1, 2, 3]);
    assert.equal(
      (await all(sorted(numbers(values.slice(0, 500), 100).batches, ascending, undefined, 500))).length,
      500,
    );
  });

  it('passing over, cutting and chunking keep every other row once', async () => {
    assert.deepEqual(await all(passedOver(numbers([1, 2, 3, 4, 5, 6, 7]).batches, 4)), [5, 6, 7]);
    assert.deepEqual(await all(passedOver(numbers([1, 2, 3]).batches, 3)), []);
    assert.deepEqual(await all(chunked(numbers([1, 2, 3, 4, 5, 6, 7], 5).batches, 2)), [1, 2, 3, 4, 5, 6, 7]);
    for await (const batch of numbers([1, 2, 3]).batches) assert.equal(head(batch, 2).length, 2);
    assert.equal(await countRows(numbers([1, 2, 3, 4]).batches), 4);
  });

  it('direct JSON goes through filters to the right row', async () => {
    async function* one(): AsyncGenerator<Batch> {
      yield { length: 3, row: (i) => ({ n: i }), json: (i, out) => out.text(`#${i}`) };
    }
    const { ByteSink } = await import('../../src/model/byte-sink.ts');
    for await (const batch of filtered(one(), [condition({ field: 'n', type: int32 }, 'gte', [1])], 10)) {
      const out = new ByteSink(1);
      batch.json?.(1, out);
      assert.equal(new TextDecoder().decode(out.take()), '#2');
    }
  });

  it('a consumer that stops ends the source’s reading', async () => {
    const { batches, state } = numbers(Array.from({ length: 1_000 }, (_, i) => i));
    for await (const _ of passedOver(filtered(chunked(batches, 2), [], 10_000), 1)) break;
    assert.equal(state.closed, true);
    assert.ok(state.read <= 3);
  });
});
