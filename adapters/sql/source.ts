// Knows: how a dialect, a driver and tables make a source.
// Must not know: any product.

import { type CallHow, Fault, type Source, type Value } from '#spi';
import { guarded, type OpenTable, offer } from './access.ts';
import { repeatedKeyStatement, rowsStatement } from './compile.ts';
import { comparedColumns } from './condition.ts';
import type { Dialect } from './dialect.ts';
import type { Driver, Statement } from './driver.ts';
import { NEVER } from './expression.ts';
import { invoke, NO_OPERATIONS, type Operations } from './operations.ts';
import type { Table } from './table.ts';
import { createWrite } from './transact.ts';
import { type Writable, writableOf } from './writable.ts';

export function sqlSource(
  tables: readonly Table[],
  dialect: Dialect,
  driver: Driver,
  operations: Operations = NO_OPERATIONS,
): Source {
  const [operation] = operations.routines.keys();
  if (operation !== undefined && driver.call === undefined) {
    throw new Fault(
      'invalid',
      `Operation "${operation}": stored procedures of this product cannot be called`,
      {
        code: 'bad-operation',
        misconfigured: true,
        operation,
      },
    );
  }
  const open = new Map(tables.map((table) => [table.collection.name, openTable(table, dialect)]));
  const written = new Map(
    [...open].flatMap(([name, table]): [string, Writable][] => {
      const writable = writableOf(table, dialect, driver);
      return writable === undefined ? [] : [[name, writable]];
    }),
  );
  // Looking for repeated keys reads all of a table: once is enough.
  const unchecked = new Set(
    tables.filter(({ key, enforced }) =>
      enforced.length > 0 ? key.some(({ nullable }) => nullable) : key.length > 0,
    ),
  );
  return {
    model: {
      collections: tables.map(({ collection }) => collection),
      operations: operations.operations,
      ...(operations.remarks.length === 0 ? {} : { remarks: operations.remarks }),
    },
    access(query) {
      const table = open.get(query.collection);
      if (table === undefined) throw new Fault('not-found', `There is no collection "${query.collection}"`);
      return offer(query, table, dialect, driver);
    },
    async check(signal) {
      await driver.ping(signal).catch((error: unknown) => {
        signal.throwIfAborted();
        throw driver.fault(error);
      });
      for (const table of tables) await checkColumns(table, dialect, driver, signal);
      for (const table of unchecked) {
        await checkKey(table, dialect, driver, signal);
        unchecked.delete(table);
      }
    },
    ...(operations.routines.size === 0
      ? {}
      : {
          invoke: (name: string, input: Readonly<Record<string, Value>>, { signal }: CallHow) =>
            invoke(operations, name, input, dialect, driver, signal),
        }),
    ...(written.size === 0 ? {} : { write: createWrite(written, driver) }),
    [Symbol.asyncDispose]: () => driver[Symbol.asyncDispose](),
  };
}

function openTable(table: Table, dialect: Dialect): OpenTable {
  return {
    table,
    compared: comparedColumns(table, dialect),
    decoded: new Map(
      [...table.columns].map(([name, column]) => [name, { column, decode: dialect.decoder(column) }]),
    ),
  };
}

/** A saved model can be older than the database: a statement that reads nothing finds what is gone. */
async function checkColumns(
  table: Table,
  dialect: Dialect,
  driver: Driver,
  signal: AbortSignal,
): Promise<void> {
  const columns = [...table.columns.values()];
  const probe = rowsStatement(table, { columns, where: [NEVER], order: [] }, dialect);
  try {
    await firstRow(driver, probe, signal);
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'upstream') throw error;
    // Health tells this to anybody: the name in the database stands in the configuration.
    const { name } = table.collection;
    throw new Fault('upstream', `What "${name}" reads is not there with the columns of its model`, {
      code: 'schema-drift',
      collection: name,
      hint: 'Compare the saved model with the database, and import it again.',
      cause: error,
    });
  }
}

async function checkKey(table: Table, dialect: Dialect, driver: Driver, signal: AbortSignal): Promise<void> {
  if ((await firstRow(driver, repeatedKeyStatement(table, dialect), signal)) === undefined) return;
  const key = table.key.map(({ name }) => name).join(', ');
  throw new Fault('invalid', `The key (${key}) of "${table.collection.name}" is not unique`, {
    code: 'key-not-unique',
    misconfigured: true,
    collection: table.collection.name,
    hint: 'Name the columns that tell its rows apart, or set an empty key to serve it without one.',
  });
}

async function firstRow(driver: Driver, statement: Statement, signal: AbortSignal) {
  for await (const [row] of guarded(driver, statement, signal)) return row;
  return undefined;
}
