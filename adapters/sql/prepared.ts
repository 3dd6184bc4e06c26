// Knows: a change with what will be bound for it.
// Must not know: any product, statements, transactions.

import { type Change, Fault, type Value } from '#spi';
import { type Writable, writtenOf } from './writable.ts';
import type { Written } from './write.ts';

/** A change with what will be bound for its values. */
export interface Prepared {
  readonly change: Change;
  /** The first of the request is 1. */
  readonly record: number;
  readonly table: Writable;
  readonly written: readonly Written[];
}

/** Throws `unsupported` for what the table does not claim, and `invalid` for a value that it would not keep as it is. */
export function prepare(
  change: Change,
  record: number,
  of: number,
  tables: ReadonlyMap<string, Writable>,
): Prepared {
  const place = { collection: change.collection, ...(of === 1 ? {} : { record }) };
  const table = tables.get(change.collection);
  if (table?.open.table.collection.writes?.includes(change.verb) !== true) {
    throw new Fault('unsupported', `Rows of "${change.collection}" cannot be written so`, {
      code: 'not-writable',
      ...place,
    });
  }
  try {
    const { key } = table.open.table.collection;
    const named = change.verb === 'upsert' ? keyValues(key, change.key ?? []) : {};
    return { change, record, table, written: writtenOf({ ...named, ...change.values }, table) };
  } catch (error) {
    throw error instanceof Fault ? error.at(place) : error;
  }
}

function keyValues(names: readonly string[], key: readonly Value[]): Readonly<Record<string, Value>> {
  return Object.fromEntries(names.map((name, i) => [name, key[i] ?? null]));
}
