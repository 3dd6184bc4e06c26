// Knows: SQLite's SQL as far as it differs between products.
// Must not know: connections, how single columns compare (comparison.ts).

import { LimitNode, OrderByItemNode, RawNode, SelectQueryNode, SqliteQueryCompiler } from 'kysely';
import type { Dialect, Writing } from '../sql/dialect.ts';
import { bound, compare, text, tuple } from '../sql/expression.ts';
import { returning, unlessThere } from '../sql/insert-clauses.ts';
import { decoderOf } from './cells.ts';
import { comparisonOf } from './comparison.ts';
import { typeOf } from './types.ts';
import { writerOf } from './writer.ts';

const WRITING: Writing = {
  writer: writerOf,
  // Nothing travels to the database: one by one is as quick, and says which row is refused.
  rowsPerInsert: 1,
  returning,
  unlessThere,
  // A transaction that writes is alone from its beginning.
  locked: (select) => select,
};

/** `encoding`: what PRAGMA encoding says; in UTF-16 texts do not sort by code points. */
export function sqliteDialect(encoding: string): Dialect {
  return {
    // SQLITE_MAX_VARIABLE_NUMBER, https://www.sqlite.org/limits.html
    maxParameters: 32_766,
    compiler: () => new SqliteQueryCompiler(),
    typeOf,
    comparison: (column) => comparisonOf(column, encoding === 'UTF-8'),
    decoder: ({ type, padded }) => decoderOf(type, padded),
    limited: (select, rows) => SelectQueryNode.cloneWithLimit(select, LimitNode.create(bound(rows))),
    // Nulls are the lowest values of all here: nothing needs to be said.
    ordered: (operand, descending) =>
      OrderByItemNode.create(operand, descending ? RawNode.createWithSql('desc') : undefined),
    // Row values are compared with rows of a VALUES only; Kysely has no words for one in this place.
    keyed(operands, keys) {
      const rows = keys.map((key) => tuple(key.map(bound)));
      const commas = rows.slice(1).map(() => ', ');
      return compare(tuple(operands), 'in', text(['(values ', ...commas, ')'], ...rows));
    },
    writing: WRITING,
  };
}
