// Knows: how the row of a key is found inside a transaction, and that it is just this one: a database may take other keys for the same.
// Must not know: any product, what is done to the row.

import {
  compareValues,
  Fault,
  isComparable,
  keyText,
  noRow,
  type Row,
  settled,
  type Value,
  valueAt,
} from '#spi';
import { allOf, conditionOf } from './condition.ts';
import type { Condition } from './dialect.ts';
import type { Statement, StatementResult } from './driver.ts';
import type { Expression } from './expression.ts';
import { batchOf } from './rows.ts';
import type { Column } from './table.ts';
import type { Writable } from './writable.ts';
import { lockingStatement } from './write.ts';

/** Runs a statement; its errors are faults. */
export type Run = (statement: Statement) => Promise<StatementResult>;

/** The condition that the row has this key. */
export function named(key: readonly Value[], { open, dialect }: Writable): Condition {
  const parts = open.table.key.map(({ field, type }, i): Condition => {
    if (!isComparable(type)) throw new TypeError(`"${field.name}" cannot be in a key`);
    return conditionOf({ op: 'eq', field: field.name, type, value: key[i] ?? null }, open.compared, dialect);
  });
  return allOf(parts);
}

interface Found {
  /** Rows that the condition of the database lets through. */
  readonly all: readonly Row[];
  /** Those of them that have just this key. */
  readonly exact: readonly Row[];
}

/** Reads the row of a key and keeps it from others; rows have the key fields and `fields`. */
export async function look(
  key: readonly Value[],
  fields: readonly string[],
  table: Writable,
  run: Run,
): Promise<Found> {
  const { open, dialect, writing } = table;
  const columns = [
    ...new Set([...open.table.key, ...fields.flatMap((name) => open.table.columns.get(name) ?? [])]),
  ];
  const { expression } = named(key, table);
  const where: readonly Expression[] = expression === undefined ? [] : [expression];
  const result = await run(lockingStatement(open.table, columns, where, dialect, writing));
  const all = rowsOf(result, columns, table);
  return { all, exact: all.filter((row) => hasKey(row, key, table)) };
}

function hasKey(row: Row, key: readonly Value[], { open }: Writable): boolean {
  return open.table.key.every(({ field, type }, i) => {
    const own = valueAt(row, field.name);
    const asked = key[i] ?? null;
    return isComparable(type) && own !== null && asked !== null && compareValues(type, own, asked) === 0;
  });
}

/** How many of the keys have a row. */
export async function countOf(
  keys: readonly (readonly Value[])[],
  table: Writable,
  run: Run,
): Promise<number> {
  const { open, dialect, writing } = table;
  const { key } = open.table;
  const fields = key.flatMap(({ field, type }) => (isComparable(type) ? [{ field: field.name, type }] : []));
  const { expression } = conditionOf({ op: 'keys', fields, keys }, open.compared, dialect);
  const where = expression === undefined ? [] : [expression];
  const rows = rowsOf(await run(lockingStatement(open.table, key, where, dialect, writing)), key, table);
  const found = new Set(rows.map((row) => keyText(fields, keyIn(row, table))));
  return keys.filter((asked) => found.has(keyText(fields, asked))).length;
}

/** The one row of a key, held until the transaction ends. Throws `not-found`. */
export async function only(
  key: readonly Value[],
  fields: readonly string[],
  table: Writable,
  run: Run,
): Promise<Row> {
  const { all, exact } = await look(key, fields, table, run);
  const [row] = exact;
  if (row === undefined) throw noRow();
  // The database cannot tell the others from it, and would change them too.
  if (all.length > 1) throw severalRows();
  return row;
}

export function rowsOf(
  { rows }: StatementResult,
  columns: readonly Column[],
  { open }: Writable,
): readonly Row[] {
  const decoded = columns.flatMap(({ field }) => open.decoded.get(field.name) ?? []);
  const batch = batchOf(rows, decoded, open.table, '');
  return Array.from(rows, (_, i) => batch.row(i));
}

export function keyIn(row: Row, { open }: Writable): readonly Value[] {
  return open.table.key.map(({ field }) => settled(row[field.name] ?? null));
}

export function severalRows(): Fault {
  return new Fault('conflict', 'More than one row has this key', { code: 'key-not-unique' });
}
