// Knows: how one pass over the records of a file version makes all indexes of it that are wanted.
// Must not know: queries; where indexes are kept, beyond the drafts that it is handed.

import type { Block } from '#codec/framing/block';
import { Fault, keyText, type Row, type Value, valueAt } from '#spi';
import { slices } from '../slices.ts';
import type { ByteFile } from '../store/byte-store.ts';
import { fetchBlock, fixedSpan, scanFile } from '../tables/fetch.ts';
import { type Owner, type Place, placeIn } from '../tables/place.ts';
import { type Span, spansOf } from '../tables/rows.ts';
import type { Table } from '../tables/table.ts';
import { type EntryRuns, entryRuns } from './entry-runs.ts';
import { type IndexOf, keyBytesOf, PLACES } from './index-of.ts';
import type { KeyBytes } from './key-bytes.ts';
import { isTwins, type Twins, writeIndex } from './ordered-index.ts';
import type { Pages, PageWriter } from './page-file.ts';
import { type PlacesWriter, placesWriter } from './row-places.ts';
import type { Turns } from './sort-entries.ts';

export interface BuildOf {
  readonly owner: Owner;
  readonly table: Table;
  /** For messages. */
  readonly path: string;
  readonly file: ByteFile;
  readonly sliceMs: number;
}

export interface Wanted {
  readonly ordered: readonly IndexOf[];
  readonly places: boolean;
  /** What a file of the index says of itself. */
  facts(id: string): object;
  /** Where the index goes. */
  draft(id: string): Promise<PageWriter>;
  /** Where sorted runs go on the way. */
  spill(): Promise<PageWriter>;
}

/**
 * By id: the pages, or the `corrupt` Fault that keeps an index from being made: two records have one key (`key-not-unique`, misconfigured), a
 * key is null (`key-is-null`), a field cannot be decoded. Throws what keeps the file from being read, and what a draft throws.
 */
export async function buildIndexes(
  of: BuildOf,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Pages | Fault>> {
  const turns: Turns = { slice: slices(of.sliceMs), signal };
  const made = new Map<string, Pages | Fault>();
  await using scratch = new AsyncDisposableStack();
  await using drafts = new AsyncDisposableStack();
  const collectors = wanted.ordered.map((index) => collectorOf(index, () => wanted.spill()));
  for (const { runs } of collectors) scratch.use(runs);
  const places = wanted.places ? placesWriter(drafts.use(await wanted.draft(PLACES))) : undefined;
  await scan(of, { collectors, places }, turns);
  if (places !== undefined) made.set(PLACES, await places.finish(wanted.facts(PLACES)));
  for (const { index, runs, fault } of collectors) {
    if (fault !== undefined) {
      made.set(index.id, fault);
      continue;
    }
    const writer = drafts.use(await wanted.draft(index.id));
    const pages = await writeIndex(
      runs,
      { writer, unique: index.unique, facts: wanted.facts(index.id) },
      turns,
    );
    if (!isTwins(pages)) made.set(index.id, pages);
    else {
      await writer[Symbol.asyncDispose]();
      const records = await recordsOf(of, pages, signal);
      made.set(index.id, notUnique(of, index, records));
    }
  }
  // From here on they are the caller's.
  drafts.move();
  return made;
}

interface Collector {
  readonly index: IndexOf;
  readonly names: readonly string[];
  readonly bytes: KeyBytes;
  readonly runs: EntryRuns;
  fault?: Fault;
}

function collectorOf(index: IndexOf, spill: () => Promise<PageWriter>): Collector {
  const names = index.fields.map(({ field }) => field);
  return { index, names, bytes: keyBytesOf(index), runs: entryRuns(spill) };
}

/** Rows between two looks at the clock. */
const ROWS_PER_LOOK = 256;

async function scan(
  { owner, table, file }: BuildOf,
  {
    collectors,
    places,
  }: { readonly collectors: readonly Collector[]; readonly places: PlacesWriter | undefined },
  turns: Turns,
): Promise<void> {
  const { slice, signal } = turns;
  const decode = table.codec.decoder([...new Set(collectors.flatMap(({ names }) => names))]);
  for await (const rows of table.rows(scanFile(file, table.framing, { signal }))) {
    const place = placeIn(owner, rows);
    for (; place.i < rows.length; place.i++) {
      const row = decode(rows.bytes, rows.start(place.i), rows.end(place.i), place.locate);
      for (const collector of collectors) {
        if (collector.fault !== undefined) continue;
        const length = keyOf(collector, row, place);
        if (length < 0) continue;
        const { bytes, runs } = collector;
        if (!runs.add(bytes.bytes, length)) {
          await runs.flush(turns);
          runs.add(bytes.bytes, length);
        }
      }
      if (places?.add(spansOf(rows, place.i)) === true) await places.flush();
      if (place.i % ROWS_PER_LOOK === 0 && slice.over()) {
        await slice.next();
        signal.throwIfAborted();
      }
    }
    if (places === undefined && collectors.every(({ fault }) => fault !== undefined)) return;
  }
}

/** How many bytes the key of the row has, -1 where a fault keeps the index from being made. */
function keyOf(collector: Collector, row: Row, place: Place): number {
  const { names, index, bytes } = collector;
  try {
    const values: Value[] = [];
    for (const name of names) values.push(valueAt(row, name));
    const missing = values.indexOf(null, index.nullable);
    if (missing < 0) return bytes.write(values);
    throw new Fault('corrupt', 'A record has no value in its key', {
      ...place.locate(0),
      code: 'key-is-null',
    });
  } catch (error) {
    const settled = place.settle(error);
    if (!(settled instanceof Fault) || settled.kind !== 'corrupt') throw settled;
    collector.fault = settled;
    return -1;
  }
}

interface TwinRecords {
  /** Numbers of the records, from 0, the lower one first. */
  readonly first: number;
  readonly second: number;
  readonly key: readonly Value[];
}

async function recordsOf(of: BuildOf, { first, second }: Twins, signal: AbortSignal): Promise<TwinRecords> {
  const { fixed } = of.table;
  /** Rows → the places of their records, found by another pass: this is the way to a fault. */
  const found = new Map<number, readonly Span[]>();
  if (fixed !== undefined) for (const row of [first, second]) found.set(row, [fixedSpan(fixed, row)]);
  else {
    let before = 0;
    for await (const rows of of.table.rows(scanFile(of.file, of.table.framing, { signal }))) {
      for (const row of [first, second]) {
        if (row >= before && row < before + rows.length) found.set(row, spansOf(rows, row - before));
      }
      before += rows.length;
    }
  }
  const spans = found.get(first) ?? [];
  return {
    first: spans[0]?.record ?? 0,
    second: found.get(second)?.[0]?.record ?? 0,
    key: await keyAt(of, spans, signal),
  };
}

/** The key of the row that is made of these records. */
export async function keyAt(
  { owner, table, file }: Pick<BuildOf, 'owner' | 'table' | 'file'>,
  spans: readonly Span[],
  signal: AbortSignal,
): Promise<readonly Value[]> {
  const decode = table.codec.decoder(table.key.map(({ field }) => field));
  const block = await fetchBlock(file, table.framing, spans, { signal });
  for await (const rows of table.rows(one(block))) {
    const place = placeIn(owner, rows);
    const row = decode(rows.bytes, rows.start(0), rows.end(0), place.locate);
    return table.key.map(({ field }) => valueAt(row, field));
  }
  return table.key.map(() => null);
}

async function* one(block: Block): AsyncGenerator<Block, void> {
  yield block;
}

function notUnique(
  { owner, table, path }: BuildOf,
  { fields }: IndexOf,
  { first, second, key }: TwinRecords,
): Fault {
  const names = fields.map(({ field }) => field).join(', ');
  const shown = key.map((value, i) => keyText(fields.slice(i, i + 1), [value])).join(', ');
  return new Fault(
    'corrupt',
    `The key (${names}) of "${table.collection.name}" is not unique: records ${first + 1} and ${second + 1} of "${path}" both have ${shown.slice(0, 200)}`,
    {
      code: 'key-not-unique',
      ...owner,
      record: second + 1,
      misconfigured: true,
      hint: 'Add the field that tells them apart to "key", or leave "key" out.',
    },
  );
}
