// Knows: how rows that were just written are read again by their keys, and what is told when they cannot be.
// Must not know: facades, how rows are written.

import { Fault, toFault } from '../fault.ts';
import type { CatalogCollection } from '../model/catalog.ts';
import { type Row, type Value, valueAt } from '../model/value.ts';
import type { Policy } from '../policy.ts';
import { keyOperands, keyText } from './filter.ts';
import type { ListRequest, Selection } from './request.ts';

/** Values of the key fields in declared order. */
export type Key = readonly Value[];

/** Rows that one read by keys may ask for. */
export function rowsAtOnce({ query, page }: Policy): number {
  return Math.min(query.keysPerRead, page.maxRows);
}

/** One read of the rows with these keys. Without keys it can only be planned, for `first` rows. */
export function rowsRequest(
  collection: CatalogCollection,
  selection: Selection,
  keys: readonly Key[],
  first = keys.length,
): ListRequest {
  return {
    kind: 'list',
    collection: collection.name,
    // The key tells which row is which.
    selection: { ...selection, fields: [...new Set([...selection.fields, ...collection.key])] },
    where: [{ op: 'keys', fields: keyOperands(collection), keys }],
    order: [],
    first,
    count: false,
  };
}

/** What was read, each where its key stands. Throws `not-found` where a row has gone since. */
export function inOrderOf<T>(
  keys: readonly Key[],
  collection: CatalogCollection,
  read: readonly T[],
  rowOf: (one: T) => Row,
): readonly T[] {
  const operands = keyOperands(collection);
  const found = new Map(
    read.map((one) => [
      keyText(
        operands,
        collection.key.map((name) => valueAt(rowOf(one), name)),
      ),
      one,
    ]),
  );
  return keys.map((key) => found.get(keyText(operands, key)) ?? gone());
}

export function gone(): never {
  throw new Fault('not-found', 'The row is no longer there', { code: 'no-row' });
}

export interface ReadingBack<T> {
  read(): Promise<T>;
  /** A row as the facade's clients ask for it. */
  textOf(key: Key): string;
  readonly signal: AbortSignal;
}

/**
 * When the rows cannot be read the client must learn that its change was made: it must not make it again. `upstream`, which is not worth a
 * retry; the hint, and for several rows each of `errors`, says where the row is, whose key the source may have made.
 */
export async function readBack<T>(
  { name, source }: CatalogCollection,
  keys: readonly Key[],
  { read, textOf, signal }: ReadingBack<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    // Nobody is left to be told.
    if (signal.aborted) throw error;
    const { message, place } = toFault(error).told;
    const [first, ...others] = keys;
    throw new Fault('upstream', `The change was made, but could not be read back: ${message}`, {
      ...place,
      code: 'written-not-read',
      source,
      collection: name,
      cause: error,
      ...(first !== undefined && others.length === 0
        ? { hint: textOf(first) }
        : {
            errors: keys.map((key, i) => ({
              message: 'This row was written',
              record: i + 1,
              hint: textOf(key),
            })),
          }),
    });
  }
}
