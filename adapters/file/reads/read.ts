// Knows: how a route through a file is gone: opens it, brings the rows in, keeps those that match, batch by batch.
// Must not know: how the route was chosen, what is inside a record.

import { recordCount } from '#codec/framing/fixed';
import { type Ask, type Batch, Fault, type Row } from '#spi';
import { scan } from '../scans/scan.ts';
import { slices } from '../slices.ts';
import type { ByteFile } from '../store/byte-store.ts';
import { ownerOf, type Place, placeIn } from '../tables/place.ts';
import { byIndex } from './by-index.ts';
import { byRanges, countRanges } from './by-ranges.ts';
import type { Journey, OpenTable, Selection, Traveller } from './selection.ts';

/** The records of a journey as batches, at most `ask.limit` of them. Ending the iteration early closes the file. */
export async function* readBatches(of: OpenTable, journey: Journey, ask: Ask): AsyncGenerator<Batch, void> {
  await using file = await openAsked(of, ask);
  const toBatch = batchMaker(of, ask, file);
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
  await using file = await openAsked(of, ask);
  const { fixed } = of.table;
  if (journey.route.way === 'scan' && journey.test === undefined && fixed !== undefined) {
    return recordCount(file.size, fixed);
  }
  if (journey.route.way === 'scan' && of.scans?.take(file)) {
    const counted = await of.scans.count({ of, file, where: journey.route.rest, ...ask });
    if (counted !== undefined) return counted;
  }
  const slice = slices(of.sliceMs);
  const traveller: Traveller = { of, file, journey, slice, ...ask };
  const known = journey.test === undefined ? await countRanges(traveller) : undefined;
  if (known !== undefined) return known;
  let count = 0;
  for await (const { block, picked } of selections(traveller, Number.POSITIVE_INFINITY)) {
    count += picked?.length ?? block.length;
    if (slice.over()) await slice.next();
    ask.signal.throwIfAborted();
  }
  return count;
}

/** Throws `stale` where a keyless page has to be of a version that is not there any more: its cursor counts rows of that version. */
async function openAsked(
  { stored, table, version }: OpenTable,
  { signal }: { readonly signal: AbortSignal },
): Promise<ByteFile> {
  const file = await stored.open({ signal, version });
  if (version === undefined || file.kept?.name === version || table.key.length > 0) return file;
  await file[Symbol.asyncDispose]();
  throw cursorExpired(table.collection.name);
}

export function cursorExpired(collection: string): Fault {
  return new Fault(
    'stale',
    `"${collection}" was replaced since its first page was read, and the older version is gone`,
    {
      code: 'cursor-expired',
      collection,
      parameter: 'after',
      hint: 'Begin again at the first page: without a key, the cursor counts rows of that version.',
    },
  );
}

function batchMaker(of: OpenTable, ask: Ask, { modifiedAt: asOf, kept }: ByteFile) {
  const { table } = of;
  const decode = table.codec.decoder(ask.fields);
  const write = ask.json === undefined ? undefined : table.codec.writer(ask.json);
  return ({ block, picked }: Selection, most: number): Batch => {
    const place = placeIn(ownerOf(of), block);
    const at = (i: number): number => {
      place.i = picked === undefined ? i : (picked[i] ?? 0);
      return place.i;
    };
    return {
      length: Math.min(picked?.length ?? block.length, most),
      asOf,
      ...(kept === undefined ? {} : { version: kept.name }),
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
export function settledRow(row: Row, place: Place): Row {
  if (!Object.values(row).some((cell) => cell instanceof Fault)) return row;
  return Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, place.settle(cell)]));
}

function selections(traveller: Traveller, limit: number): AsyncGenerator<Selection, void> {
  const { journey } = traveller;
  switch (journey.route.way) {
    case 'scan':
      return scan(traveller, limit);
    case 'ranges':
      return byRanges(traveller, journey.route, limit);
    default:
      return byIndex(traveller, limit);
  }
}
