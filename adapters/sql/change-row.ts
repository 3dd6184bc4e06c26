// Knows: how one change is carried out in a transaction: what is looked at first, what is sent, what the answers mean.
// Must not know: any product, the text of statements.

import { checkExpected, Fault, noRow, type Outcome, type Value } from '#spi';
import type { Condition } from './dialect.ts';
import type { StatementResult } from './driver.ts';
import { countOf, keyIn, look, named, only, type Run, rowsOf, severalRows } from './held-row.ts';
import type { Prepared } from './prepared.ts';
import { DUPLICATE, meant } from './server-faults.ts';
import type { Writable } from './writable.ts';
import { deleteStatement, insertStatement, updateStatement, type Written } from './write.ts';

/** Inserts into the same columns of one table, or one other change: `first`. */
export async function carryOut(
  group: readonly Prepared[],
  first: Prepared,
  run: Run,
): Promise<readonly Outcome[]> {
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
    if (result.affected < group.length) throw notTaken();
    const keys = await keysOfNew(group, result, run);
    return keys.map((key) => ({ key, created: true }));
  }
  if (result.rows.length < group.length) throw notTaken();
  const rows = rowsOf(result, table.key, first.table);
  return rows.map((row) => ({ key: keyIn(row, first.table), created: true }));
}

/** For a product that gives nothing back: the rows are looked for by the keys that they should have. */
async function keysOfNew(
  group: readonly Prepared[],
  { numbered }: StatementResult,
  run: Run,
): Promise<readonly (readonly Value[])[]> {
  const keys = group.map(({ change: { values }, table: { open } }) =>
    open.table.key.map((column): Value => {
      const given = values[column.field.name];
      if (given !== undefined || !column.numbered || numbered === undefined) return given ?? null;
      return open.decoded.get(column.field.name)?.decode(String(numbered)) ?? null;
    }),
  );
  const [first] = group;
  const found = first === undefined ? 0 : await countOf(keys, first.table, run);
  if (found === keys.length) return keys;
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
    const row = await only(key, Object.keys(expected ?? {}), table, run);
    if (expected !== undefined) checkExpected(row, expected, table.open.table.collection.fields);
  }
  if ((await affect(table, where, run, written)) === 0) {
    // A trigger or a rule of the database may have kept the row as it was.
    const { exact } = await look(key, [], table, run);
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
      await only(asked.key ?? [], Object.keys(asked.expected), table, run),
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
  const { exact, all } = await look(key, [], table, run);
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

function notTaken(): Fault {
  return new Fault('rejected', 'The database does not carry it out, and gives no reason', {
    code: 'not-taken',
  });
}
