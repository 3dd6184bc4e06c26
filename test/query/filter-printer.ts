// The filter language the other way: a tree as the text that gives the tree again.

import type { Scalar } from '../../src/model/type.ts';
import { scalarText, type Value } from '../../src/model/value.ts';
import type { Conjunct, Filter } from '../../src/query/filter.ts';

const OPERATOR = { eq: 'eq', ne: 'ne', lt: 'lt', le: 'lte', gt: 'gt', ge: 'gte' } as const;

export function printFilter(filter: Filter): string {
  return filter.map(printConjunct).join(' and ');
}

function printConjunct(conjunct: Conjunct): string {
  switch (conjunct.op) {
    case 'any':
      return `(${conjunct.of.map(printFilter).join(' or ')})`;
    case 'not':
      return `not (${printFilter(conjunct.of)})`;
    case 'null':
      return `${conjunct.field} isNull ${conjunct.is}`;
    case 'in':
      return `${conjunct.field} in (${conjunct.values.map((value) => printLiteral(conjunct.type, value)).join(', ')})`;
    case 'contains':
    case 'startsWith':
    case 'endsWith':
      return `${conjunct.op}(${conjunct.field},${quoted(conjunct.value)})`;
    case 'keys':
    case 'after':
      throw new TypeError(`${conjunct.op} has no text`);
    default:
      return `${conjunct.field} ${OPERATOR[conjunct.op]} ${printLiteral(conjunct.type, conjunct.value)}`;
  }
}

function printLiteral(type: Scalar, value: Value): string {
  const text = scalarText(type, value);
  // Bytes of length 0 are the empty text, which only quotes can show.
  return ['string', 'enum', 'bytes'].includes(type.kind) ? quoted(text) : text;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
