// CREATE TABLE, INDEX, VIEW, SYNONYM and comments: what a table of the stand-in is.

import { declaredType } from './declared.ts';
import { condition, expression, key, literal, quoted, type Scope, typeText } from './expressions.ts';
import type { Reading } from './words.ts';

export interface TableColumn {
  readonly name: string;
  readonly declared: string;
  readonly collation?: string;
  readonly nullable: boolean;
  readonly identity: boolean;
  readonly computed: boolean;
  readonly hasDefault: boolean;
  /** SQLite's text for what stands behind its name. */
  readonly definition?: string;
}

export interface TableKey {
  readonly kind: 'primary' | 'unique' | 'index';
  readonly columns: readonly string[];
}

export interface ForeignKey {
  readonly columns: readonly string[];
  readonly schema: string;
  readonly table: string;
  readonly references: readonly string[];
}

export interface TableDefinition {
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly TableColumn[];
  readonly keys: readonly TableKey[];
  readonly foreignKeys: readonly ForeignKey[];
}

export const DEFAULT_SCHEMA = 'dbo';
/** The schema of SQLite that table variables live in. */
export const VARIABLES = 'temp';

export function tableName(from: Reading): { readonly schema: string; readonly table: string } {
  const parts = [from.name()];
  while (from.take('.')) parts.push(from.name());
  const [table = '', schema = DEFAULT_SCHEMA] = parts.toReversed();
  return { schema, table };
}

export function scopeOf(columns: readonly TableColumn[], parameter: Scope['parameter']): Scope {
  return {
    parameter,
    column(name) {
      const found = columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
      if (found === undefined) return undefined;
      const { declared, collation } = found;
      return {
        sql: quoted(found.name),
        type: declaredType(declared),
        ...(collation === undefined ? {} : { collation }),
      };
    },
  };
}

function names(from: Reading): readonly string[] {
  from.expect('(');
  const all: string[] = [];
  do {
    all.push(from.name());
    from.take('asc') || from.take('desc');
  } while (from.take(','));
  from.expect(')');
  return all;
}

/** Behind CREATE INDEX. */
export function indexOf(from: Reading, kind: 'unique' | 'index') {
  from.name();
  from.expect('on');
  const where = tableName(from);
  return { ...where, key: { kind, columns: names(from) } };
}

/** Collation of texts where none is named. */
export const STANDARD_COLLATION = 'Latin1_General_CI_AS';

/** Behind CREATE TABLE. */
export function tableFrom(from: Reading) {
  const { schema, table } = tableName(from);
  return columnsOf(from, schema, table);
}

/** Behind DECLARE @name TABLE. */
export function variableFrom(from: Reading, name: string) {
  return columnsOf(from, VARIABLES, name);
}

function columnsOf(from: Reading, schema: string, table: string) {
  const columns: TableColumn[] = [];
  const keysOfTable: TableKey[] = [];
  const foreignKeys: ForeignKey[] = [];
  const checks: string[] = [];
  from.expect('(');
  do {
    if (from.take('primary', 'key')) keysOfTable.push({ kind: 'primary', columns: names(from) });
    else if (from.take('unique')) keysOfTable.push({ kind: 'unique', columns: names(from) });
    else if (from.take('check', '(')) {
      checks.push(
        condition(
          from,
          scopeOf(columns, () => undefined),
        ),
      );
      from.expect(')');
    } else if (from.take('foreign', 'key')) {
      const own = names(from);
      from.expect('references');
      const target = tableName(from);
      foreignKeys.push({ columns: own, schema: target.schema, table: target.table, references: names(from) });
    } else {
      const { column, primary, unique } = columnOf(from, columns);
      columns.push(column);
      if (primary) keysOfTable.push({ kind: 'primary', columns: [column.name] });
      if (unique) keysOfTable.push({ kind: 'unique', columns: [column.name] });
    }
  } while (from.take(','));
  from.expect(')');
  const definition = { schema, name: table, columns, keys: keysOfTable, foreignKeys };
  return { definition, sql: tableSql(definition, checks) };
}

function columnOf(from: Reading, before: readonly TableColumn[]) {
  const name = from.name();
  if (from.take('as', '(')) {
    const { sql, type } = expression(
      from,
      scopeOf(before, () => undefined),
    );
    from.expect(')');
    from.take('persisted');
    const definition = `as (${sql})`;
    const made = {
      name,
      declared: type.name,
      nullable: true,
      identity: false,
      computed: true,
      hasDefault: false,
    };
    return { column: { ...made, definition }, primary: false, unique: false };
  }
  const declared = typeText(from);
  const text = /char|text$|sysname/i.test(declared);
  let collation = text ? STANDARD_COLLATION : undefined;
  let nullable = true;
  let primary = false;
  let unique = false;
  let identity = false;
  let standard: string | undefined;
  for (;;) {
    if (from.take('collate')) collation = from.name();
    else if (from.take('not', 'null')) nullable = false;
    else if (from.take('null')) nullable = true;
    else if (from.take('primary', 'key')) primary = true;
    else if (from.take('unique')) unique = true;
    else if (from.take('identity')) identity = true;
    else if (from.take('default')) {
      standard = `tds_kept(${
        expression(
          from,
          scopeOf([], () => undefined),
        ).sql
      }, ${literal(declared)})`;
    } else break;
  }
  const column: TableColumn = {
    name,
    declared,
    nullable: nullable && !primary,
    identity,
    computed: false,
    hasDefault: standard !== undefined,
    ...(standard === undefined ? {} : { definition: `default (${standard})` }),
    ...(collation === undefined ? {} : { collation }),
  };
  return { column, primary, unique };
}

/** Unique keys of texts are those of their collation. */
function tableSql(
  { schema, name, columns, keys: all, foreignKeys }: TableDefinition,
  checks: readonly string[],
): readonly string[] {
  const cells = columns.map((column) =>
    [
      quoted(column.name),
      column.identity ? 'integer primary key autoincrement' : '',
      column.definition ?? '',
      column.nullable ? '' : 'not null',
    ].join(' '),
  );
  const others = [
    ...checks.map((check) => `check (${check})`),
    ...foreignKeys.map(
      (key) =>
        `foreign key (${key.columns.map(quoted).join(', ')}) references ${quoted(key.table)} (${key.references.map(quoted).join(', ')})`,
    ),
  ];
  const table = `create table ${quoted(schema)}.${quoted(name)} (${[...cells, ...others].join(', ')})`;
  const scope = scopeOf(columns, () => undefined);
  const indexes = all
    .filter(({ kind }) => kind !== 'index')
    .map(({ columns: parts }, i) => {
      const pieces = parts.flatMap((part) => scope.column(part) ?? []);
      return `create unique index ${quoted(schema)}.${quoted(`${name} key ${i}`)} on ${quoted(name)} (${pieces.map(key).join(', ')})`;
    });
  return [table, ...indexes];
}
