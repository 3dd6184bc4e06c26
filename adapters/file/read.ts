// Knows: how a route through a file is gone: opens it, brings the records in, keeps those that match, batch by batch.
// Must not know: how the route was chosen, what is inside a record.

import type { Test } from '#codec/compile/compile';
import { type Ask, type Batch, Fault, type Row } from '#spi';
import { type Block, fetchBlock, recordCount, type Span, scanBlocks, scanFixed } from './blocks.ts';
import type { ByteFile } from './byte-store.ts';
import type { KeyIndex } from './key-index.ts';
import { type Place, placeIn } from './place.ts';
import type { Bound, Route } from './route.ts';
import type { SharedFile } from './shared-file.ts';
import { type Slice, slices } from './slices.ts';
import type { Table } from './table.ts';
import type { VersionIndex, Versions } from './version.ts';

/** An opened collection. */
export interface OpenTable {
  readonly source: string;
  readonly table: Table;
  readonly stored: SharedFile;
  readonly versions: Versions;
  readonly sliceMs: number;
}

/** A route with the test of what it does not answer itself; no test: every record on the way is wanted. */
export interface Journey {
  readonly route: Route;
  readonly test?: Test;
}

/** Records of a block that are wanted, by their numbers in the block; absent: all of them. */
interface Selection {
  readonly block: Block;
  readonly picked?: readonly number[];
}

/** Records that are looked at between two looks at the clock. */
const RECORDS_PER_BATCH = 4_096;
/** Records fetched by their places at once: few at first, for the sake of short pages. */
const FIRST_GROUP = 64;
const LARGEST_GROUP = 2_048;
const LARGEST_GROUP_BYTES = 1_048_576;

interface Traveller {
  readonly of: OpenTable;
  readonly file: ByteFile;
  readonly journey: Journey;
  readonly slice: Slice;
  readonly signal: AbortSignal;
}

/** The records of a journey as batches, at most `ask.limit` of them. Ending the iteration early closes the file. */
export async function* readBatches(of: OpenTable, journey: Journey, ask: Ask): AsyncGenerator<Batch, void> {
  await using file = await of.stored.open(ask);
  const toBatch = batchMaker(of, ask, file.modifiedAt);
  let left = ask.limit ?? Number.POSITIVE_INFINITY;
  if (left === 0) return;
  const slice = slices(of.sliceMs);
  for await (const selection of selections({ of, file, journey, slice, signal: ask.signal }, left)) {
    const batch = toBatch(selection, left);
    if (batch.length > 0) yield batch;
    left -= batch.length;
    if (left <= 0) return;
    if (slice.over()) await slice.next();
    ask.signal.throwIfAborted();
  }
}

/** How many records the journey meets. */
export async function countRecords(
  of: OpenTable,
  journey: Journey,
  ask: { readonly signal: AbortSignal },
): Promise<number> {
  await using file = await of.stored.open(ask);
  const { framing } = of.table;
  if (journey.route.way === 'scan' && journey.test === undefined && framing.kind === 'fixed') {
    return recordCount(file, framing);
  }
  const slice = slices(of.sliceMs);
  let count = 0;
  for await (const { block, picked } of selections(
    { of, file, journey, slice, ...ask },
    Number.POSITIVE_INFINITY,
  )) {
    count += picked?.length ?? block.length;
    if (slice.over()) await slice.next();
    ask.signal.throwIfAborted();
  }
  return count;
}

function batchMaker({ source, table }: OpenTable, ask: Ask, asOf: string) {
  const decode = table.codec.decoder(ask.fields);
  const write = ask.json === undefined ? undefined : table.codec.writer(ask.json);
  return ({ block, picked }: Selection, most: number): Batch => {
    const place = placeIn(source, table.collection.name, block);
    const at = (i: number): number => {
      place.i = picked === undefined ? i : (picked[i] ?? 0);
      return place.i;
    };
    return {
      length: Math.min(picked?.length ?? block.length, most),
      asOf,
      row(i) {
        const j = at(i);
        const row = decode(block.bytes, block.start(j), block.end(j), place.locate);
        return block.origin === undefined ? row : settledRow(row, place);
      },
      ...(write === undefined
        ? {}
        : {
            json(i, out) {
              const j = at(i);
              try {
                write(block.bytes, block.start(j), block.end(j), out, place.locate);
              } catch (error) {
                throw place.settle(error);
              }
            },
          }),
    };
  };
}

/** Only flat layouts are rearranged, so faults stand in the row itself. */
function settledRow(row: Row, place: Place): Row {
  if (!Object.values(row).some((cell) => cell instanceof Fault)) return row;
  return Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, place.settle(cell)]));
}

function selections(traveller: Traveller, limit: number): AsyncGenerator<Selection, void> {
  const { journey } = traveller;
  return journey.route.way === 'scan' ? scan(traveller) : byIndex(traveller, limit);
}

async function* scan({ of, file, journey: { test }, signal }: Traveller): AsyncGenerator<Selection, void> {
  yield* selectAll(of, scanBlocks(file, of.table.framing, { signal }), test);
}

async function* selectAll(
  of: OpenTable,
  blocks: AsyncIterable<Block>,
  test: Test | undefined,
): AsyncGenerator<Selection, void> {
  for await (const raw of blocks) {
    for (const block of of.table.shape(raw)) {
      for (let from = 0; from < block.length; from += RECORDS_PER_BATCH) {
        yield select(of, block, from, Math.min(from + RECORDS_PER_BATCH, block.length), test);
      }
    }
  }
}

/** The matching records of `block` from `from` up to, not including, `end`. */
function select(of: OpenTable, block: Block, from: number, end: number, test: Test | undefined): Selection {
  const picked: number[] = [];
  if (test === undefined) {
    if (from === 0 && end === block.length) return { block };
    for (let i = from; i < end; i++) picked.push(i);
    return { block, picked };
  }
  const { bytes } = block;
  const place = placeIn(of.source, of.table.collection.name, block);
  try {
    for (let i = from; i < end; i++) {
      place.i = i;
      if (test(bytes, block.start(i), block.end(i), place.locate)) picked.push(i);
    }
  } catch (error) {
    throw place.settle(error);
  }
  return { block, picked };
}

/** Keys, or a walk along the key order. */
async function* byIndex(traveller: Traveller, limit: number): AsyncGenerator<Selection, void> {
  const { of, file, journey, signal } = traveller;
  const { route, test } = journey;
  const { framing } = of.table;
  const index = await of.versions.index(file, { signal });
  if (route.way === 'walk') {
    const [low, high] = interval(index.keys, route.bounds);
    if (index.keys.ascending && !route.descending && framing.kind === 'fixed') {
      // The key order is the order of the file.
      yield* selectAll(of, scanFixed(file, framing, low, high, { signal }), test);
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

/** One bit for each record of the file: does it match? */
async function matching(
  { of, file, slice, signal }: Traveller,
  records: number,
  test: Test,
): Promise<Uint8Array> {
  const bits = new Uint8Array(Math.ceil(records / 8));
  for await (const { block, picked = [] } of selectAll(
    of,
    scanBlocks(file, of.table.framing, { signal }),
    test,
  )) {
    for (const i of picked) {
      const record = block.record(i);
      bits[record >> 3] = (bits[record >> 3] ?? 0) | (1 << (record & 7));
    }
    if (slice.over()) await slice.next();
    signal.throwIfAborted();
  }
  return bits;
}

function isSet(bits: Uint8Array, record: number): boolean {
  return (((bits[record >> 3] ?? 0) >> (record & 7)) & 1) === 1;
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
  { keys, span }: VersionIndex,
  { ranks, wanted, test }: RankedWay,
  limit: number,
): AsyncGenerator<Selection, void> {
  let size = test === undefined ? Math.min(limit, FIRST_GROUP) : FIRST_GROUP;
  let group: Span[] = [];
  let bytes = 0;
  const fetched = async function* (): AsyncGenerator<Selection, void> {
    const block = await fetchBlock(file, group, { signal });
    group = [];
    bytes = 0;
    size = Math.min(size * 4, LARGEST_GROUP);
    for (const shaped of of.table.shape(block)) yield select(of, shaped, 0, shaped.length, test);
  };
  let passed = 0;
  for (const rank of ranks) {
    const record = keys.record(rank);
    if (wanted === undefined || isSet(wanted, record)) {
      const next = span(record);
      group.push(next);
      bytes += next.length;
      if (group.length >= size || bytes >= LARGEST_GROUP_BYTES) yield* fetched();
    }
    if (++passed % RANKS_PER_LOOK === 0 && slice.over()) {
      await slice.next();
      signal.throwIfAborted();
    }
  }
  if (group.length > 0) yield* fetched();
}
