// A database file of the tests' own, gone when the test is over.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after } from 'node:test';
import type { Source } from '#spi';
import { adapter } from '../../../adapters/sqlite/sqlite.ts';
import { host } from '../sql/reading.ts';

/** A folder for the file of the test that asks. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'overpunch-sqlite-'));
  after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Writes a database with the connection given and returns its path. */
export function database(fill: (db: DatabaseSync) => void, path = join(folder(), 'data.db')): string {
  const db = new DatabaseSync(path);
  fill(db);
  db.close();
  return path;
}

/** Opens a source as the configuration would: options are validated first. */
export async function openSource(options: unknown): Promise<Source> {
  const source = await adapter.open(adapter.options.parse(options), host);
  after(() => source[Symbol.asyncDispose]());
  return source;
}

export { byId, everything, fault, host, never, readAll } from '../sql/reading.ts';

export const small = (db: DatabaseSync): void => {
  db.exec("create table t (id INTEGER PRIMARY KEY, name TEXT); insert into t values (1, 'one'), (2, 'two')");
};
export const large = (db: DatabaseSync): void => {
  db.exec(
    "create table t (id INTEGER PRIMARY KEY, name TEXT); with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000) insert into t select i, 'row ' || i from n",
  );
};
export const rows = { rows: { table: 't' } };
