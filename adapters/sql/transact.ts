// Knows: how changes are carried out in one transaction: what is looked at first, what is sent, what the answers mean.
// Must not know: any product, the text of statements.

import {
  type Change,
  checkExpected,
  compareValues,
  Fault,
  isComparable,
  noRow,
  type Outcome,
  type Row,
  type Source,
  settled,
  type Value,
  valueAt,
} from '#spi';
import { allOf, conditionOf } from './condition.ts';
import type { Condition } from './dialect.ts';
import type { Driver, Session, Statement, StatementResult } from './driver.ts';
import type { Expression } from './expression.ts';
import { insertionsOf } from './insertions.ts';
import { batchOf } from './rows.ts';
import { DUPLICATE, meant } from './server-faults.ts';
import type { Column } from './table.ts';
import { type Writable, writtenOf } from './writable.ts';
import {
  deleteStatement,
  insertStatement,
  lockingStatement,
  updateStatement,
  type Written,
} from './write.ts';

/** A change with what will be bound for its values. */
export interface Prepared {
  readonly change: Change;
  /** The first of the request is 1. */
  readonly record: number;
  readonly table: Writable;
  readonly written: readonly Written[];
}

/** Runs a statement; its errors are faults. */
export type Run = (statement: Statement) => Promise<StatementResult>;

/** `tables`: those that are written, by collection. */
export function createWrite(
  tables: ReadonlyMap<string, Writable>,
  driver: Driver,
): NonNullable<Source['write']> {
  return async (changes, { signal }) => {
    const { transaction } = driver;
    const prepared = changes.map((change, i) => prepare(change, i + 1, changes.length, tables));
    if (transaction === undefined || prepared.length === 0) return [];
    const fault = (error: unknown): Fault => {
      signal.throwIfAborted();
      return driver.fault(error);
    };
    // Of a statement that inserts many rows no product says which of them it refuses.
    let refused = false;
    const attempt = (rowsTogether: boolean) =>
      transaction(async (session) => {
        const run = running(session, fault);
        const outcomes: Outcome[] = [];
        for (const group of insertionsOf(prepared, rowsTogether)) {
          const [first] = group;
          try {
            outcomes.push(...(first === undefined ? [] : await carryOut(group, first, run)));
          } catch (error) {
            signal.throwIfAborted();
            refused = group.length > 1 && error instanceof Fault && isOfTheData(error);
            throw first === undefined ? error : inPlace(error, first, changes.length);
          }
        }
        return outcomes;
      }, signal);
    try {
      return await attempt(true);
    } catch (error) {
      if (!refused) throw fault(error);
      // Nothing of it was kept: done again row by row, it fails at the row that is refused.
      return await attempt(false).catch((again: unknown) => {
        throw fault(again);
      });
    }
  };
}

function prepare(
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

function running(session: Session, fault: (error: unknown) => Fault): Run {
  return async (statement) => {
    try {
      return await session.run(statement);
    } catch (error) {
      throw fault(error);
    }
  };
}

/** The rows are refused; the connection and the transaction are well. */
function isOfTheData({ kind, code }: Fault): boolean {
  if (kind === 'conflict') return !['deadlock', 'serialization', 'rolled-back'].includes(code);
  return kind === 'invalid' || kind === 'rejected';
}

function inPlace(error: unknown, { change, record }: Prepared, of: number): unknown {
  return error instanceof Fault
    ? error.at({ collection: change.collection, ...(of === 1 ? {} : { record }) })
    : error;
}

async function carryOut(group: readonly Prepared[], first: Prepared, run: Run): Promise<readonly Outcome[]> {
  switch (first.change.verb) {
    case 'insert':
      return await insert(group, first, run);
    case 'update':
      return [await change(first, run, first.written)];
    case 'upsert':
      return [await upsert(first, run)];
    case 'delete':
      return [await change(first, run)];
  }
}

async function insert(group: readonly Prepared[], first: Prepared, run: Run): Promise<readonly Outcome[]> {
  const { open, dialect, writing } = first.table;
  const { table } = open;
  const returned = writing.returning === undefined ? [] : table.key;
  const statement = insertStatement(
    table,
    {
      columns: first.written.map(({ column }) => column),
      rows: group.map(({ written }) => written.map(({ parameter }) => parameter)),
      returned,
    },
    dialect,
    writing,
  );
  const result = await run(statement);
  if (table.key.length === 0) {
    if (result.affected < group.length) throw notTaken();
    return group.map(() => ({ key: [], created: true }));
  }
  if (writing.returning === undefined) {
    if (result.affected < 1) throw notTaken();
    return [{ key: await keyOfNew(first, result, run), created: true }];
  }
  if (result.rows.length < group.length) throw notTaken();
  const rows = rowsOf(result, table.key, first.table);
  return rows.map((row) => ({ key: keyIn(row, first.table), created: true }));
}

/** For a product that gives nothing back: the row is looked for by the key that it should have. */
async function keyOfNew(
  insertion: Prepared,
  { numbered }: StatementResult,
  run: Run,
): Promise<readonly Value[]> {
  const { change, table } = insertion;
  const key = table.open.table.key.map((column): Value => {
    const given = change.values[column.field.name];
    if (given !== undefined) return given;
    if (!column.numbered || numbered === undefined) return null;
    const decode = table.open.decoded.get(column.field.name)?.decode;
    return decode?.(String(numbered)) ?? null;
  });
  const { exact } = await look(key, [], insertion, run);
  const [row] = exact;
  if (row !== undefined && exact.length === 1) return keyIn(row, table);
  throw new Fault('unsupported', 'The database does not say which key it gave the new row', {
    code: 'unknown-key',
    hint: 'Give the key yourself',
  });
}

/** An update with `written`, a delete without. The row is looked at first where the database alone could not tell. */
async function change(prepared: Prepared, run: Run, written?: readonly Written[]): Promise<Outcome> {
  const { change: asked, table } = prepared;
  const { expected } = asked;
  const key = asked.key ?? [];
  const where = named(key, table);
  if (expected !== undefined || where.coverage !== 'exact') {
    const row = await only(key, Object.keys(expected ?? {}), prepared, run);
    if (expected !== undefined) checkExpected(row, expected, table.open.table.collection.fields);
  }
  if ((await affect(table, where, run, written)) === 0) {
    // A trigger or a rule of the database may have kept the row as it was.
    const { exact } = await look(key, [], prepared, run);
    throw exact.length === 0 ? noRow() : notTaken();
  }
  return { key, created: false };
}

/** Rows changed or deleted: 0 or 1, or it throws. */
async function affect(
  { open, dialect }: Writable,
  { expression }: Condition,
  run: Run,
  written?: readonly Written[],
): Promise<number> {
  const where = expression === undefined ? [] : [expression];
  if (where.length === 0) throw new TypeError('no condition for a change');
  const statement =
    written === undefined
      ? deleteStatement(open.table, where, dialect)
      : updateStatement(open.table, written, where, dialect);
  const { affected } = await run(statement);
  if (affected > 1) throw severalRows();
  return affected;
}

/** Another writer may come between the looking and the inserting: then the row is there. */
const UPSERT_ROUNDS = 3;

async function upsert(prepared: Prepared, run: Run): Promise<Outcome> {
  const { change: asked, table, written } = prepared;
  const { key } = table.open.table;
  const others = written.filter(({ column }) => !key.includes(column));
  if (asked.expected !== undefined) {
    if (others.length > 0) return await change(prepared, run, others);
    checkExpected(
      await only(asked.key ?? [], Object.keys(asked.expected), prepared, run),
      asked.expected,
      table.open.table.collection.fields,
    );
    return { key: asked.key ?? [], created: false };
  }
  for (let round = 0; round < UPSERT_ROUNDS; round++) {
    if (await overwrite(prepared, others, run)) return { key: asked.key ?? [], created: false };
    const created = await insertUnlessThere(prepared, run);
    if (created !== undefined) return created;
  }
  // What stands in the way has a key that the database takes for the same, or the same value in another unique column.
  throw meant(DUPLICATE, undefined);
}

async function overwrite(prepared: Prepared, others: readonly Written[], run: Run): Promise<boolean> {
  const { change: asked, table } = prepared;
  const key = asked.key ?? [];
  const where = named(key, table);
  if (others.length > 0 && where.coverage === 'exact') {
    return (await affect(table, where, run, others)) === 1;
  }
  const { exact, all } = await look(key, [], prepared, run);
  if (exact.length === 0) return false;
  if (all.length > 1) throw severalRows();
  return others.length === 0 || (await affect(table, where, run, others)) === 1;
}

async function insertUnlessThere(prepared: Prepared, run: Run): Promise<Outcome | undefined> {
  const { table, written, change: asked } = prepared;
  const { open, dialect, writing } = table;
  const statement = insertStatement(
    open.table,
    {
      columns: written.map(({ column }) => column),
      rows: [written.map(({ parameter }) => parameter)],
      returned: writing.returning === undefined ? [] : open.table.key,
      unlessThere: true,
    },
    dialect,
    writing,
  );
  let result: StatementResult;
  try {
    result = await run(statement);
  } catch (error) {
    if (writing.unlessThere === undefined && error instanceof Fault && error.code === DUPLICATE.code) {
      return undefined;
    }
    throw error;
  }
  if (writing.returning === undefined) {
    if (result.affected === 0) return undefined;
    return { key: asked.key ?? [], created: true };
  }
  const [row] = rowsOf(result, open.table.key, table);
  return row === undefined ? undefined : { key: keyIn(row, table), created: true };
}

/** The condition that the row has this key. */
function named(key: readonly Value[], { open, dialect }: Writable): Condition {
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
async function look(
  key: readonly Value[],
  fields: readonly string[],
  { table }: Prepared,
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
  const exact = all.filter((row) =>
    open.table.key.every(({ field, type }, i) => {
      const own = valueAt(row, field.name);
      const asked = key[i] ?? null;
      return isComparable(type) && own !== null && asked !== null && compareValues(type, own, asked) === 0;
    }),
  );
  return { all, exact };
}

/** The one row of a key, held until the transaction ends. Throws `not-found`. */
async function only(
  key: readonly Value[],
  fields: readonly string[],
  prepared: Prepared,
  run: Run,
): Promise<Row> {
  const { all, exact } = await look(key, fields, prepared, run);
  const [row] = exact;
  if (row === undefined) throw noRow();
  // The database cannot tell the others from it, and would change them too.
  if (all.length > 1) throw severalRows();
  return row;
}

function rowsOf({ rows }: StatementResult, columns: readonly Column[], { open }: Writable): readonly Row[] {
  const decoded = columns.flatMap(({ field }) => open.decoded.get(field.name) ?? []);
  const batch = batchOf(rows, decoded, open.table, '');
  return Array.from(rows, (_, i) => batch.row(i));
}

function keyIn(row: Row, { open }: Writable): readonly Value[] {
  return open.table.key.map(({ field }) => settled(row[field.name] ?? null));
}

function severalRows(): Fault {
  return new Fault('conflict', 'More than one row has this key', { code: 'key-not-unique' });
}

function notTaken(): Fault {
  return new Fault('rejected', 'The database does not carry it out, and gives no reason', {
    code: 'not-taken',
  });
}
