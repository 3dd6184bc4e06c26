// Knows: how the catalog of a live SQLite file becomes a saved model.
// Must not know: the configuration, queries.

import type { DatabaseSync } from 'node:sqlite';
import { createQueryId, RawNode, SqliteQueryCompiler } from 'kysely';
import type { StoredRow } from '../sql/driver.ts';
import { columnNamed, text } from '../sql/expression.ts';
import { type DatabaseModel, MODEL_FORMAT, type SavedColumn, type SavedTable } from '../sql/model.ts';
import { connect, rowsOf } from './connection.ts';
import { sqliteFault } from './faults.ts';
import { affinityOf } from './types.ts';

export const PRODUCT = 'sqlite';

/**
 * Reads the catalog of a database file. Throws a Fault when the file cannot be read.
 * `readOnly`: false where the file may be written: a program that died in the middle of a transaction has left a journal, and until somebody
 * who may write has rolled it back nobody can read (https://www.sqlite.org/rescode.html#readonly_rollback).
 */
export function readCatalog(path: string, readOnly: boolean): DatabaseModel {
  try {
    const connection = connect(path, readOnly);
    try {
      return catalogOf(connection.database);
    } finally {
      connection.close();
    }
  } catch (error) {
    throw sqliteFault(error);
  }
}

/** Tables in the order of their names, so that the same catalog gives the same model. */
function catalogOf(database: DatabaseSync): DatabaseModel {
  const omitted: { readonly name: string; readonly reason: string }[] = [];
  const tables = rowsOf(
    database,
    "select name, type, wr, strict from pragma_table_list where schema = 'main' and name not like 'sqlite\\_%' escape '\\' order by name",
  ).flatMap(([name, type, withoutRowid, strict]): readonly SavedTable[] => {
    const listed = {
      name: String(name),
      type: String(type),
      withoutRowid: withoutRowid === 1n,
      strict: strict === 1n,
    };
    if (listed.type === 'shadow') {
      omitted.push({ name: listed.name, reason: 'internal storage of a virtual table' });
      return [];
    }
    try {
      return [tableOf(database, listed)];
    } catch (error) {
      // A view over what is gone, a virtual table of a module that is not loaded.
      omitted.push({ name: listed.name, reason: `its columns cannot be read (${sqliteFault(error).code})` });
      return [];
    }
  });
  const [[encoding] = []] = rowsOf(database, 'pragma encoding');
  return { format: MODEL_FORMAT, product: PRODUCT, encoding: String(encoding), tables, omitted };
}

interface Listed {
  readonly name: string;
  readonly type: string;
  readonly withoutRowid: boolean;
  readonly strict: boolean;
}

function tableOf(database: DatabaseSync, { name, type, withoutRowid, strict }: Listed): SavedTable {
  // Hidden 1 is a column that a virtual table takes arguments by; 2 and 3 are generated columns.
  const listed = rowsOf(
    database,
    'select name, type, "notnull", pk, dflt_value is not null, hidden from pragma_table_xinfo(?) where hidden <> 1 order by cid',
    name,
  );
  const key = listed
    .filter(([, , , pk]) => Number(pk) > 0)
    .sort((a, b) => Number(a[3]) - Number(b[3]))
    .map(([column]) => String(column));
  const indexes = indexesOf(database, name);
  // An INTEGER PRIMARY KEY is the row's own number and has no index beside it: always an integer, never null.
  const rowNumber = key.length === 1 && !withoutRowid && !indexes.some(({ origin }) => origin === 'pk');
  const columns = listed.map(([column, declared, notNull, pk, standard, hidden]): SavedColumn => {
    const isKey = Number(pk) > 0;
    const own = { name: String(column), type: String(declared) };
    const collation = type === 'virtual' ? undefined : collationOf(database, name, own);
    const numbered = isKey && rowNumber;
    const trusted = (strict && own.type.toUpperCase() !== 'ANY') || numbered;
    const generated = numbered ? 'identity' : hidden === 0n ? undefined : 'always';
    return {
      ...own,
      nullable: notNull !== 1n && !(isKey && (rowNumber || withoutRowid)),
      ...(collation === undefined ? {} : { collation }),
      ...(numbered || standard === 1n ? { default: true } : {}),
      ...(generated === undefined ? {} : { generated }),
      ...(trusted ? { trusted } : {}),
    };
  });
  const names = new Set(columns.map((column) => column.name.toLowerCase()));
  const position = ['rowid', '_rowid_', 'oid'].find((alias) => !names.has(alias));
  const positioned = type !== 'view' && !withoutRowid && position !== undefined;
  return {
    name,
    kind: type === 'view' ? 'view' : 'table',
    columns,
    key,
    unique: indexes.filter(({ unique, origin }) => unique && origin !== 'pk').map((index) => index.columns),
    indexes: indexes.filter(({ unique }) => !unique).map((index) => index.columns),
    foreignKeys: foreignKeysOf(database, name),
    ...(positioned ? { position } : {}),
  };
}

interface Index {
  readonly unique: boolean;
  readonly origin: string;
  readonly columns: readonly string[];
}

/** Indexes over all rows and over plain columns; partial ones and those over expressions serve few conditions. */
function indexesOf(database: DatabaseSync, table: string): readonly Index[] {
  const listed = rowsOf(
    database,
    'select name, "unique", origin from pragma_index_list(?) where partial = 0 order by name',
    table,
  );
  return listed.flatMap(([name, unique, origin]) => {
    const columns = rowsOf(
      database,
      'select name from pragma_index_xinfo(?) where key = 1 order by seqno',
      String(name),
    ).map(([column]) => column);
    const plain = columns.filter((column) => typeof column === 'string');
    return plain.length < columns.length
      ? []
      : [{ unique: unique === 1n, origin: String(origin), columns: plain }];
  });
}

/** A reference that names no columns means the other table's primary key. */
function foreignKeysOf(database: DatabaseSync, table: string): SavedTable['foreignKeys'] {
  const rows = rowsOf(
    database,
    'select id, "table", "from", "to" from pragma_foreign_key_list(?) order by id, seq',
    table,
  );
  return [...Map.groupBy(rows, ([id]) => id).values()].map((parts) => {
    const target = String(parts[0]?.[1]);
    const named = parts.map(([, , , to]) => to).filter((to) => typeof to === 'string');
    return {
      columns: parts.map(([, , from]) => String(from)),
      table: target,
      references: named.length === parts.length ? named : keyOf(database, target),
    };
  });
}

function keyOf(database: DatabaseSync, table: string): readonly string[] {
  return rowsOf(database, 'select name from pragma_table_xinfo(?) where pk > 0 order by pk', table).map(
    ([column]) => String(column),
  );
}

/**
 * The catalog does not tell how a column compares, so it is tried: a union takes its collation from the column of its
 * first arm, which reads no row. Undefined where values are compared byte by byte, or never as texts.
 */
function collationOf(
  database: DatabaseSync,
  table: string,
  { name, type }: Pick<SavedColumn, 'name' | 'type'>,
): string | undefined {
  if (['real', 'integer'].includes(affinityOf(type))) return undefined;
  const probe = text(
    ["select x = 'A', x = 'a ' from (select ", ' as x from ', " where 0 union all select 'a')"],
    columnNamed(name),
    columnNamed(table),
  );
  if (!RawNode.is(probe)) return undefined;
  const { sql } = new SqliteQueryCompiler().compileQuery(probe, createQueryId());
  let row: StoredRow | undefined;
  try {
    [row] = rowsOf(database, sql);
  } catch {
    // A collation that its program brought along and that is not known here.
    return 'unknown';
  }
  if (row?.[0] === 1n) return 'nocase';
  return row?.[1] === 1n ? 'rtrim' : undefined;
}
