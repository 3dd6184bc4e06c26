// Knows: what the gateway does itself to a stream of batches: filter, sort in bounded memory, pass over, count.
// Must not know: plans, relations, sources. Everything here is lazy: ending the iteration early ends the source's.

import { Fault } from '../fault.ts';
import { type Row, type Value, valueAt } from '../model/value.ts';
import { type Filter, matches } from '../query/filter.ts';
import { compareRows, type Order } from '../query/order.ts';
import type { Batch } from '../spi.ts';

/** `length` rows of a batch; `at` says which. Direct JSON stays possible: nothing is decoded here. */
function part(batch: Batch, length: number, at: (i: number) => number): Batch {
  const { json, asOf, version, cache } = batch;
  return {
    length,
    row: (i) => batch.row(at(i)),
    ...(json === undefined ? {} : { json: (i, out) => json.call(batch, at(i), out) }),
    ...(asOf === undefined ? {} : { asOf }),
    ...(version === undefined ? {} : { version }),
    ...(cache === undefined ? {} : { cache }),
  };
}

/** The rows of a batch from `from` up to, not including, `to`. */
function slice(batch: Batch, from: number, to: number): Batch {
  return part(batch, to - from, (i) => from + i);
}

/** The rows for which the filter is true. Throws `too-costly` after `maxRows` rows looked at. */
export async function* filtered(
  batches: AsyncIterable<Batch>,
  filter: Filter,
  maxRows: number,
): AsyncGenerator<Batch> {
  let seen = 0;
  for await (const batch of batches) {
    seen += batch.length;
    if (seen > maxRows) {
      throw new Fault('too-costly', `More than ${maxRows} rows would have to be looked at`, {
        code: 'scan-limit',
        parameter: 'filter',
        hint: 'Filter by a key or by a field that the source can search.',
      });
    }
    const picked: number[] = [];
    for (let i = 0; i < batch.length; i++) {
      if (matches(filter, batch.row(i))) picked.push(i);
    }
    if (picked.length === batch.length) yield batch;
    // Also that nothing was found may be old.
    else if (picked.length > 0 || batch.cache !== undefined)
      yield part(batch, picked.length, (i) => picked[i] ?? 0);
  }
}

/** A row with what it is sorted by. `arrival` keeps the source's order among equals. */
interface Ranked {
  readonly row: Row;
  readonly values: readonly Value[];
  readonly arrival: number;
}

/**
 * All rows in order, or the first `wanted` of them. With `wanted` only that many rows are held: the rows are
 * gathered up to twice that number, sorted, and cut. Without it, or beyond `maxRows`, `too-costly` is thrown.
 */
export async function* sorted(
  batches: AsyncIterable<Batch>,
  order: Order,
  wanted: number | undefined,
  maxRows: number,
): AsyncGenerator<Batch> {
  const keep = Math.min(wanted ?? Number.POSITIVE_INFINITY, maxRows);
  let held: Ranked[] = [];
  let arrival = 0;
  /** One read is of one version; of its ages the first is told. */
  let about: Pick<Batch, 'asOf' | 'version' | 'cache'> | undefined;
  const compare = (a: Ranked, b: Ranked) => compareRanked(order, a, b);
  for await (const batch of batches) {
    about ??= {
      ...(batch.asOf === undefined ? {} : { asOf: batch.asOf }),
      ...(batch.version === undefined ? {} : { version: batch.version }),
      ...(batch.cache === undefined ? {} : { cache: batch.cache }),
    };
    for (let i = 0; i < batch.length; i++) {
      const row = batch.row(i);
      held.push({ row, values: order.map(({ field }) => valueAt(row, field)), arrival: arrival++ });
    }
    if (held.length <= keep * 2 && held.length <= keep + 1_000) continue;
    if (wanted === undefined || wanted > maxRows) throw tooMany(maxRows);
    held = held.sort(compare).slice(0, keep);
  }
  if (held.length > maxRows && (wanted === undefined || wanted > maxRows)) throw tooMany(maxRows);
  const rows = held.sort(compare).slice(0, keep);
  if (rows.length > 0 || about?.cache !== undefined)
    yield { length: rows.length, row: (i) => rows[i]?.row ?? {}, ...about };
}

function tooMany(maxRows: number): Fault {
  return new Fault('too-costly', `More than ${maxRows} rows would have to be sorted`, {
    code: 'sort-limit',
    parameter: 'orderby',
    hint: 'Filter the list, ask for a page with "first", or order by the key.',
  });
}

function compareRanked(order: Order, a: Ranked, b: Ranked): number {
  return compareRows(order, (_, i) => a.values[i] ?? null, b.values) || a.arrival - b.arrival;
}

/** Without the first `skip` rows. */
export async function* passedOver(batches: AsyncIterable<Batch>, skip: number): AsyncGenerator<Batch> {
  let left = skip;
  for await (const batch of batches) {
    if (left === 0) yield batch;
    else if (left >= batch.length) left -= batch.length;
    else {
      yield slice(batch, left, batch.length);
      left = 0;
    }
  }
}

/** The first rows of a batch. */
export function head(batch: Batch, length: number): Batch {
  return length >= batch.length ? batch : slice(batch, 0, length);
}

/** Batches of at most `size` rows. */
export async function* chunked(batches: AsyncIterable<Batch>, size: number): AsyncGenerator<Batch> {
  for await (const batch of batches) {
    if (batch.length <= size) yield batch;
    else
      for (let from = 0; from < batch.length; from += size) {
        yield slice(batch, from, Math.min(from + size, batch.length));
      }
  }
}

export async function countRows(batches: AsyncIterable<Batch>): Promise<number> {
  let count = 0;
  for await (const batch of batches) count += batch.length;
  return count;
}
