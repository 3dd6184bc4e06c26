// Knows: MySQL's and MariaDB's SQL as far as it differs between products.
// Must not know: connections, how single columns compare (comparison.ts).

import {
  InsertQueryNode,
  LimitNode,
  OrderByItemNode,
  QueryNode,
  RawNode,
  SelectModifierNode,
  SelectQueryNode,
  ValueListNode,
  ValuesNode,
} from 'kysely';
import type { Dialect, Writing } from '../sql/dialect.ts';
import type { Parameter } from '../sql/driver.ts';
import { both, bound, columnNamed, compare, type Expression, text, tuple } from '../sql/expression.ts';
import { returning } from '../sql/insert-clauses.ts';
import { sqlTypeOf, type TypedParameter } from '../sql/typed-parameter.ts';
import { argumentOf } from './argument.ts';
import { decoderOf } from './cells.ts';
import { comparisonOf, ownText } from './comparison.ts';
import { compiler } from './parameter.ts';
import { knownType } from './types.ts';
import { writerOf } from './writer.ts';

/** MySQL gives nothing back of a new row but its number; a duplicate undoes its own statement and no more. */
const WRITING: Writing = {
  writer: writerOf,
  rowsPerInsert: 1_000,
  empty: (insert) =>
    InsertQueryNode.cloneWith(insert, { columns: [], values: ValuesNode.create([ValueListNode.create([])]) }),
  locked: (select) => QueryNode.cloneWithEndModifier(select, SelectModifierNode.create('ForUpdate')),
};

export const mysqlDialect: Dialect = {
  // The protocol counts them in 16 bits, and a key of texts is bound twice.
  maxParameters: 32_767,
  compiler,
  typeOf(declared) {
    const { type, padded, note } = knownType(declared);
    return { type, padded, ...(note === undefined ? {} : { note }) };
  },
  comparison: comparisonOf,
  decoder: decoderOf,
  argument: argumentOf,
  limited(select, rows) {
    const limit: TypedParameter = { ...rows, sqlType: 'signed' };
    return SelectQueryNode.cloneWithLimit(select, LimitNode.create(bound(limit)));
  },
  // Nulls are the lowest values of all here: nothing needs to be said.
  ordered: (operand, descending) =>
    OrderByItemNode.create(operand, descending ? RawNode.createWithSql('desc') : undefined),
  keyed(operands, keys) {
    const exact = oneOf(operands, keys);
    const candidates = keys.map((key) => key.map(candidate));
    const columns = (keys[0] ?? []).flatMap(({ column }) =>
      column === undefined ? [] : [columnNamed(column.name)],
    );
    const whole = candidates.map((key) => key.filter((parameter) => parameter !== undefined));
    const texts = keys[0]?.some(isText) === true;
    const narrowed =
      texts && columns.length === operands.length && whole.every((key) => key.length === operands.length);
    return narrowed ? both([oneOf(columns, whole), exact]) : exact;
  },
  writing: WRITING,
};

/** MariaDB has INSERT ... RETURNING since 10.5: https://mariadb.com/kb/en/insertreturning/. */
const mariadbDialect: Dialect = {
  ...mysqlDialect,
  writing: {
    ...WRITING,
    returning,
  },
};

/** `version`: as the server writes it, `10.11.6-MariaDB-log`. */
export function dialectOf(version: string): Dialect {
  const [, major, minor] = /^(\d+)\.(\d+)\..*MariaDB/i.exec(version) ?? [];
  return Number(major) * 100 + Number(minor) >= 1_005 ? mariadbDialect : mysqlDialect;
}

function isText(parameter: Parameter): boolean {
  return sqlTypeOf(parameter) === 'binary';
}

/** As the column's own collation compares it, whose index then serves. */
function candidate(parameter: Parameter): Parameter | undefined {
  return isText(parameter) ? ownText(parameter) : parameter;
}

/** Kysely has no words for a list of rows in this place. */
function oneOf(operands: readonly Expression[], keys: readonly (readonly Parameter[])[]): Expression {
  const rows = keys.map((key) => tuple(key.map(bound)));
  const commas = rows.slice(1).map(() => ', ');
  return compare(tuple(operands), 'in', text(['(', ...commas, ')'], ...rows));
}
