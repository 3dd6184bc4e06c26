// Knows: what is answered when changes have been made: the rows as they are now, read back like any others.
// Must not know: how changes are asked for, how they are made.

import { Fault, toFault } from '../fault.ts';
import type { Catalog, CatalogCollection } from '../model/catalog.ts';
import { fieldAt, isComparable } from '../model/type.ts';
import { type Json, type Row, scalarText, type Value, valueAt } from '../model/value.ts';
import type { Policy } from '../policy.ts';
import type { Conjunct, Operand } from '../query/filter.ts';
import type { Context, Execute, ItemRequest, ListRequest, Selection } from '../query/request.ts';
import { formatOf } from './format.ts';
import { itemJson, outlineOf } from './json.ts';
import type { Prepared } from './render.ts';
import { API, itemPath } from './routes.ts';

export interface Reading {
  readonly catalog: Catalog;
  readonly execute: Execute;
  readonly policy: Policy;
}

/** The GET of one row, its key given as values. */
export function rowRequest(
  catalog: Catalog,
  collection: CatalogCollection,
  selection: Selection,
  key: readonly Value[],
): Prepared {
  const request: ItemRequest = { kind: 'item', collection: collection.name, key, selection };
  const parsed = { collection, request, representation: 'json', self: `${API}/${collection.name}` } as const;
  return { ...parsed, format: formatOf(parsed, catalog) };
}

/** Rows by their keys, in the order of the keys: in as many reads as the policy asks for, not one for each. */
export async function readRows(
  collection: CatalogCollection,
  selection: Selection,
  keys: readonly (readonly Value[])[],
  { catalog, execute, policy }: Reading,
  context: Context,
): Promise<readonly Json[]> {
  const outline = outlineOf(catalog, collection, selection);
  const rows = new Map<string, Json>();
  const most = rowsAtOnce(policy);
  for (let from = 0; from < keys.length; from += most) {
    const request = rowsRequest(collection, selection, keys.slice(from, from + most));
    const { batches } = await execute(request, context);
    for await (const batch of batches) {
      for (let i = 0; i < batch.length; i++) {
        const row = batch.row(i);
        rows.set(keyText(collection, keyOf(collection, row)), itemJson(outline, row, batch.related?.(i)));
      }
    }
  }
  return keys.map((key) => rows.get(keyText(collection, key)) ?? gone());
}

/** One read of many rows: by their keys. */
export function rowsRequest(
  collection: CatalogCollection,
  selection: Selection,
  keys: readonly (readonly Value[])[],
): ListRequest {
  const where: Conjunct = { op: 'keys', fields: keyOperands(collection), keys };
  return {
    kind: 'list',
    collection: collection.name,
    // The key tells which row is which.
    selection: { ...selection, fields: [...new Set([...selection.fields, ...collection.key])] },
    where: [where],
    order: [],
    first: keys.length,
    count: false,
  };
}

export function rowsAtOnce({ query, page }: Policy): number {
  return Math.min(query.keysPerRead, page.maxRows);
}

function keyOperands({ key, fields }: CatalogCollection): readonly Operand[] {
  return key.flatMap((field): readonly Operand[] => {
    const type = fieldAt(fields, field)?.type;
    return type !== undefined && isComparable(type) ? [{ field, type }] : [];
  });
}

function keyOf({ key }: CatalogCollection, row: Row): readonly Value[] {
  return key.map((name) => valueAt(row, name));
}

function keyText(collection: CatalogCollection, key: readonly Value[]): string {
  return JSON.stringify(keyOperands(collection).map(({ type }, i) => scalarText(type, key[i] ?? null)));
}

export function gone(): never {
  throw new Fault('not-found', 'The row is no longer there', { code: 'no-row' });
}

/**
 * Reads back what was written. When that fails the client must learn that its change was made: it must not make it again. `upstream`, which
 * is not worth a retry; the hint, and for several rows each of `errors`, says where the row is.
 */
export async function readBack<T>(
  collection: CatalogCollection,
  keys: readonly (readonly Value[])[],
  read: () => Promise<T>,
): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const { message, place } = toFault(error).told;
    const { name, source } = collection;
    const [first] = keys;
    throw new Fault('upstream', `The change was made, but could not be read back: ${message}`, {
      ...place,
      code: 'written-not-read',
      source,
      collection: name,
      cause: error,
      ...(keys.length === 1 && first !== undefined
        ? { hint: itemPath(collection, first) }
        : {
            errors: keys.map((key, i) => ({
              message: 'This row was written',
              record: i + 1,
              hint: itemPath(collection, key),
            })),
          }),
    });
  }
}
