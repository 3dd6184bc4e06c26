// T-SQL's statements → SQLite's: as much of them as the gateway writes and its tests need.

import { declaredType } from './declared.ts';
import {
  condition,
  expression,
  key,
  literal,
  type Piece,
  quoted,
  type Scope,
  typeText,
} from './expressions.ts';
import type { ResultColumn } from './type-info.ts';
import { Problem } from './values.ts';
import { type Reading, reading, wordsOf } from './words.ts';

export interface TableColumn {
  readonly name: string;
  readonly declared: string;
  readonly collation?: string;
  readonly nullable: boolean;
  readonly identity: boolean;
  readonly computed: boolean;
  readonly hasDefault: boolean;
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

export type Statement =
  | { readonly kind: 'rows'; readonly sql: string; readonly columns: readonly ResultColumn[] }
  | { readonly kind: 'change'; readonly sql: string; readonly columns: readonly ResultColumn[] }
  | { readonly kind: 'setting'; readonly sql: string }
  | { readonly kind: 'table'; readonly definition: TableDefinition; readonly sql: readonly string[] }
  | { readonly kind: 'index'; readonly schema: string; readonly table: string; readonly key: TableKey }
  | { readonly kind: 'schema'; readonly name: string; readonly drop: boolean }
  | { readonly kind: 'drop'; readonly schema: string; readonly table: string }
  | { readonly kind: 'wait'; readonly seconds: number };

export interface Database {
  table(schema: string, name: string): { readonly columns: readonly TableColumn[] } | undefined;
}

const DEFAULT_SCHEMA = 'dbo';

/** One after the other: what one makes, the next may use. */
export function* statementsOf(
  sql: string,
  database: Database,
  parameter: Scope['parameter'],
): Iterable<Statement> {
  const from = reading(wordsOf(sql));
  while (!from.ended) {
    if (!from.take(';')) yield statement(from, database, parameter);
  }
}

function statement(from: Reading, database: Database, parameter: Scope['parameter']): Statement {
  if (from.take('set')) {
    const words: string[] = [];
    while (!from.ended && from.peek().text !== ';' && !/^(?:set|select)$/i.test(from.peek().text)) {
      words.push(from.next().text);
    }
    return { kind: 'setting', sql: words.join(' ') };
  }
  if (from.take('waitfor', 'delay')) {
    const [hours = 0, minutes = 0, seconds = 0] = from.next().text.split(':').map(Number);
    return { kind: 'wait', seconds: hours * 3600 + minutes * 60 + seconds };
  }
  if (from.take('select')) return select(from, database, parameter);
  if (from.take('insert', 'into')) return insert(from, database, parameter);
  if (from.take('create', 'table')) return createTable(from);
  if (from.take('create', 'schema')) return { kind: 'schema', name: from.name(), drop: false };
  if (from.take('drop', 'schema')) return { kind: 'schema', name: from.name(), drop: true };
  if (from.take('drop', 'table')) return { kind: 'drop', ...tableName(from) };
  if (from.take('create', 'unique', 'index')) return createIndex(from, 'unique');
  if (from.take('create', 'index')) return createIndex(from, 'index');
  throw new Problem(102, `Incorrect syntax near '${from.peek().text}'.`);
}

function tableName(from: Reading): { readonly schema: string; readonly table: string } {
  const parts = [from.name()];
  while (from.take('.')) parts.push(from.name());
  const [table = '', schema = DEFAULT_SCHEMA] = parts.toReversed();
  return { schema, table };
}

function scopeOf(columns: readonly TableColumn[], parameter: Scope['parameter']): Scope {
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

/** Columns before their table is known are read twice: once to find the FROM, once to translate them. */
function select(from: Reading, database: Database, parameter: Scope['parameter']): Statement {
  const limit = from.take('top') ? top(from, parameter) : undefined;
  const source = sourceAhead(from);
  const known = source === undefined ? undefined : database.table(source.schema, source.table);
  if (source !== undefined && known === undefined) {
    throw new Problem(208, `Invalid object name '${source.schema}.${source.table}'.`);
  }
  const scope = scopeOf(known?.columns ?? [], parameter);
  const items: { readonly name: string; readonly piece: Piece }[] = [];
  do {
    if (from.take('*')) {
      for (const { name } of known?.columns ?? []) {
        const piece = scope.column(name);
        if (piece !== undefined) items.push({ name, piece });
      }
      continue;
    }
    const bare = from.peek();
    const piece = expression(from, scope);
    const named = from.take('as') ? from.name() : /^(?:word|name)$/.test(bare.kind) ? bare.text : '';
    items.push({ name: named, piece });
  } while (from.take(','));
  let sql = `select ${items.map(({ piece }) => piece.sql).join(', ')}`;
  if (source !== undefined) {
    from.expect('from');
    tableName(from);
    hints(from);
    sql += ` from ${quoted(source.schema)}.${quoted(source.table)}`;
  }
  if (from.take('where')) sql += ` where ${condition(from, scope)}`;
  if (from.take('group', 'by')) sql += ` group by ${keys(from, scope)}`;
  if (from.take('having')) sql += ` having ${condition(from, scope)}`;
  if (from.take('order', 'by')) sql += ` order by ${keys(from, scope)}`;
  if (limit !== undefined) sql += ` limit ${limit}`;
  return {
    kind: 'rows',
    sql,
    columns: items.map(({ name, piece: { type, collation } }) => ({
      name,
      type,
      ...(collation === undefined ? {} : { collation }),
    })),
  };
}

function top(from: Reading, parameter: Scope['parameter']): string {
  from.expect('(');
  const { sql } = expression(from, { column: () => undefined, parameter });
  from.expect(')');
  return sql;
}

function hints(from: Reading): void {
  if (!from.take('with', '(')) return;
  while (!from.take(')')) from.next();
}

function keys(from: Reading, scope: Scope): string {
  const all: string[] = [];
  do {
    const sorted = key(expression(from, scope));
    all.push(from.take('desc') ? `${sorted} desc` : sorted);
    from.take('asc');
  } while (from.take(','));
  return all.join(', ');
}

function sourceAhead(from: Reading): { readonly schema: string; readonly table: string } | undefined {
  for (let ahead = 0, depth = 0; ; ahead++) {
    const { kind, text } = from.peek(ahead);
    if (kind === 'end' || (kind === 'sign' && text === ';')) return undefined;
    if (kind === 'sign' && text === '(') depth++;
    if (kind === 'sign' && text === ')') depth--;
    if (depth > 0 || kind !== 'word' || text.toLowerCase() !== 'from') continue;
    const first = from.peek(ahead + 1).text;
    const dotted = from.peek(ahead + 2).text === '.';
    return dotted
      ? { schema: first, table: from.peek(ahead + 3).text }
      : { schema: DEFAULT_SCHEMA, table: first };
  }
}

function insert(from: Reading, database: Database, parameter: Scope['parameter']): Statement {
  const { schema, table } = tableName(from);
  const known = database.table(schema, table);
  if (known === undefined) throw new Problem(208, `Invalid object name '${schema}.${table}'.`);
  const named: string[] = [];
  if (from.take('(')) {
    do named.push(from.name());
    while (from.take(','));
    from.expect(')');
  }
  const targets = (
    named.length > 0
      ? named
      : known.columns.filter(({ computed, identity }) => !computed && !identity).map(({ name }) => name)
  ).map((name) => known.columns.find((column) => column.name.toLowerCase() === name.toLowerCase()));
  from.expect('values');
  const scope = scopeOf([], parameter);
  const rows: string[] = [];
  do {
    from.expect('(');
    const cells: string[] = [];
    do {
      const { sql } = expression(from, scope);
      const target = targets[cells.length];
      if (target === undefined) throw new Problem(207, 'Invalid column name.');
      cells.push(`tds_kept(${sql}, ${literal(target.declared)})`);
    } while (from.take(','));
    from.expect(')');
    rows.push(`(${cells.join(', ')})`);
  } while (from.take(','));
  const columns = targets.map((target) => quoted(target?.name ?? '')).join(', ');
  return {
    kind: 'change',
    sql: `insert into ${quoted(schema)}.${quoted(table)} (${columns}) values ${rows.join(', ')}`,
    columns: [],
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

function createIndex(from: Reading, kind: 'unique' | 'index'): Statement {
  from.name();
  from.expect('on');
  const where = tableName(from);
  return { kind: 'index', ...where, key: { kind, columns: names(from) } };
}

/** Collation of texts where none is named. */
export const STANDARD_COLLATION = 'Latin1_General_CI_AS';

function createTable(from: Reading): Statement {
  const { schema, table } = tableName(from);
  const columns: TableColumn[] = [];
  const keysOfTable: TableKey[] = [];
  const foreignKeys: ForeignKey[] = [];
  from.expect('(');
  do {
    if (from.take('primary', 'key')) keysOfTable.push({ kind: 'primary', columns: names(from) });
    else if (from.take('unique')) keysOfTable.push({ kind: 'unique', columns: names(from) });
    else if (from.take('foreign', 'key')) {
      const own = names(from);
      from.expect('references');
      const target = tableName(from);
      foreignKeys.push({ columns: own, schema: target.schema, table: target.table, references: names(from) });
    } else {
      const { column, primary, unique } = columnOf(from);
      columns.push(column);
      if (primary) keysOfTable.push({ kind: 'primary', columns: [column.name] });
      if (unique) keysOfTable.push({ kind: 'unique', columns: [column.name] });
    }
  } while (from.take(','));
  from.expect(')');
  const definition = { schema, name: table, columns, keys: keysOfTable, foreignKeys };
  return { kind: 'table', definition, sql: tableSql(definition) };
}

function columnOf(from: Reading) {
  const name = from.name();
  const declared = typeText(from);
  const text = /char|text$|sysname/i.test(declared);
  let collation = text ? STANDARD_COLLATION : undefined;
  let nullable = true;
  let primary = false;
  let unique = false;
  let identity = false;
  let hasDefault = false;
  for (;;) {
    if (from.take('collate')) collation = from.name();
    else if (from.take('not', 'null')) nullable = false;
    else if (from.take('null')) nullable = true;
    else if (from.take('primary', 'key')) primary = true;
    else if (from.take('unique')) unique = true;
    else if (from.take('identity')) identity = true;
    else if (from.take('default')) {
      hasDefault = true;
      from.next();
    } else break;
  }
  const column: TableColumn = {
    name,
    declared,
    nullable: nullable && !primary,
    identity,
    computed: false,
    hasDefault,
    ...(collation === undefined ? {} : { collation }),
  };
  return { column, primary, unique };
}

/** Unique keys of texts are those of their collation. */
function tableSql({ schema, name, columns, keys: all }: TableDefinition): readonly string[] {
  const cells = columns.map(
    (column) =>
      `${quoted(column.name)}${column.identity ? ' integer primary key' : ''}${column.nullable ? '' : ' not null'}`,
  );
  const table = `create table ${quoted(schema)}.${quoted(name)} (${cells.join(', ')})`;
  const scope = scopeOf(columns, () => undefined);
  const indexes = all
    .filter(({ kind }) => kind !== 'index')
    .map(({ columns: parts }, i) => {
      const pieces = parts.flatMap((part) => scope.column(part) ?? []);
      return `create unique index ${quoted(schema)}.${quoted(`${name} key ${i}`)} on ${quoted(name)} (${pieces.map(key).join(', ')})`;
    });
  return [table, ...indexes];
}
