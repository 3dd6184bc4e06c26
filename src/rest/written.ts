// Knows: what is answered when changes have been made: the rows as they are now, read back like any others.
// Must not know: how changes are asked for, how they are made.

import type { Catalog, CatalogCollection } from '../model/catalog.ts';
import type { Json, Row } from '../model/value.ts';
import type { Policy } from '../policy.ts';
import { inOrderOf, type Key, rowsAtOnce, rowsRequest } from '../query/read-back.ts';
import type { Context, Execute, ItemRequest, Selection } from '../query/request.ts';
import { formatOf } from './format.ts';
import { itemJson, outlineOf } from './json.ts';
import type { Prepared } from './render.ts';
import { API } from './routes.ts';

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
  key: Key,
): Prepared {
  const request: ItemRequest = { kind: 'item', collection: collection.name, key, selection };
  const parsed = { collection, request, representation: 'json', self: `${API}/${collection.name}` } as const;
  return { ...parsed, format: formatOf(parsed, catalog) };
}

/** Rows by their keys, in the order of the keys: in as many reads as the policy asks for, not one for each. */
export async function readRows(
  collection: CatalogCollection,
  selection: Selection,
  keys: readonly Key[],
  { catalog, execute, policy }: Reading,
  context: Context,
): Promise<readonly Json[]> {
  const outline = outlineOf(catalog, collection, selection);
  const rows: { readonly row: Row; readonly json: Json }[] = [];
  const most = rowsAtOnce(policy);
  for (let from = 0; from < keys.length; from += most) {
    const request = rowsRequest(collection, selection, keys.slice(from, from + most));
    const { batches } = await execute(request, context);
    for await (const batch of batches) {
      for (let i = 0; i < batch.length; i++) {
        const row = batch.row(i);
        rows.push({ row, json: itemJson(outline, row, batch.related?.(i)) });
      }
    }
  }
  return inOrderOf(keys, collection, rows, ({ row }) => row).map(({ json }) => json);
}
