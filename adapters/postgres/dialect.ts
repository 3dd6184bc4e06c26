// Knows: PostgreSQL's SQL as far as it differs between products.
// Must not know: connections, how single columns compare (comparison.ts).

import { LimitNode, OrderByItemNode, QueryNode, RawNode, SelectModifierNode, SelectQueryNode } from 'kysely';
import type { Dialect, Writing } from '../sql/dialect.ts';
import { bound, tuple } from '../sql/expression.ts';
import { returning, unlessThere } from '../sql/insert-clauses.ts';
import type { TypedParameter } from '../sql/typed-parameter.ts';
import { argumentOf } from './argument.ts';
import { decoderOf } from './cells.ts';
import { comparisonOf, isOneOfRows, selectedAs } from './comparison.ts';
import { compiler } from './parameter.ts';
import { knownType } from './types.ts';
import { writerOf } from './writer.ts';

const WRITING: Writing = {
  writer: writerOf,
  rowsPerInsert: 1_000,
  // The rows of VALUES are inserted, and come back, one after the other.
  returning,
  // A failed statement would end the transaction.
  unlessThere,
  locked: (select) => QueryNode.cloneWithEndModifier(select, SelectModifierNode.create('ForUpdate')),
};

/** `encoding`: the server's name for the encoding of the database. */
export function postgresDialect(encoding: string): Dialect {
  return {
    // The protocol counts them in 16 bits.
    maxParameters: 65_535,
    compiler,
    typeOf(declared, values) {
      const { type, padded, note } = knownType(declared, values);
      return { type, padded, ...(note === undefined ? {} : { note }) };
    },
    comparison: (column) => comparisonOf(column, encoding === 'UTF8'),
    decoder: ({ type, padded }) => decoderOf(type, padded),
    argument: argumentOf,
    selected: selectedAs,
    limited: (select, rows) => {
      const limit: TypedParameter = { ...rows, sqlType: 'bigint' };
      return SelectQueryNode.cloneWithLimit(select, LimitNode.create(bound(limit)));
    },
    // An index is read in its order only if the nulls are where it has them: nothing is said where there are none.
    ordered(operand, descending, nullable) {
      const item = OrderByItemNode.create(operand, descending ? RawNode.createWithSql('desc') : undefined);
      return nullable ? OrderByItemNode.cloneWith(item, { nulls: descending ? 'last' : 'first' }) : item;
    },
    // Joined with a list of values, thousands of keys are found through the index; as alternatives they are planned one by one.
    keyed: (operands, keys) =>
      isOneOfRows(
        tuple(operands),
        keys.map((key) => tuple(key.map(bound))),
      ),
    writing: WRITING,
  };
}
