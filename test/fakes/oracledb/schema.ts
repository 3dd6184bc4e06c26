// Tables of the stand-in: declared in Oracle's words, kept by SQLite, described in the dictionary.

import type { DatabaseSync } from 'node:sqlite';
import { addRow } from './dictionary.ts';
import { numberKey } from './numbers.ts';
import { momentKey } from './sql.ts';

/** Numbers and moments as text: `-12.50`, `2024-02-29T10:00:00`. */
export type TestValue = null | string | number | boolean | Uint8Array;

export interface TestColumn {
  readonly name: string;
  /** As in CREATE TABLE. */
  readonly type: string;
  readonly nullable?: boolean;
  readonly comment?: string;
  /** The database numbers new rows, and takes numbers that are given. */
  readonly identity?: boolean;
  /** A text. */
  readonly default?: string;
  /** `legs * 2` */
  readonly generated?: string;
}

export interface TestTable {
  readonly unique?: readonly string[];
  /** A condition in which numbers stand for themselves. */
  readonly check?: string;
  readonly references?: { readonly column: string; readonly table: string; readonly key: string };
  readonly name: string;
  readonly columns: readonly TestColumn[];
  readonly key?: readonly string[];
  readonly indexes?: readonly (readonly string[])[];
  readonly rows: readonly (readonly TestValue[])[];
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** As the stand-in keeps a value of the type. */
export function storedValue(type: string, value: TestValue): null | string | number | Uint8Array {
  if (value === null || value === '') return null;
  if (value instanceof Uint8Array) return value.length === 0 ? null : value;
  if (typeof value === 'boolean') return Number(value);
  if (/^(?:NUMBER|FLOAT|INTEGER)/.test(type)) return numberKey(String(value));
  if (/^(?:DATE|TIMESTAMP)/.test(type)) return momentKey(String(value));
  return isPadded(type) ? String(value).padEnd(PADDING) : value;
}

/**
 * Padded texts are all kept as long as this, and so is what is bound as CHAR: it equals them, what is bound as VARCHAR2 does not.
 */
export const PADDING = 64;

export function isPadded(type: string): boolean {
  return /^N?CHAR\b/.test(type);
}

/** Characters of a padded text. */
export function lengthOf(type: string): number {
  return Number(/\((\d+)/.exec(type)?.[1] ?? 1);
}

/** SQLite turns nothing of it into numbers: TEXT stands in front. */
function columnSql(column: TestColumn, table: string): string {
  const { name, type, nullable = true, identity, generated } = column;
  const kept = /^(?:BINARY_|BLOB|RAW|BOOLEAN)/.test(type) ? type : `TEXT ${type}`;
  const literal = (value: string) => `'${value.replaceAll("'", "''")}'`;
  const parts = [
    `${quoted(name)} ${quoted(kept)}`,
    ...(nullable ? [] : ['not null']),
    ...(identity === true ? [`default (next_number(${literal(table)}))`] : []),
    ...(column.default === undefined
      ? []
      : [`default ${literal(String(storedValue(type, column.default)))}`]),
    ...(generated === undefined
      ? []
      : [`generated always as (${generated.replace(/^(\w+) \* (\d+)$/, 'times("$1", $2)')}) stored`]),
  ];
  return parts.join(' ');
}

export function createTable(database: DatabaseSync, schema: string, table: TestTable): void {
  const { name, columns, key = [], indexes = [], rows } = table;
  const place = `${quoted(schema)}.${quoted(name)}`;
  const { unique, check, references } = table;
  const parts = columns.map((column) => columnSql(column, name));
  for (const path of [key, unique ?? []].filter(({ length }) => length > 0)) {
    parts.push(`unique (${path.map(quoted).join(', ')})`);
  }
  if (check !== undefined)
    parts.push(`check (${check.replace(/\d+/g, (digits) => `'${numberKey(digits)}'`)})`);
  if (references !== undefined) {
    const { column, table: other, key: target } = references;
    parts.push(`foreign key (${quoted(column)}) references ${quoted(other)} (${quoted(target)})`);
  }
  database.exec(`create table ${place} (${parts.join(', ')})`);
  if (rows.length > 0) {
    const insert = database.prepare(`insert into ${place} values (${columns.map(() => '?').join(', ')})`);
    for (const row of rows) insert.run(...columns.map(({ type }, i) => storedValue(type, row[i] ?? null)));
  }
  describeTable(database, schema, table);
  if (key.length > 0) describeKey(database, schema, name, key);
  if (unique !== undefined) describeIndex(database, schema, name, `${name}_U`, unique, true);
  for (const [i, path] of indexes.entries()) {
    describeIndex(database, schema, name, `${name}_I${i}`, path, false);
  }
}

function describeTable(database: DatabaseSync, owner: string, { name, columns }: TestTable): void {
  addRow(database, 'all_tables', { owner, table_name: name, nested: 'NO', secondary: 'N', dropped: 'NO' });
  for (const [i, column] of columns.entries()) {
    addRow(database, 'all_tab_cols', {
      owner,
      table_name: name,
      column_name: column.name,
      ...dictionaryWords(column.type),
      nullable: column.nullable === false ? 'N' : 'Y',
      virtual_column: column.generated === undefined ? 'NO' : 'YES',
      identity_column: column.identity === true ? 'YES' : 'NO',
      ...(column.default === undefined ? {} : { default_length: column.default.length }),
      hidden_column: 'NO',
      column_id: i + 1,
    });
    if (column.identity === true) {
      const place = { owner, table_name: name, column_name: column.name };
      addRow(database, 'all_tab_identity_cols', { ...place, generation_type: 'BY DEFAULT' });
    }
    if (column.comment !== undefined) {
      const { comment } = column;
      addRow(database, 'all_col_comments', {
        owner,
        table_name: name,
        column_name: column.name,
        comments: comment,
      });
    }
  }
}

function describeKey(database: DatabaseSync, owner: string, table: string, key: readonly string[]): void {
  const constraint = `${table}_PK`;
  addRow(database, 'all_constraints', {
    owner,
    constraint_name: constraint,
    constraint_type: 'P',
    table_name: table,
    status: 'ENABLED',
    validated: 'VALIDATED',
  });
  for (const [i, column] of key.entries()) {
    addRow(database, 'all_cons_columns', {
      owner,
      constraint_name: constraint,
      column_name: column,
      position: i + 1,
    });
  }
  describeIndex(database, owner, table, constraint, key, true);
}

export function describeIndex(
  database: DatabaseSync,
  owner: string,
  table: string,
  name: string,
  path: readonly string[],
  unique: boolean,
): void {
  addRow(database, 'all_indexes', {
    table_owner: owner,
    table_name: table,
    owner,
    index_name: name,
    uniqueness: unique ? 'UNIQUE' : 'NONUNIQUE',
    index_type: 'NORMAL',
    visibility: 'VISIBLE',
    status: 'VALID',
  });
  for (const [i, column] of path.entries()) {
    addRow(database, 'all_ind_columns', {
      index_owner: owner,
      index_name: name,
      column_name: column,
      column_position: i + 1,
      table_owner: owner,
    });
  }
}

/** VARCHAR2(40 CHAR) as the dictionary says it. */
export function dictionaryWords(declared: string): Readonly<Record<string, string | number>> {
  const [, word = declared, first, used, scale] =
    /^(N?VARCHAR2|N?CHAR|RAW|NUMBER|FLOAT)(?:\((\d+|\*)(?: (BYTE|CHAR))?(?:,(-?\d+))?\))?$/.exec(declared) ??
    [];
  if (word === 'NUMBER') {
    return {
      data_type: word,
      data_length: 22,
      ...(first === undefined || first === '*' ? {} : { data_precision: Number(first) }),
      ...(first === undefined ? {} : { data_scale: Number(scale ?? 0) }),
    };
  }
  if (word === 'FLOAT') return { data_type: word, data_length: 22, data_precision: Number(first ?? 126) };
  if (first === undefined)
    return { data_type: word, data_length: 0, ...(word === 'XMLTYPE' ? { data_type_owner: 'SYS' } : {}) };
  const length = Number(first);
  const characters = used === 'CHAR' || word.startsWith('N');
  return {
    data_type: word,
    data_length: characters ? length * 4 : length,
    ...(word === 'RAW' ? {} : { char_length: length, char_used: characters ? 'C' : 'B' }),
  };
}
