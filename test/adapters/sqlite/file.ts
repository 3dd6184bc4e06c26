// A database file of the tests' own, gone when the test is over.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after } from 'node:test';
import { Fault, type FaultKind, type Host, type Order, type Query, type Row, type Source } from '#spi';
import { adapter } from '../../../adapters/sqlite/sqlite.ts';

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

export const host: Host = {
  source: 'db',
  path: (relative) => relative,
  secret: () => Promise.reject(new Error('no secret here')),
  sliceMs: 10,
};

/** Opens a source as the configuration would: options are validated first. */
export async function openSource(options: unknown): Promise<Source> {
  const source = await adapter.open(adapter.options.parse(options), host);
  after(() => source[Symbol.asyncDispose]());
  return source;
}

export const never = new AbortController().signal;
export const byId: Order = [{ field: 'id', type: { kind: 'int64' }, descending: false }];
/** All rows of the collection that the tests here ask for. */
export const everything: Query = { collection: 'rows', where: [], order: byId };

export async function readAll(source: Source, query: Query = everything, signal = never): Promise<Row[]> {
  const rows: Row[] = [];
  const fields = source.model.collections[0]?.fields.map(({ name }) => name) ?? [];
  for await (const batch of source.access(query).read({ fields, signal })) {
    for (let i = 0; i < batch.length; i++) rows.push(batch.row(i));
  }
  return rows;
}

/** For `assert.rejects`: this kind and code, and no word of the database. */
export function fault(kind: FaultKind, code: string, misconfigured = false) {
  return (error: unknown): true => {
    assert.ok(error instanceof Fault, String(error));
    assert.deepEqual([error.kind, error.code, error.misconfigured], [kind, code, misconfigured]);
    assert.doesNotMatch(error.message, /select|no such|near "/i);
    return true;
  };
}

export const small = (db: DatabaseSync): void => {
  db.exec("create table t (id INTEGER PRIMARY KEY, name TEXT); insert into t values (1, 'one'), (2, 'two')");
};
export const large = (db: DatabaseSync): void => {
  db.exec(
    "create table t (id INTEGER PRIMARY KEY, name TEXT); with recursive n(i) as (select 1 union all select i + 1 from n where i < 5000) insert into t select i, 'row ' || i from n",
  );
};
export const rows = { rows: { table: 't' } };
