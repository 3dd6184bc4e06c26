// Knows: how rows are inserted and locked in T-SQL: the keys of new rows come back by OUTPUT, into a table variable, which tables with
// triggers need. Must not know: connections, values.

import {
  ColumnNode,
  type InsertQueryNode,
  RawNode,
  type RootOperationNode,
  type SelectionNode,
  type SelectQueryNode,
} from 'kysely';
import type { Writing } from '../sql/dialect.ts';
import { identifier, separated, text } from '../sql/expression.ts';
import type { Column } from '../sql/table.ts';
import { knownType } from './types.ts';
import { writerOf } from './writer.ts';

/** `charset`: that of the database. */
export function writingWith(charset: string | undefined): Writing {
  return {
    writer: (column) => writerOf(column, charset),
    // The server does not promise that rows come back in the order in which they were given.
    rowsPerInsert: 1,
    returning,
    locked,
  };
}

/** Kysely has no words for a table variable. */
function returning(
  insert: InsertQueryNode,
  columns: readonly Column[],
  selections: readonly SelectionNode[],
): RootOperationNode {
  const declared = columns.map((column) => text(['', ` ${variableType(column)}`], identifier(column.name)));
  const output = columns.map(({ name }) => text(['inserted.', ''], identifier(name)));
  const given = new Set(insert.columns?.map(({ column }) => column.name));
  const numbers = columns.some(({ name, numbered }) => numbered && given.has(name));
  const { into } = insert;
  const filled = insert.defaultValues === true ? text(['default values']) : insert.values;
  if (into === undefined || filled === undefined) throw new TypeError('an INSERT without values');
  const names = (insert.columns ?? []).map(({ column }) => ColumnNode.create(column.name));
  const target = names.length === 0 ? into : text(['', ' (', ')'], into, separated(names));
  const whole = text(
    ['declare @new table (', '); insert into ', ' output ', ' into @new ', '; select ', ' from @new'],
    separated(declared),
    target,
    separated(output),
    filled,
    separated(selections),
  );
  // A number that the table would give is taken only so; the setting ends with the statement.
  const set = text(['set identity_insert ', ' on; ', ''], into, whole);
  return RawNode.create(['', ''], [numbers ? set : whole]);
}

/** Of a column that takes what the table's column holds. */
function variableType({ declared, collation }: Column): string {
  if (knownType(declared).storage === 'version') return 'binary(8)';
  return collation === undefined || !/^\w+$/.test(collation) ? declared : `${declared} collate ${collation}`;
}

function locked(select: SelectQueryNode): SelectQueryNode {
  const [table] = select.from?.froms ?? [];
  if (select.from === undefined || table === undefined) throw new TypeError('a SELECT without a table');
  return { ...select, from: { ...select.from, froms: [text(['', ' with (updlock, rowlock)'], table)] } };
}
