// Knows: how the parts of a write are put together into one statement.
// Must not know: any product, changes, how statements are run.

import {
  ColumnNode,
  ColumnUpdateNode,
  DeleteQueryNode,
  InsertQueryNode,
  QueryNode,
  UpdateQueryNode,
  ValueListNode,
  ValuesNode,
} from 'kysely';
import { rowsSelect, selected, statement, tableNode } from './compile.ts';
import type { Dialect, Writing } from './dialect.ts';
import type { Parameter, Statement } from './driver.ts';
import { bound, type Expression } from './expression.ts';
import type { Column, Table } from './table.ts';

/** A column and what is written into it. */
export interface Written {
  readonly column: Column;
  readonly parameter: Parameter;
}

export interface Inserted {
  readonly columns: readonly Column[];
  /** Each has a value for each column. */
  readonly rows: readonly (readonly Parameter[])[];
  /** Given back for each row, where the product can. */
  readonly returned: readonly Column[];
  /** Nothing happens where a row with the table's unique key is there already, where the product can say so. */
  readonly unlessThere?: boolean;
}

export function insertStatement(
  table: Table,
  { columns, rows, returned, unlessThere = false }: Inserted,
  dialect: Dialect,
  writing: Writing,
): Statement {
  const into = InsertQueryNode.create(tableNode(table));
  const filled =
    columns.length === 0
      ? (writing.empty?.(into, [...table.columns.values()]) ??
        InsertQueryNode.cloneWith(into, { defaultValues: true }))
      : InsertQueryNode.cloneWith(into, {
          columns: columns.map(({ name }) => ColumnNode.create(name)),
          values: ValuesNode.create(rows.map((row) => ValueListNode.create(row.map(bound)))),
        });
  const insert = unlessThere ? (writing.unlessThere?.(filled, table.enforced) ?? filled) : filled;
  const selections = returned.map((column) => selected(column, dialect));
  const whole =
    returned.length === 0 ? insert : (writing.returning?.(insert, returned, selections) ?? insert);
  return statement(whole, dialect);
}

export function updateStatement(
  table: Table,
  written: readonly Written[],
  where: readonly Expression[],
  dialect: Dialect,
): Statement {
  const updates = written.map(({ column, parameter }) =>
    ColumnUpdateNode.create(ColumnNode.create(column.name), bound(parameter)),
  );
  const update = UpdateQueryNode.cloneWithUpdates(UpdateQueryNode.create([tableNode(table)]), updates);
  return statement(where.reduce<UpdateQueryNode>(narrowed, update), dialect);
}

export function deleteStatement(table: Table, where: readonly Expression[], dialect: Dialect): Statement {
  return statement(
    where.reduce<DeleteQueryNode>(narrowed, DeleteQueryNode.create([tableNode(table)])),
    dialect,
  );
}

/** Rows that nobody else changes until the transaction ends. */
export function lockingStatement(
  table: Table,
  columns: readonly Column[],
  where: readonly Expression[],
  dialect: Dialect,
  writing: Writing,
): Statement {
  return statement(writing.locked(rowsSelect(table, { columns, where, order: [] }, dialect)), dialect);
}

function narrowed<T extends UpdateQueryNode | DeleteQueryNode>(query: T, condition: Expression): T {
  return QueryNode.cloneWithWhere(query, condition);
}
