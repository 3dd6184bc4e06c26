// An ordered index: any keys in any order, in one run or in many, come out in order, and each is found.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entryRuns } from '../../../../adapters/file/indexes/entry-runs.ts';
import { above, compareKeys } from '../../../../adapters/file/indexes/key-bytes.ts';
import {
  isTwins,
  type OrderedIndex,
  orderedIndex,
  writeIndex,
} from '../../../../adapters/file/indexes/ordered-index.ts';
import { pagesInMemory } from '../../../../adapters/file/indexes/page-file.ts';
import { slices } from '../../../../adapters/file/slices.ts';
import { random } from '../../../random.ts';
import { never } from '../opening.ts';

const turns = () => ({ slice: slices(1), signal: never });
const memory = async () => pagesInMemory();

async function made(keys: readonly Uint8Array[], { unique = false, runBytes = 1_000_000 } = {}) {
  const runs = entryRuns(memory, runBytes);
  for (const key of keys) {
    if (runs.add(key, key.length)) continue;
    await runs.flush(turns());
    assert.ok(runs.add(key, key.length));
  }
  return writeIndex(runs, { writer: pagesInMemory(), unique, facts: {} }, turns());
}

async function indexOf(keys: readonly Uint8Array[], how = {}): Promise<OrderedIndex> {
  const pages = await made(keys, how);
  assert.ok(!isTwins(pages));
  return orderedIndex(pages);
}

async function rowsOf(index: OrderedIndex, low: number, high: number, descending = false) {
  const rows: number[] = [];
  for await (const some of index.rows(low, high, descending)) rows.push(...some);
  return rows;
}

/** Thousands of numbers: what differs is told by the first of them. */
function same(rows: readonly number[], expected: readonly number[]): void {
  const at = rows.findIndex((row, i) => row !== expected[i]);
  assert.equal(at < 0 ? rows.length : `row ${rows[at]} at ${at}`, expected.length);
}

const dice = random(5);

/** Without zeros at the end, as keys are written; of few different bytes, so that many begin alike. */
function key(longest: number): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from({ length: dice.int(longest + 1) }, () => dice.pick([0, 1, 7, 0xff]));
  const end = bytes.findLastIndex((byte) => byte !== 0);
  return bytes.subarray(0, end + 1);
}

for (const { name, count, longest, runBytes } of [
  { name: 'short keys, many of them equal', count: 6_000, longest: 4, runBytes: 1_000_000 },
  { name: 'keys of up to 60 bytes', count: 5_000, longest: 60, runBytes: 10_000_000 },
  { name: 'many runs', count: 20_000, longest: 9, runBytes: 20_000 },
  { name: 'one entry a page', count: 40, longest: 9_000, runBytes: 100_000 },
  { name: 'no key at all', count: 0, longest: 4, runBytes: 1_000 },
]) {
  it(`${name}: ordered by key, then by row; every bound is found`, async () => {
    const keys = Array.from({ length: count }, () => key(longest));
    const index = await indexOf(keys, { runBytes });
    const order = keys
      .map((_, row) => row)
      .sort((a, b) => compareKeys(keys[a] ?? key(0), keys[b] ?? key(0)) || a - b);
    assert.equal(index.length, count);
    same(await rowsOf(index, 0, count), order);
    same(await rowsOf(index, 0, count, true), order.toReversed());
    for (let i = 0; i < 300; i++) {
      const wanted = dice.chance(0.5) ? key(longest) : (keys[dice.int(count)] ?? key(3));
      const at = order.findIndex((row) => compareKeys(keys[row] ?? key(0), wanted) >= 0);
      const rank = at < 0 ? count : at;
      assert.equal(await index.from(wanted), rank);
      const there = rank < count && compareKeys(keys[order[rank] ?? 0] ?? key(0), wanted) === 0;
      assert.equal(await index.find(wanted), there ? rank : -1);
      if (!there) continue;
      assert.equal(await index.row(rank), order[rank]);
      assert.equal(compareKeys(await index.key(rank), wanted), 0);
      const low = dice.int(count);
      const high = low + dice.int(count - low);
      same(await rowsOf(index, low, high), order.slice(low, high));
      same(await rowsOf(index, low, high, true), order.slice(low, high).toReversed());
    }
  });
}

describe('an index', () => {
  const bytes = (...numbers: readonly number[]) => numbers.map((number) => Uint8Array.of(number));

  it('knows a file that is in key order, whether it is sorted in one run or in many', async () => {
    const keys = Array.from({ length: 5_000 }, (_, i) => Uint8Array.of(1, i >> 8, i & 0xff));
    for (const runBytes of [1_000_000, 5_000]) {
      assert.equal((await indexOf(keys, { runBytes })).ascending, true);
      const swapped = keys.with(2_500, keys[2_501] ?? key(0)).with(2_501, keys[2_500] ?? key(0));
      assert.equal((await indexOf(swapped, { runBytes })).ascending, false);
    }
  });

  it('of unique keys names the first two rows in key order that have one, the lower row first', async () => {
    for (const [keys, runBytes, expected] of [
      [bytes(1, 5, 5), 1_000, [1, 2]],
      [bytes(5, 1, 5), 1_000, [0, 2]],
      [bytes(3, 3), 1_000, [0, 1]],
      [bytes(9, 3, 9, 3), 1_000, [1, 3]],
      [bytes(9, 3, 9, 3), 12, [1, 3]],
    ] as const) {
      const twins = await made(keys, { unique: true, runBytes });
      assert.ok(isTwins(twins));
      assert.deepEqual([twins.first, twins.second], expected);
    }
    const twins = await made(
      Array.from({ length: 3_000 }, (_, i) => Uint8Array.of(1 + (i >> 8), i === 2_000 ? 207 : i & 0xff)),
      { unique: true },
    );
    assert.ok(isTwins(twins));
    assert.deepEqual([twins.first, twins.second], [1_999, 2_000]);
  });

  it('has nothing above the highest bytes', () => {
    assert.equal(above(Uint8Array.of(0xff, 0xff)), undefined);
    assert.deepEqual(above(Uint8Array.of(1, 0xff)), Uint8Array.of(2));
  });
});
