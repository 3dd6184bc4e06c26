// Knows: how batches of several readings, each in order, become one reading in that order.
// Must not know: where they come from.

import { type Batch, compareRows, type Order, type Row, type Value, valueAt } from '#spi';

/** Rows of one batch, so that a first page of many readings is not decoded twice. */
const ROWS_PER_BATCH = 256;

interface Head {
  readonly batches: AsyncIterator<Batch, void>;
  /** Among equal rows the first reading goes first. */
  readonly place: number;
  batch: Batch;
  i: number;
  row: Row;
  values: readonly Value[];
}

interface Merged {
  readonly batch: Batch;
  readonly i: number;
  readonly row: Row;
}

/** Rows hold all fields of `order`. Ending it early ends all of the readings. `limit`: rows at most. */
export async function* merged(
  readings: readonly AsyncIterable<Batch>[],
  order: Order,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<Batch, void> {
  const iterators = readings.map((reading) => reading[Symbol.asyncIterator]());
  const heap = heapOf<Head>(
    (a, b) => compareRows(order, (_, i) => a.values[i] ?? null, b.values) || a.place - b.place,
  );
  const valuesOf = (row: Row) => order.map(({ field }) => valueAt(row, field));
  const nextBatch = async (iterator: AsyncIterator<Batch, void>): Promise<Batch | undefined> => {
    for (;;) {
      const { value } = await iterator.next();
      if (value === undefined || value.length > 0) return value ?? undefined;
    }
  };
  try {
    for (const [place, batches] of iterators.entries()) {
      const batch = await nextBatch(batches);
      if (batch === undefined) continue;
      const row = batch.row(0);
      heap.push({ batches, place, batch, i: 0, row, values: valuesOf(row) });
    }
    let left = limit;
    let ready: Merged[] = [];
    for (let head = heap.first(); head !== undefined && left > 0; head = heap.first()) {
      ready.push({ batch: head.batch, i: head.i, row: head.row });
      left--;
      const spent = head.i + 1 === head.batch.length;
      // A batch is only good until its reading is asked for the next one.
      if (spent || ready.length === ROWS_PER_BATCH || left === 0) {
        yield batchOf(ready);
        ready = [];
        if (left === 0) return;
      }
      if (spent) {
        const batch = await nextBatch(head.batches);
        if (batch === undefined) {
          heap.pop();
          continue;
        }
        head.batch = batch;
        head.i = 0;
      } else head.i++;
      head.row = head.batch.row(head.i);
      head.values = valuesOf(head.row);
      heap.settle();
    }
  } finally {
    for (const iterator of iterators) await iterator.return?.();
  }
}

function batchOf(rows: readonly Merged[]): Batch {
  const first = rows[0]?.batch;
  return {
    length: rows.length,
    row: (i) => rows[i]?.row ?? {},
    ...(first?.asOf === undefined ? {} : { asOf: first.asOf }),
    ...(first?.version === undefined ? {} : { version: first.version }),
    ...(first?.json === undefined
      ? {}
      : {
          json(i, out) {
            const merged = rows[i];
            merged?.batch.json?.(merged.i, out);
          },
        }),
  };
}

/** A binary heap; the least item first. */
export function heapOf<Item>(compare: (a: Item, b: Item) => number) {
  const items: Item[] = [];
  const sink = (): void => {
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        const candidate = items[child];
        const so = items[least];
        if (candidate !== undefined && so !== undefined && compare(candidate, so) < 0) least = child;
      }
      if (least === at) return;
      swap(items, at, least);
      at = least;
    }
  };
  return {
    first: (): Item | undefined => items[0],
    push(item: Item): void {
      items.push(item);
      for (let at = items.length - 1; at > 0; ) {
        const parent = (at - 1) >> 1;
        const above = items[parent];
        const own = items[at];
        if (above === undefined || own === undefined || compare(own, above) >= 0) return;
        swap(items, at, parent);
        at = parent;
      }
    },
    pop(): void {
      const last = items.pop();
      if (last === undefined || items.length === 0) return;
      items[0] = last;
      sink();
    },
    /** The first item has become greater. */
    settle: sink,
  };
}

function swap<Item>(items: Item[], a: number, b: number): void {
  const [x, y] = [items[a], items[b]];
  if (x === undefined || y === undefined) return;
  items[a] = y;
  items[b] = x;
}
