// Knows: how the rows of a route come by the index of their keys: looked up, or along the key order.
// Must not know: how the route was chosen, what is inside a record.

import type { Test } from '#codec/compile/compile';
import type { Block } from '#codec/framing/block';
import { fetchBlock, scanFile } from './fetch.ts';
import type { KeyIndex } from './key-index.ts';
import type { Bound } from './route.ts';
import type { Span } from './rows.ts';
import { scan } from './scan.ts';
import { batchEnd, type Selection, select, type Traveller } from './selection.ts';
import type { VersionIndex } from './version.ts';

/** Records fetched by their places at once: few at first, for the sake of short pages. */
const FIRST_GROUP = 64;
const LARGEST_GROUP = 2_048;
const LARGEST_GROUP_BYTES = 1_048_576;

/** Keys, or a walk along the key order. */
export async function* byIndex(traveller: Traveller, limit: number): AsyncGenerator<Selection, void> {
  const { of, file, journey, signal } = traveller;
  const { route, test } = journey;
  const { table } = of;
  const index = await of.versions.index(file, { signal });
  if (route.way === 'walk') {
    const [low, high] = interval(index.keys, route.bounds);
    if (index.keys.ascending && !route.descending && table.fixed !== undefined) {
      // The key order is the order of the file.
      yield* scan(traveller, limit, [low, high]);
      return;
    }
    // In a file in another order, each record on the way costs a read of its own: better to know first which are wanted.
    const wanted =
      test === undefined || index.keys.ascending
        ? undefined
        : await matching(traveller, index.keys.length, test);
    const way = {
      ranks: range(low, high, route.descending),
      ...(wanted === undefined ? { test } : { wanted }),
    };
    yield* fetchRanks(traveller, index, way, limit);
  } else if (route.way === 'keys') {
    const found = new Set(route.keys.map((key) => index.keys.find(key)));
    found.delete(-1);
    const ranks = Float64Array.from(found).sort();
    yield* fetchRanks(traveller, index, { ranks: route.descending ? ranks.reverse() : ranks, test }, limit);
  }
}

/** First rank, and the one behind the last. */
function interval(keys: KeyIndex, bounds: readonly Bound[]): readonly [low: number, high: number] {
  let low = 0;
  let high = keys.length;
  for (const { side, key } of bounds) {
    if (side === 'above') low = Math.max(low, keys.above(key));
    else if (side === 'from') low = Math.max(low, keys.from(key));
    else if (side === 'below') high = Math.min(high, keys.from(key));
    else high = Math.min(high, keys.above(key));
  }
  return [low, Math.max(low, high)];
}

function* range(low: number, high: number, descending: boolean): Generator<number, void> {
  if (descending) for (let rank = high - 1; rank >= low; rank--) yield rank;
  else for (let rank = low; rank < high; rank++) yield rank;
}

/** One bit for each row of the file: does it match? */
async function matching(
  { of, file, journey, slice, signal }: Traveller,
  rows: number,
  test: Test,
): Promise<Uint8Array> {
  const { table, scans } = of;
  if (scans?.take(file)) return await scans.bits({ of, file, where: journey.route.rest, signal }, rows);
  const bits = new Uint8Array(Math.ceil(rows / 8));
  /** Rows in the blocks before. */
  let before = 0;
  for await (const block of table.rows(scanFile(file, table.framing, { signal }))) {
    for (let from = 0; from < block.length; ) {
      const end = batchEnd(block, from);
      for (const i of select(of, block, from, end, test).picked ?? []) {
        const row = before + i;
        bits[row >> 3] = (bits[row >> 3] ?? 0) | (1 << (row & 7));
      }
      from = end;
      if (slice.over()) await slice.next();
      signal.throwIfAborted();
    }
    before += block.length;
  }
  return bits;
}

function isSet(bits: Uint8Array, row: number): boolean {
  return (((bits[row >> 3] ?? 0) >> (row & 7)) & 1) === 1;
}

/** Ranks in the order in which their records are to come; those of them that match, by bits already known or by a test. */
interface RankedWay {
  readonly ranks: Iterable<number>;
  readonly wanted?: Uint8Array;
  readonly test?: Test | undefined;
}

/** Ranks passed by between two looks at the clock. */
const RANKS_PER_LOOK = 1_024;

/** The records of these ranks, fetched in groups. */
async function* fetchRanks(
  { of, file, slice, signal }: Traveller,
  { keys, spans }: VersionIndex,
  { ranks, wanted, test }: RankedWay,
  limit: number,
): AsyncGenerator<Selection, void> {
  let size = test === undefined ? Math.min(limit, FIRST_GROUP) : FIRST_GROUP;
  let group: Span[] = [];
  let bytes = 0;
  const { table } = of;
  const fetched = async function* (): AsyncGenerator<Selection, void> {
    const block = await fetchBlock(file, table.framing, group, { signal });
    group = [];
    bytes = 0;
    size = Math.min(size * 4, LARGEST_GROUP);
    for await (const rows of table.rows(one(block))) yield select(of, rows, 0, rows.length, test);
  };
  let passed = 0;
  for (const rank of ranks) {
    const row = keys.record(rank);
    if (wanted === undefined || isSet(wanted, row)) {
      const next = spans(row);
      for (const span of next) {
        group.push(span);
        bytes += span.length;
      }
      if (group.length >= size || bytes >= LARGEST_GROUP_BYTES) yield* fetched();
    }
    if (++passed % RANKS_PER_LOOK === 0 && slice.over()) {
      await slice.next();
      signal.throwIfAborted();
    }
  }
  if (group.length > 0) yield* fetched();
}

async function* one(block: Block): AsyncGenerator<Block, void> {
  yield block;
}
