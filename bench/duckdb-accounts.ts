// Knows: the questions of the files benchmark as a user of DuckDB would ask them: a native table with its key, prepared statements.
// Must not know: files of records, the gateway.

import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api';
import type { Side } from './account-questions.ts';
import { rowsInSql } from './account-rows.ts';

export interface DuckSide extends Side, AsyncDisposable {
  /** Milliseconds that the rows took to become a table. */
  readonly loadMs: number;
}

/** `connections`: readers at once, each with statements of its own, since a statement runs once at a time. */
export async function duckDb(
  path: string,
  {
    records,
    threads,
    connections,
  }: { readonly records: number; readonly threads: number; readonly connections: number },
): Promise<DuckSide> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(path, { threads: String(threads) });
  const first = await instance.connect();
  const before = performance.now();
  await first.run(
    'create table accounts (acctId integer primary key, branch varchar, status varchar, balance decimal(11, 2), opened integer, holder varchar, city varchar, memo varchar)',
  );
  await first.run(`insert into accounts ${rowsInSql(records)}`);
  await first.run('checkpoint');
  const loadMs = performance.now() - before;
  const all: DuckDBConnection[] = [first];
  while (all.length < connections) all.push(await instance.connect());
  const readers = await Promise.all(all.map(readerOf));
  const on = (reader: number) => readers[reader % readers.length] ?? readers[0];
  return {
    loadMs,
    async lookup(id, reader) {
      const statement = on(reader)?.lookup;
      statement?.bindInteger(1, id);
      return rowsOf(statement);
    },
    async page(branch) {
      const statement = on(0)?.page;
      statement?.bindVarchar(1, branch);
      return rowsOf(statement);
    },
    async count(branch) {
      const statement = on(0)?.count;
      statement?.bindVarchar(1, branch);
      const [row] = (await statement?.runAndReadAll())?.getRows() ?? [];
      return Number(row?.[0]);
    },
    async [Symbol.asyncDispose]() {
      for (const connection of all) connection.closeSync();
      instance.closeSync();
    },
  };
}

async function readerOf(connection: DuckDBConnection) {
  return {
    lookup: await connection.prepare('select * from accounts where acctId = ?'),
    page: await connection.prepare('select * from accounts where branch = ? order by acctId limit 50'),
    count: await connection.prepare('select count(*) from accounts where branch = ? and balance > 0'),
  };
}

async function rowsOf(statement: DuckDBPreparedStatement | undefined): Promise<readonly string[]> {
  const rows = (await statement?.runAndReadAll())?.getRowObjectsJson() ?? [];
  return rows.map((row) => JSON.stringify(row));
}
