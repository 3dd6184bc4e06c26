// Knows: how the rows of a route come by the index of their keys: looked up, or along the key order.
// Must not know: how the route was chosen, what is inside a record.

import type { Test } from '#codec/compile/compile';
import type { Block } from '#codec/framing/block';
import { above } from '../indexes/key-bytes.ts';
import { scan } from '../scans/scan.ts';
import { fetchBlock, scanFile } from '../tables/fetch.ts';
import type { Span } from '../tables/rows.ts';
import type { VersionIndex } from '../versions/version.ts';
import type { Bound, Route } from './route.ts';
import { batchEnd, type Selection, select, type Traveller } from './selection.ts';

/** Records fetched by their places at once: few at first, for the sake of short pages. */
const FIRST_GROUP = 64;
const LARGEST_GROUP = 2_048;
const LARGEST_GROUP_BYTES = 1_048_576;

/** Keys, or a walk along the key order. */
export async function* byIndex(traveller: Traveller, limit: number): AsyncGenerator<Selection, void> {
  const { of, file, journey, signal } = traveller;
  const { route, test } = journey;
  const { table } = of;
  if (route.way === 'scan' || route.way === 'ranges') return;
  await using index = await of.versions.index(file, { signal });
  if (route.way === 'walk') {
    const [low, high] = await interval(index, route.bounds);
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
      rows: index.keys.rows(low, high, route.descending),
      ...(wanted === undefined ? { test } : { wanted }),
    };
    yield* fetchRows(traveller, index, way, limit);
  } else {
    yield* fetchRows(traveller, index, { rows: rowsOfKeys(index, route, traveller), test }, limit);
  }
}

/** First rank, and the one behind the last. */
async function interval(
  { keys, bytes }: VersionIndex,
  bounds: readonly Bound[],
): Promise<readonly [low: number, high: number]> {
  let low = 0;
  let high = keys.length;
  for (const { side, key } of bounds) {
    const own = bytes.of(key);
    const bound = side === 'above' || side === 'upTo' ? above(own) : own;
    const rank = bound === undefined ? keys.length : await keys.from(bound);
    if (side === 'above' || side === 'from') low = Math.max(low, rank);
    else high = Math.min(high, rank);
  }
  return [low, Math.max(low, high)];
}

/** Keys looked up between two looks at the clock. */
const KEYS_PER_LOOK = 256;

/** In key order. */
async function* rowsOfKeys(
  { keys, bytes }: VersionIndex,
  { keys: wanted, descending }: Extract<Route, { way: 'keys' }>,
  { slice, signal }: Traveller,
): AsyncGenerator<Float64Array, void> {
  const found = new Set<number>();
  for (const [i, key] of wanted.entries()) {
    found.add(await keys.find(bytes.of(key)));
    if (i % KEYS_PER_LOOK === 0 && slice.over()) {
      await slice.next();
      signal.throwIfAborted();
    }
  }
  found.delete(-1);
  const ranks = Float64Array.from(found).sort();
  if (descending) ranks.reverse();
  for (const [i, rank] of ranks.entries()) ranks[i] = await keys.row(rank);
  yield ranks;
}

/** One bit for each row of the file: does it match? */
async function matching(
  { of, file, journey, slice, signal }: Traveller,
  rows: number,
  test: Test,
): Promise<Uint8Array> {
  const { table, scans } = of;
  if (scans?.take(file)) {
    const found = await scans.bits({ of, file, where: journey.route.rest, signal }, rows);
    if (found !== undefined) return found;
  }
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

/** Rows in the order in which they are to come; those of them that match, by bits already known or by a test. */
interface RowsWay {
  readonly rows: AsyncIterable<Float64Array>;
  readonly wanted?: Uint8Array;
  readonly test?: Test | undefined;
}

/** Rows passed by between two looks at the clock. */
const ROWS_PER_LOOK = 1_024;

/** The records of these rows, fetched in groups. */
export async function* fetchRows(
  { of, file, slice, signal }: Traveller,
  { spans }: VersionIndex,
  { rows, wanted, test }: RowsWay,
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
    for await (const made of table.rows(one(block))) yield select(of, made, 0, made.length, test);
  };
  let passed = 0;
  for await (const some of rows) {
    for (const row of some) {
      if (wanted === undefined || isSet(wanted, row)) {
        const standing = spans(row);
        for (const span of standing instanceof Promise ? await standing : standing) {
          group.push(span);
          bytes += span.length;
        }
        if (group.length >= size || bytes >= LARGEST_GROUP_BYTES) yield* fetched();
      }
      if (++passed % ROWS_PER_LOOK === 0 && slice.over()) {
        await slice.next();
        signal.throwIfAborted();
      }
    }
  }
  if (group.length > 0) yield* fetched();
}

async function* one(block: Block): AsyncGenerator<Block, void> {
  yield block;
}
