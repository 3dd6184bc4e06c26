// T-SQL's statements → SQLite's: as much of them as the gateway writes and its tests need.

import type { Declared } from './declared.ts';
import {
  DEFAULT_SCHEMA,
  indexOf,
  scopeOf,
  type TableColumn,
  type TableDefinition,
  type TableKey,
  tableFrom,
  tableName,
  VARIABLES,
  variableFrom,
} from './definitions.ts';
import {
  condition,
  declaredText,
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

export type Statement =
  | { readonly kind: 'rows'; readonly sql: string; readonly columns: readonly ResultColumn[] }
  /** `into`: where what it returns goes. */
  | { readonly kind: 'change'; readonly sql: string; readonly into?: string }
  | { readonly kind: 'setting'; readonly sql: string }
  | { readonly kind: 'table'; readonly definition: TableDefinition; readonly sql: readonly string[] }
  | { readonly kind: 'index'; readonly schema: string; readonly table: string; readonly key: TableKey }
  | { readonly kind: 'schema'; readonly name: string; readonly drop: boolean }
  | {
      readonly kind: 'drop';
      readonly what: 'table' | 'view' | 'synonym';
      readonly schema: string;
      readonly table: string;
    }
  | { readonly kind: 'assign'; readonly name: string; readonly declared: string; readonly sql?: string }
  | {
      readonly kind: 'call';
      readonly schema: string;
      readonly name: string;
      readonly given: readonly Given[];
    }
  | { readonly kind: 'variable'; readonly definition: TableDefinition; readonly sql: readonly string[] }
  | { readonly kind: 'view'; readonly definition: TableDefinition; readonly sql: string }
  | {
      readonly kind: 'synonym';
      readonly schema: string;
      readonly table: string;
      readonly base: readonly string[];
    }
  | {
      readonly kind: 'comment';
      readonly schema: string;
      readonly table: string;
      readonly column?: string;
      readonly text: string;
    }
  | { readonly kind: 'wait'; readonly seconds: number };

/** An argument of EXEC: a variable under the name of a parameter. */
export interface Given {
  readonly name: string;
  readonly variable: string;
  readonly output: boolean;
}

export interface Database {
  routine(schema: string, name: string): Declared | undefined;
  table(schema: string, name: string): { readonly columns: readonly TableColumn[] } | undefined;
}

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
  if (from.take('update')) return update(from, database, parameter);
  if (from.take('delete', 'from')) return remove(from, database, parameter);
  if (from.take('declare')) return declare(from, parameter);
  if (from.take('create', 'table')) return { kind: 'table', ...tableFrom(from) };
  if (from.take('create', 'schema')) return { kind: 'schema', name: from.name(), drop: false };
  if (from.take('drop', 'schema')) return { kind: 'schema', name: from.name(), drop: true };
  if (from.take('drop', 'table')) return { kind: 'drop', what: 'table', ...tableName(from) };
  if (from.take('drop', 'view')) return { kind: 'drop', what: 'view', ...tableName(from) };
  if (from.take('drop', 'synonym')) return { kind: 'drop', what: 'synonym', ...tableName(from) };
  if (from.take('create', 'unique', 'index')) return { kind: 'index', ...indexOf(from, 'unique') };
  if (from.take('create', 'index')) return { kind: 'index', ...indexOf(from, 'index') };
  if (from.take('create', 'view')) return createView(from, database, parameter);
  if (from.take('create', 'synonym')) return createSynonym(from);
  if (from.take('exec', 'sp_addextendedproperty')) return comment(from);
  if (from.take('exec')) return call(from);
  throw new Problem(102, `Incorrect syntax near '${from.peek().text}'.`);
}

/** Columns before their table is known are read twice: once to find the FROM, once to translate them. */
function select(from: Reading, database: Database, parameter: Scope['parameter']): Statement {
  const limit = from.take('top') ? top(from, parameter) : undefined;
  const source = sourceAhead(from);
  const known = source === undefined ? undefined : database.table(source.schema, source.table);
  if (source !== undefined && known === undefined) {
    throw new Problem(208, `Invalid object name '${source.schema}.${source.table}'.`);
  }
  const scope: Scope = { ...scopeOf(known?.columns ?? [], parameter), routine: database.routine };
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
    if (source.schema === VARIABLES) from.next();
    else tableName(from);
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
    if (from.peek(ahead + 1).kind === 'parameter') return { schema: VARIABLES, table: first };
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
  const output = outputOf(from, scopeOf(known.columns, parameter));
  const place = `${quoted(schema)}.${quoted(table)}`;
  if (from.take('default', 'values')) {
    return { kind: 'change', sql: `insert into ${place} default values${output.sql}`, ...output.into };
  }
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
  const sql = `insert into ${place} (${columns}) values ${rows.join(', ')}${output.sql}`;
  return { kind: 'change', sql, ...output.into };
}

/** OUTPUT inserted.… INTO @variable; else nothing. */
function outputOf(from: Reading, scope: Scope) {
  if (!from.take('output')) return { sql: '', into: {} };
  const pieces: string[] = [];
  do pieces.push(expression(from, scope).sql);
  while (from.take(','));
  from.expect('into');
  return { sql: ` returning ${pieces.join(', ')}`, into: { into: from.next().text } };
}

function knownTable(from: Reading, database: Database) {
  const { schema, table } = tableName(from);
  const known = database.table(schema, table);
  if (known === undefined) throw new Problem(208, `Invalid object name '${schema}.${table}'.`);
  return { known, place: `${quoted(schema)}.${quoted(table)}` };
}

function update(from: Reading, database: Database, parameter: Scope['parameter']): Statement {
  const { known, place } = knownTable(from, database);
  const scope = scopeOf(known.columns, parameter);
  from.expect('set');
  const parts: string[] = [];
  do {
    const name = from.name();
    const target = known.columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
    if (target === undefined) throw new Problem(207, `Invalid column name '${name}'.`);
    from.expect('=');
    parts.push(
      `${quoted(target.name)} = tds_kept(${expression(from, scope).sql}, ${literal(target.declared)})`,
    );
  } while (from.take(','));
  const where = from.take('where') ? ` where ${condition(from, scope)}` : '';
  return { kind: 'change', sql: `update ${place} set ${parts.join(', ')}${where}` };
}

function remove(from: Reading, database: Database, parameter: Scope['parameter']): Statement {
  const { known, place } = knownTable(from, database);
  const where = from.take('where') ? ` where ${condition(from, scopeOf(known.columns, parameter))}` : '';
  return { kind: 'change', sql: `delete from ${place}${where}` };
}

/** A table variable is a table of the batch, under its name with the `@`. */
function declare(from: Reading, parameter: Scope['parameter']): Statement {
  const name = from.next().text;
  if (from.take('table')) return { kind: 'variable', ...variableFrom(from, name) };
  const declared = typeText(from);
  if (!from.take('=')) return { kind: 'assign', name, declared };
  const { sql } = expression(from, scopeOf([], parameter));
  return { kind: 'assign', name, declared, sql: `select tds_kept(${sql}, ${literal(declared)})` };
}

/** EXEC @status = [schema].[name] @parameter = @variable OUTPUT, … */
function call(from: Reading): Statement {
  if (from.peek().kind === 'parameter') {
    from.next();
    from.expect('=');
  }
  const { schema, table: name } = tableName(from);
  const given: Given[] = [];
  while (from.peek().kind === 'parameter') {
    const parameter = from.next().text;
    from.expect('=');
    given.push({ name: parameter, variable: from.next().text, output: from.take('output') });
    from.take(',');
  }
  return { kind: 'call', schema, name, given };
}

/** Columns of a view have the types of what is selected. */
function createView(from: Reading, database: Database, parameter: Scope['parameter']): Statement {
  const { schema, table: name } = tableName(from);
  from.expect('as', 'select');
  const made = select(from, database, parameter);
  if (made.kind !== 'rows') throw new Problem(102, 'Incorrect syntax near a view.');
  const columns = made.columns.map((column) => ({
    name: column.name,
    declared: declaredText(column.type),
    ...(column.collation === undefined ? {} : { collation: column.collation }),
    nullable: true,
    identity: false,
    computed: false,
    hasDefault: false,
  }));
  const named = columns.map((column) => quoted(column.name)).join(', ');
  const sql = `create view ${quoted(schema)}.${quoted(name)} (${named}) as ${made.sql}`;
  return { kind: 'view', definition: { schema, name, columns, keys: [], foreignKeys: [] }, sql };
}

function createSynonym(from: Reading): Statement {
  const place = tableName(from);
  from.expect('for');
  const base = [from.name()];
  while (from.take('.')) base.push(from.name());
  return { kind: 'synonym', ...place, base };
}

/** The arguments of sp_addextendedproperty by their places: name, value, then levels with their names. */
function comment(from: Reading): Statement {
  const given: string[] = [];
  do given.push(from.next().text);
  while (from.take(','));
  const [, text = '', , schema = '', , table = '', , column] = given;
  return { kind: 'comment', schema, table, text, ...(column === undefined ? {} : { column }) };
}
