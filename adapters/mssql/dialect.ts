// Knows: T-SQL as far as it differs between products. Every statement is one that SQL Server 2008 takes: TOP and no OFFSET FETCH.
// Must not know: connections, how single columns compare (comparison.ts, texts.ts).

import { OrderByItemNode, RawNode, SelectModifierNode, SelectQueryNode } from 'kysely';
import type { Dialect } from '../sql/dialect.ts';
import type { Parameter } from '../sql/driver.ts';
import { both, bound, columnNamed, compare, type Expression, either, text } from '../sql/expression.ts';
import type { TypedParameter } from '../sql/typed-parameter.ts';
import { decoderOf, selectedOf } from './cells.ts';
import { charsetOf } from './collations.ts';
import { comparisonOf } from './comparison.ts';
import { compiler } from './parameter.ts';
import { candidate, isDelimited } from './texts.ts';
import { knownType } from './types.ts';
import { argumentOf } from './writer.ts';
import { writingWith } from './writing.ts';

/** `collation`: that of the database, whose code page parameters of char and varchar are sent in. */
export function mssqlDialect(collation: string | undefined): Dialect {
  const charset = collation === undefined ? undefined : charsetOf(collation);
  return {
    // The server takes 2100, the driver needs two of them, and a key of texts is bound twice.
    maxParameters: 1_000,
    compiler,
    typeOf(declared) {
      const { type, padded, note } = knownType(declared);
      return { type, padded, ...(note === undefined ? {} : { note }) };
    },
    comparison: (column) => comparisonOf(column, charset),
    decoder: decoderOf,
    argument: (column, value) => argumentOf(column, value, charset),
    selected: selectedOf,
    // Kysely's TOP takes no parameter.
    limited(select, rows) {
      const limit: TypedParameter = { ...rows, sqlType: 'int' };
      const top = SelectModifierNode.createWithExpression(text(['top (', ')'], bound(limit)));
      return SelectQueryNode.cloneWithFrontModifier(select, top);
    },
    // Nulls are the lowest values of all here: nothing needs to be said.
    ordered: (operand, descending) =>
      OrderByItemNode.create(operand, descending ? RawNode.createWithSql('desc') : undefined),
    writing: writingWith(charset),
    // There is no comparison of lists.
    keyed: (operands, keys) => either(keys.map((key) => sameKey(operands, key, charset))),
  };
}

function sameKey(
  operands: readonly Expression[],
  key: readonly Parameter[],
  charset: string | undefined,
): Expression {
  return both(
    operands.flatMap((operand, i): readonly Expression[] => {
      const parameter = key[i];
      if (parameter === undefined) return [];
      const exact = compare(operand, '=', bound(parameter));
      const { column } = parameter;
      const plain = isDelimited(parameter) ? candidate(parameter, charset) : undefined;
      // The column's own `=` beside it, whose index then serves.
      return plain === undefined || column === undefined
        ? [exact]
        : [compare(columnNamed(column.name), '=', bound(plain)), exact];
    }),
  );
}
