// Knows: Oracle's SQL as far as it differs between products, before and since version 12.
// Must not know: connections, how single columns compare (comparison.ts).

import {
  FetchNode,
  OrderByItemNode,
  QueryNode,
  RawNode,
  SelectAllNode,
  SelectionNode,
  SelectQueryNode,
  ValueNode,
} from 'kysely';
import type { Dialect } from '../sql/dialect.ts';
import type { Parameter } from '../sql/driver.ts';
import { both, bound, columnNamed, compare, type Expression, text, tuple } from '../sql/expression.ts';
import { argumentsOf } from './argument.ts';
import { decoderOf } from './cells.ts';
import { charsetOf } from './charset.ts';
import { comparisonOf, selectedAs } from './comparison.ts';
import { compiler, isOracleParameter, type OracleParameter } from './parameter.ts';
import { ownText } from './texts.ts';
import { knownType } from './types.ts';
import { writing } from './writing.ts';

export interface OracleVersion {
  /** What NLS_DATABASE_PARAMETERS calls the character set of the database. */
  readonly charset: string;
  /** 11: before FETCH FIRST. */
  readonly version: 11 | 12;
}

export function oracleDialect({ charset, version }: OracleVersion): Dialect {
  const known = charsetOf(charset);
  return {
    // The protocol counts them in 16 bits.
    maxParameters: 65_535,
    compiler,
    typeOf(declared) {
      const { type, padded, note } = knownType(declared);
      return { type, padded, ...(note === undefined ? {} : { note }) };
    },
    comparison: (column) => comparisonOf(column, known),
    decoder: decoderOf,
    selected: selectedAs,
    limited(select, rows) {
      const limit: OracleParameter = { ...rows, sqlType: 'number' };
      if (version === 11) return firstOf(select, limit);
      const fetch = { ...FetchNode.create(1, 'only'), rowCount: ValueNode.create(limit) };
      return SelectQueryNode.cloneWithFetch(select, fetch);
    },
    // Nulls are above all values there: it has to be said where there are some.
    ordered(operand, descending, nullable) {
      const item = OrderByItemNode.create(operand, descending ? RawNode.createWithSql('desc') : undefined);
      return nullable ? OrderByItemNode.cloneWith(item, { nulls: descending ? 'last' : 'first' }) : item;
    },
    keyed(operands, keys) {
      const exact = oneOf(operands, keys);
      const own = keys.map((key) => key.filter(isOracleParameter).map(ownText));
      const whole = own.map((key) => key.filter((parameter) => parameter !== undefined));
      const columns = (keys[0] ?? []).flatMap(({ column }) =>
        column === undefined ? [] : [columnNamed(column.name)],
      );
      const narrowed =
        columns.length === operands.length &&
        whole.every((key) => key.length === operands.length) &&
        whole.some((key, i) => key.some((parameter, at) => parameter !== keys[i]?.[at]));
      return narrowed ? both([oneOf(columns, whole), exact]) : exact;
    },
    argument: argumentsOf(charset),
    writing: writing(charset),
  };
}

/** Kysely has no words for a list of rows in this place. */
function oneOf(operands: readonly Expression[], keys: readonly (readonly Parameter[])[]): Expression {
  const rows = keys.map((key) => tuple(key.map(bound)));
  const commas = rows.slice(1).map(() => ', ');
  return compare(tuple(operands), 'in', text(['(', ...commas, ')'], ...rows));
}

/** ROWNUM counts before ORDER BY: what it limits has to be ordered inside. */
function firstOf(select: SelectQueryNode, limit: OracleParameter): SelectQueryNode {
  const all = SelectQueryNode.cloneWithSelections(SelectQueryNode.createFrom([select]), [
    SelectionNode.create(SelectAllNode.create()),
  ]);
  return QueryNode.cloneWithWhere(all, compare(RawNode.createWithSql('rownum'), '<=', bound(limit)));
}
