// The views of `sys` that the gateway reads, as tables of SQLite that are written when a table is made.

import type { DatabaseSync } from 'node:sqlite';
import { declaredType } from './declared.ts';
import { STANDARD_COLLATION, type TableColumn, type TableDefinition, type TableKey } from './definitions.ts';
import type { ProcedureParameter } from './procedures.ts';

/** Columns of each view, with their declared types. */
const VIEWS: Readonly<Record<string, string>> = {
  schemas: 'name sysname, schema_id int',
  objects:
    'name sysname, object_id int, schema_id int, parent_object_id int, type char(2), is_ms_shipped bit',
  columns:
    'object_id int, name sysname, column_id int, system_type_id tinyint, user_type_id int, max_length smallint, precision tinyint, scale tinyint, collation_name sysname, is_nullable bit, is_identity bit, is_computed bit, default_object_id int',
  types: 'name sysname, system_type_id tinyint, user_type_id int, schema_id int, is_user_defined bit',
  indexes:
    'object_id int, name sysname, index_id int, type tinyint, is_unique bit, is_primary_key bit, has_filter bit, is_disabled bit, is_hypothetical bit',
  index_columns:
    'object_id int, index_id int, index_column_id int, column_id int, key_ordinal tinyint, is_included_column bit',
  foreign_keys: 'name sysname, object_id int, parent_object_id int, referenced_object_id int',
  foreign_key_columns:
    'constraint_object_id int, constraint_column_id int, parent_object_id int, parent_column_id int, referenced_object_id int, referenced_column_id int',
  extended_properties: 'class tinyint, major_id int, minor_id int, name sysname, value nvarchar(4000)',
  parameters:
    'object_id int, name sysname, parameter_id int, system_type_id tinyint, user_type_id int, max_length smallint, precision tinyint, scale tinyint, is_output bit, has_default_value bit',
  synonyms: 'name sysname, object_id int, schema_id int, base_object_name nvarchar(1035)',
  databases: 'name sysname, database_id int, collation_name sysname',
};

/** Type names with their numbers, as SQL Server numbers them. */
const TYPES: Readonly<Record<string, number>> = {
  image: 34,
  text: 35,
  uniqueidentifier: 36,
  date: 40,
  time: 41,
  datetime2: 42,
  datetimeoffset: 43,
  tinyint: 48,
  smallint: 52,
  int: 56,
  smalldatetime: 58,
  real: 59,
  money: 60,
  datetime: 61,
  float: 62,
  sql_variant: 98,
  ntext: 99,
  bit: 104,
  decimal: 106,
  numeric: 108,
  smallmoney: 122,
  bigint: 127,
  varbinary: 165,
  varchar: 167,
  binary: 173,
  char: 175,
  timestamp: 189,
  nvarchar: 231,
  nchar: 239,
  xml: 241,
};

const WIDTHS: Readonly<Record<string, number>> = {
  tinyint: 1,
  smallint: 2,
  int: 4,
  bigint: 8,
  bit: 1,
  real: 4,
  float: 8,
  money: 8,
  smallmoney: 4,
  uniqueidentifier: 16,
  text: 16,
  ntext: 16,
  image: 16,
  timestamp: 8,
  date: 3,
  datetime: 8,
  smalldatetime: 4,
};

/** A type as the catalog describes it. */
function sizeOf(declared: string) {
  const type = declaredType(declared);
  const name = type.name === 'rowversion' ? 'timestamp' : type.name;
  const sized = /^n?(?:var)?char$|binary$/.test(name);
  const each = name.startsWith('n') ? 2 : 1;
  const length = type.length === Number.POSITIVE_INFINITY ? -1 : type.length * each;
  return {
    id: TYPES[name] ?? 0,
    bytes: sized ? length : (WIDTHS[name] ?? 9),
    precision: sized ? 0 : type.precision,
    scale: sized ? 0 : type.scale,
  };
}

export interface Catalog {
  view(name: string): { readonly columns: readonly TableColumn[] } | undefined;
  schema(name: string): void;
  table(definition: TableDefinition, view?: boolean): void;
  routine(schema: string, name: string, type: 'P ' | 'FN', parameters: readonly ProcedureParameter[]): void;
  synonym(schema: string, name: string, base: readonly string[]): void;
  comment(schema: string, table: string, column: string | undefined, text: string): void;
  index(schema: string, table: string, key: TableKey): void;
  drop(schema: string, table: string): void;
  objectId(name: string): number | null;
}

/** `sqlite` has a database `sys` attached. */
export function catalogIn(sqlite: DatabaseSync, database: string): Catalog {
  let lastId = 1_000_000;
  const put = (view: string, ...values: readonly (string | number | null)[]): void => {
    sqlite.prepare(`insert into sys.${view} values (${values.map(() => '?').join(', ')})`).run(...values);
  };
  for (const [name, columns] of Object.entries(VIEWS)) {
    const bare = columns.replace(/(\w+) (\w+(?:\(\d+\))?)/g, '$1');
    sqlite.exec(`create table sys.${name} (${bare})`);
  }
  for (const [name, id] of Object.entries(TYPES)) put('types', name, id, id, 4, 0);
  put('databases', database, 1, STANDARD_COLLATION);

  const number = (sql: string, ...values: readonly (string | number)[]): number => {
    const row = sqlite.prepare(sql).get(...values);
    return Number(row === undefined ? 0 : Object.values(row)[0]);
  };
  const schemaId = (name: string) => number('select schema_id from sys.schemas where name = ?', name);
  const idOf = (schema: string, table: string) =>
    number(
      'select object_id from sys.objects where schema_id = ? and name = ? collate nocase',
      schemaId(schema),
      table,
    );
  const columnId = (table: number, column: string) =>
    number(
      'select column_id from sys.columns where object_id = ? and name = ? collate nocase',
      table,
      column,
    );

  const index = (table: number, { kind, columns }: TableKey): void => {
    const id = number('select count(*) from sys.indexes where object_id = ?', table) + 1;
    put(
      'indexes',
      table,
      `index ${id}`,
      id,
      2,
      kind === 'index' ? 0 : 1,
      kind === 'primary' ? 1 : 0,
      0,
      0,
      0,
    );
    for (const [i, column] of columns.entries()) {
      put('index_columns', table, id, i + 1, columnId(table, column), i + 1, 0);
    }
  };

  return {
    view(name) {
      const text = VIEWS[name];
      if (text === undefined) return undefined;
      const columns = text.split(', ').map((part) => {
        const [column = '', declared = ''] = part.split(' ');
        return {
          name: column,
          declared,
          nullable: true,
          identity: false,
          computed: false,
          hasDefault: false,
        };
      });
      return { columns };
    },
    schema: (name) => put('schemas', name, ++lastId),
    table({ schema, name, columns, keys, foreignKeys }, view = false) {
      const id = ++lastId;
      put('objects', name, id, schemaId(schema), 0, view ? 'V ' : 'U ', 0);
      for (const [i, column] of columns.entries()) {
        const { id: number, bytes, precision, scale } = sizeOf(column.declared);
        put(
          'columns',
          id,
          column.name,
          i + 1,
          number,
          number,
          bytes,
          precision,
          scale,
          column.collation ?? null,
          column.nullable ? 1 : 0,
          column.identity ? 1 : 0,
          column.computed ? 1 : 0,
          column.hasDefault ? 1 : 0,
        );
      }
      for (const key of keys) index(id, key);
      for (const [i, key] of foreignKeys.entries()) {
        const target = idOf(key.schema, key.table);
        const own = ++lastId;
        put('foreign_keys', `fk ${name} ${i}`, own, id, target);
        for (const [at, column] of key.columns.entries()) {
          const to = columnId(target, key.references[at] ?? '');
          put('foreign_key_columns', own, at + 1, id, columnId(id, column), target, to);
        }
      }
    },
    routine(schema, name, type, parameters) {
      const id = ++lastId;
      put('objects', name, id, schemaId(schema), 0, type, 0);
      for (const [i, { name: own, declared, output = false }] of parameters.entries()) {
        const at = type === 'FN' ? i : i + 1;
        const known = sizeOf(declared);
        put(
          'parameters',
          id,
          own,
          at,
          known.id,
          known.id,
          known.bytes,
          known.precision,
          known.scale,
          output ? 1 : 0,
          0,
        );
      }
    },
    synonym(schema, name, base) {
      const id = ++lastId;
      put('objects', name, id, schemaId(schema), 0, 'SN', 0);
      put(
        'synonyms',
        name,
        id,
        schemaId(schema),
        base.map((part) => `[${part.replaceAll(']', ']]')}]`).join('.'),
      );
    },
    comment(schema, table, column, text) {
      const id = idOf(schema, table);
      put(
        'extended_properties',
        1,
        id,
        column === undefined ? 0 : columnId(id, column),
        'MS_Description',
        text,
      );
    },
    index: (schema, table, key) => index(idOf(schema, table), key),
    drop(schema, table) {
      const id = idOf(schema, table);
      for (const view of ['objects', 'columns', 'indexes', 'index_columns', 'synonyms']) {
        sqlite.prepare(`delete from sys.${view} where object_id = ?`).run(id);
      }
    },
    objectId(name) {
      const parts = [...name.matchAll(/\[((?:[^\]]|\]\])*)\]|([^.[\]]+)/g)].map(([, a, b]) => a ?? b ?? '');
      const [table = '', schema = 'dbo'] = parts.toReversed();
      return idOf(schema, table) || null;
    },
  };
}
