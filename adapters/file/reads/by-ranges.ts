// Knows: how the rows of a route come by ranges of a declared index, and when a scan is the better way.
// Must not know: how the route was chosen, what is inside a record.

import { Fault } from '#spi';
import type { IndexOf } from '../indexes/index-of.ts';
import { compareKeys, keySplitter } from '../indexes/key-bytes.ts';
import type { OrderedIndex } from '../indexes/ordered-index.ts';
import { scan } from '../scans/scan.ts';
import type { VersionIndex } from '../versions/version.ts';
import { byIndex, fetchRows } from './by-index.ts';
import type { RangesWay } from './route.ts';
import type { Journey, Selection, Traveller } from './selection.ts';

/**
 * Where no order is wanted and more than one row in so many matches, the file is scanned: records that are spread over most of its blocks come
 * sooner with all the others than one by one.
 */
const SCAN_FROM = 16;
/** Rows that are put in the order of their keys at once; more are met on a walk along the key order. */
const SORTED_AT_ONCE = 8_192;

export async function* byRanges(
  traveller: Traveller,
  route: RangesWay,
  limit: number,
): AsyncGenerator<Selection, void> {
  const { journey } = traveller;
  const index = await indexOrNone(traveller, route);
  if (index === undefined) {
    yield* withoutIndex(traveller, route, limit);
    return;
  }
  await using held = index;
  const { keys } = held;
  const intervals = await intervalsOf(keys, route);
  const { test, whole } = journey;
  const count = intervals.reduce((sum, [low, high]) => sum + high - low, 0);
  if (route.order === 'index') {
    const rows = rowsIn(keys, intervals, route.descending);
    yield* fetchRows(traveller, held, { rows, test }, limit);
  } else if (route.order === 'key') {
    const wanted: Wanted = { index: held, intervals, descending: route.descending };
    if (count <= SORTED_AT_ONCE) {
      const rows = (await isInKeyOrder(traveller))
        ? one(await inFileOrder(traveller, keys, { intervals, count, descending: route.descending }))
        : sortedByKey(traveller, route.index, wanted);
      yield* fetchRows(traveller, held, { rows, test }, limit);
    } else yield* alongKeys(traveller, wanted, limit);
  } else if (whole !== undefined && count * SCAN_FROM > keys.length && count * SCAN_FROM > limit) {
    yield* scan(wholly(traveller, whole), limit);
  } else {
    const rows = one(await inFileOrder(traveller, keys, { intervals, count, descending: false }));
    yield* fetchRows(traveller, held, { rows, test }, limit);
  }
}

/** What the index alone tells; undefined: it does not. */
export async function countRanges(traveller: Traveller): Promise<number | undefined> {
  const { route } = traveller.journey;
  if (route.way !== 'ranges') return undefined;
  const index = await indexOrNone(traveller, route);
  if (index === undefined) return undefined;
  await using held = index;
  const intervals = await intervalsOf(held.keys, route);
  return intervals.reduce((sum, [low, high]) => sum + high - low, 0);
}

/** None where a record anywhere in the file keeps it from being made: what is asked for may be in good order all the same. */
async function indexOrNone(
  { of, file, journey, signal }: Traveller,
  { index, without }: RangesWay,
): Promise<VersionIndex | undefined> {
  try {
    return await of.versions.index(file, { signal, id: index.id });
  } catch (error) {
    const dispensable = journey.whole !== undefined && without !== undefined;
    if (dispensable && error instanceof Fault && error.kind === 'corrupt') return undefined;
    throw error;
  }
}

/** As if the index was not declared. */
async function* withoutIndex(
  traveller: Traveller,
  { without, descending }: RangesWay,
  limit: number,
): AsyncGenerator<Selection, void> {
  const { whole, route } = traveller.journey;
  if (without === 'scan') yield* scan(wholly(traveller, whole), limit);
  else {
    const { rest, answered, ordered } = route;
    const journey = {
      route: { way: 'walk', bounds: [], descending, rest: whole?.where ?? rest, answered, ordered },
      ...(whole === undefined ? {} : { test: whole.test }),
    } as const;
    yield* byIndex({ ...traveller, journey }, limit);
  }
}

/** A scan by all of the filter. */
function wholly(traveller: Traveller, whole: Journey['whole']): Traveller {
  const { answered, ordered } = traveller.journey.route;
  const route = { way: 'scan', rest: whole?.where ?? [], answered, ordered } as const;
  return { ...traveller, journey: { route, ...(whole === undefined ? {} : { test: whole.test }) } };
}

type Interval = readonly [low: number, high: number];

/** Ranks, for each of the ranges that has some. */
async function intervalsOf(keys: OrderedIndex, { ranges }: RangesWay): Promise<readonly Interval[]> {
  const intervals: Interval[] = [];
  for (const { from, below } of ranges) {
    const low = await keys.from(from);
    const high = below === undefined ? keys.length : await keys.from(below);
    if (low < high) intervals.push([low, high]);
  }
  return intervals;
}

async function* rowsIn(
  keys: OrderedIndex,
  intervals: readonly Interval[],
  descending: boolean,
): AsyncGenerator<Float64Array, void> {
  for (const [low, high] of descending ? intervals.toReversed() : intervals) {
    yield* keys.rows(low, high, descending);
  }
}

/** Do the records stand in the file in the order of their keys? Where the index of the key cannot be made, nobody knows. */
async function isInKeyOrder({ of, file, signal }: Traveller): Promise<boolean> {
  try {
    await using byKey = await of.versions.index(file, { signal });
    return byKey.keys.ascending;
  } catch (error) {
    if (error instanceof Fault && error.kind === 'corrupt') return false;
    throw error;
  }
}

interface InFile {
  readonly intervals: readonly Interval[];
  readonly count: number;
  readonly descending: boolean;
}

async function inFileOrder(
  { slice, signal }: Traveller,
  keys: OrderedIndex,
  { intervals, count, descending }: InFile,
): Promise<Float64Array> {
  const rows = new Float64Array(count);
  let filled = 0;
  for await (const some of rowsIn(keys, intervals, false)) {
    rows.set(some, filled);
    filled += some.length;
    if (slice.over()) {
      await slice.next();
      signal.throwIfAborted();
    }
  }
  // At most one row in so many comes here: the engine sorts a million numbers in a few milliseconds.
  rows.sort();
  return descending ? rows.reverse() : rows;
}

interface Wanted {
  readonly index: VersionIndex;
  readonly intervals: readonly Interval[];
  readonly descending: boolean;
}

interface Keyed {
  readonly row: number;
  readonly key: readonly Uint8Array[];
}

/** Behind its own fields, each entry of the index has those of the key. */
async function* sortedByKey(
  { of, slice, signal }: Traveller,
  { fields }: IndexOf,
  { index: { keys, bytes }, intervals, descending }: Wanted,
): AsyncGenerator<Float64Array, void> {
  const split = keySplitter(bytes.parts);
  const places = of.table.key.map((part) => fields.findIndex(({ field }) => field === part.field));
  const found: Keyed[] = [];
  for (const [low, high] of intervals) {
    for (let rank = low; rank < high; rank++) {
      const parts = split(await keys.key(rank));
      found.push({ row: await keys.row(rank), key: places.map((place) => parts[place] ?? NOTHING) });
      if (slice.over()) {
        await slice.next();
        signal.throwIfAborted();
      }
    }
  }
  found.sort(compareKeyed);
  if (descending) found.reverse();
  yield Float64Array.from(found, ({ row }) => row);
}

const NOTHING = new Uint8Array(0);

function compareKeyed(a: Keyed, b: Keyed): number {
  for (const [i, part] of a.key.entries()) {
    const difference = compareKeys(part, b.key[i] ?? NOTHING);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Along the index of the key, past all rows that are not in the intervals. */
async function* alongKeys(
  traveller: Traveller,
  { index, intervals, descending }: Wanted,
  limit: number,
): AsyncGenerator<Selection, void> {
  const { of, file, journey, slice, signal } = traveller;
  const { keys } = index;
  const wanted = new Uint8Array(Math.ceil(keys.length / 8));
  for await (const rows of rowsIn(keys, intervals, false)) {
    for (const row of rows) wanted[row >> 3] = (wanted[row >> 3] ?? 0) | (1 << (row & 7));
    if (slice.over()) {
      await slice.next();
      signal.throwIfAborted();
    }
  }
  await using byKey = await of.versions.index(file, { signal });
  const rows = byKey.keys.rows(0, byKey.keys.length, descending);
  yield* fetchRows(traveller, byKey, { rows, wanted, test: journey.test }, limit);
}

async function* one(rows: Float64Array): AsyncGenerator<Float64Array, void> {
  yield rows;
}
