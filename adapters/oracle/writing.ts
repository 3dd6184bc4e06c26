// Knows: what Oracle has for writes: one row for each INSERT, what comes back of it through binds, rows that are kept from others.
// Must not know: connections, which values a column keeps (writer.ts).

import {
  ColumnNode,
  DefaultInsertValueNode,
  InsertQueryNode,
  QueryNode,
  RawNode,
  SelectModifierNode,
  ValueListNode,
  ValuesNode,
} from 'kysely';
import type { Writing } from '../sql/dialect.ts';
import { bound, call, columnNamed, constant, type Expression } from '../sql/expression.ts';
import type { Column } from '../sql/table.ts';
import { plainBind } from './bind-type.ts';
import { selectedAs } from './comparison.ts';
import type { OracleParameter } from './parameter.ts';
import { knownType } from './types.ts';
import { writersOf } from './writer.ts';

/** A statement that fails undoes itself and no more: a duplicate does not end the transaction. */
export function writing(charset: string): Writing {
  return {
    writer: writersOf(charset),
    // Before version 23 an INSERT has the values of one row.
    rowsPerInsert: 1,
    returning(insert, columns) {
      const given = columns.map(returnedAs);
      const taken = columns.map((column) => bound(outBind(column)));
      return RawNode.create(
        ['', ' returning ', ...commas(given), ' into ', ...commas(taken), ''],
        [insert, ...given, ...taken],
      );
    },
    // Any column may be named, also one that is computed.
    empty: (insert, [first]) =>
      InsertQueryNode.cloneWith(insert, {
        columns: first === undefined ? [] : [ColumnNode.create(first.name)],
        values: ValuesNode.create([ValueListNode.create([DefaultInsertValueNode.create()])]),
      }),
    locked: (select) => QueryNode.cloneWithEndModifier(select, SelectModifierNode.create('ForUpdate')),
  };
}

function commas(items: readonly unknown[]): readonly string[] {
  return items.slice(1).map(() => ', ');
}

/** As it is selected, but a number as its digits: the driver makes a number of JavaScript of one that comes through a bind. */
export function returnedAs(column: Column): Expression {
  const stored = columnNamed(column.name);
  if (knownType(column.declared).storage === 'number') return call('to_char', stored, constant('TM9'));
  return selectedAs(column) ?? stored;
}

export function outBind(column: Column): OracleParameter {
  return { value: null, column, sqlType: plainBind(column), mode: 'out' };
}
