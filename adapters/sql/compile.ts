// Knows: how the parts of a read are put together into one statement.
// Must not know: any product, conjuncts, how statements are run.

import {
  AggregateFunctionNode,
  AliasNode,
  ColumnNode,
  createQueryId,
  GroupByItemNode,
  IdentifierNode,
  type QueryCompiler,
  QueryNode,
  RawNode,
  type RootOperationNode,
  SelectAllNode,
  SelectionNode,
  SelectQueryNode,
  TableNode,
} from 'kysely';
import type { Dialect } from './dialect.ts';
import type { Parameter, Statement } from './driver.ts';
import { columnNamed, compare, constant, type Expression, either, isNull } from './expression.ts';
import type { Column, Table } from './table.ts';

/** One key of ORDER BY. */
export interface Sorted {
  readonly operand: Expression;
  readonly descending: boolean;
  readonly nullable: boolean;
}

export interface Selected {
  readonly columns: readonly Column[];
  /** All of them must be true. */
  readonly where: readonly Expression[];
  readonly order: readonly Sorted[];
  readonly limit?: number;
}

const COUNT = AggregateFunctionNode.create('count', [SelectAllNode.create()]);

/** Rows of a table: each has the values of `columns` in their order (a single 1 when there are none). */
export function rowsStatement(table: Table, asked: Selected, dialect: Dialect): Statement {
  return statement(rowsSelect(table, asked, dialect), dialect);
}

export function rowsSelect(
  table: Table,
  { columns, where, order, limit }: Selected,
  dialect: Dialect,
): SelectQueryNode {
  let select = from(table, where);
  const selections =
    columns.length === 0 ? [named(constant(1), 'one')] : columns.map((column) => selected(column, dialect));
  select = SelectQueryNode.cloneWithSelections(select, selections);
  if (order.length > 0) {
    select = QueryNode.cloneWithOrderByItems(
      select,
      order.map(({ operand, descending, nullable }) => dialect.ordered(operand, descending, nullable)),
    );
  }
  return limit === undefined ? select : dialect.limited(select, { value: limit });
}

/** One row with the number of rows. */
export function countStatement(table: Table, where: readonly Expression[], dialect: Dialect): Statement {
  const counted = SelectQueryNode.cloneWithSelections(from(table, where), [named(COUNT, 'rows')]);
  return statement(counted, dialect);
}

/**
 * A row for one key that more than one row has; none when the key is unique. Where the database keeps it unique, only
 * keys with a null in them are looked at: most databases let those repeat.
 */
export function repeatedKeyStatement(table: Table, dialect: Dialect): Statement {
  const nullable = table.key.filter((column) => column.nullable);
  const doubtful =
    table.enforced.length > 0 ? [either(nullable.map(({ name }) => isNull(columnNamed(name), true)))] : [];
  const grouped = SelectQueryNode.cloneWithGroupByItems(
    SelectQueryNode.cloneWithSelections(
      from(table, doubtful),
      table.key.map((column) => selected(column, dialect)),
    ),
    table.key.map(({ name }) => GroupByItemNode.create(columnNamed(name))),
  );
  const repeated = SelectQueryNode.cloneWithHaving(grouped, compare(COUNT, '>', constant(1)));
  return statement(dialect.limited(repeated, { value: 1 }), dialect);
}

function from(table: Table, where: readonly Expression[]): SelectQueryNode {
  return where.reduce<SelectQueryNode>(
    (select, condition) => QueryNode.cloneWithWhere(select, condition),
    SelectQueryNode.createFrom([tableNode(table)]),
  );
}

export function tableNode({ schema, name }: Table): TableNode {
  return schema === undefined ? TableNode.create(name) : TableNode.createWithSchema(schema, name);
}

/** A value that is no column needs a name. */
function named(expression: Expression, name: string): SelectionNode {
  return SelectionNode.create(AliasNode.create(expression, IdentifierNode.create(name)));
}

/** An expression never has the name of a column: ORDER BY would take it for the column (PostgreSQL). */
export function selected(column: Column, dialect: Dialect): SelectionNode {
  const known = selections.get(column);
  if (known !== undefined) return known;
  const expression = dialect.selected?.(column);
  const selection =
    expression === undefined
      ? SelectionNode.create(ColumnNode.create(column.name))
      : named(expression, `${column.name} `);
  selections.set(column, selection);
  return selection;
}

/** A column is of one table, and that of one dialect. */
const selections = new WeakMap<Column, SelectionNode>();

export function statement(query: RootOperationNode, dialect: Dialect): Statement {
  return compiled(query, dialect.compiler());
}

/** For what Kysely has no words for. */
export function rawStatement(expression: Expression, compiler: QueryCompiler): Statement {
  return compiled(RawNode.createWithChild(expression), compiler);
}

function compiled(node: RootOperationNode, compiler: QueryCompiler): Statement {
  const { sql, parameters } = compiler.compileQuery(node, createQueryId());
  return { sql, parameters: parameters.filter(isParameter) };
}

function isParameter(value: unknown): value is Parameter {
  return typeof value === 'object' && value !== null && 'value' in value;
}
