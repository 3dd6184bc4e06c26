// Knows: one connection to a database file, and its prepared statements.
// Must not know: what is read, who waits for it.

import { statSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { recent } from '#spi';
import type { StoredRow } from '../sql/driver.ts';

/** Prepared statements of one connection: a client's choice of fields and conditions makes one each. */
const KEPT_STATEMENTS = 64;

export interface Connection {
  readonly database: DatabaseSync;
  /** Changes when another file has taken the place of the one that is open. */
  readonly identity: string;
  prepare(sql: string): StatementSync;
  close(): void;
}

/** Throws SQLite's error, or the file system's when there is no such file. Never creates a file. */
export function connect(path: string, readOnly: boolean): Connection {
  const identity = identityOf(path);
  const url = pathToFileURL(path);
  url.searchParams.set('mode', readOnly ? 'ro' : 'rw');
  // No busy timeout: SQLite would wait inside the event loop.
  const database = new DatabaseSync(url, { readOnly, readBigInts: true, returnArrays: true });
  const statements = recent<StatementSync>(KEPT_STATEMENTS);
  return {
    database,
    identity,
    prepare: (sql) => statements(sql, () => database.prepare(sql)),
    close: () => database.close(),
  };
}

export function identityOf(path: string): string {
  const { dev, ino } = statSync(path);
  return `${dev}:${ino}`;
}

/** All rows of a small result. */
export function rowsOf(
  database: DatabaseSync,
  sql: string,
  ...parameters: readonly SQLInputValue[]
): readonly StoredRow[] {
  return Array.from(database.prepare(sql).iterate(...parameters), storedRow);
}

/** Rows come as arrays because the connection is opened so; the driver's types do not know that. */
export function storedRow(row: unknown): StoredRow {
  if (!Array.isArray(row)) throw new TypeError('the driver gave a row that is no array');
  return row;
}
