// Knows: how a route through a file is gone: opens it, brings the rows in, keeps those that match, batch by batch.
// Must not know: how the route was chosen, what is inside a record.

import { recordCount } from '#codec/framing/fixed';
import { type Ask, type Batch, Fault, type Row } from '#spi';
import { byIndex } from './by-index.ts';
import { byRanges, countRanges } from './by-ranges.ts';
import { type Place, placeIn } from './place.ts';
import { scan } from './scan.ts';
import { type Journey, type OpenTable, ownerOf, type Selection, type Traveller } from './selection.ts';
import { slices } from './slices.ts';

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

function batchMaker(of: OpenTable, ask: Ask, asOf: string) {
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
  switch (journey.route.way) {
    case 'scan':
      return scan(traveller, limit);
    case 'ranges':
      return byRanges(traveller, journey.route, limit);
    default:
      return byIndex(traveller, limit);
  }
}
