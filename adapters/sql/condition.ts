// Knows: how a conjunct becomes an SQL condition, and how much of it the condition covers.
// Must not know: any product, the rest of the statement.

import type { Conjunct, Coverage, Filter, Value } from '#spi';
import { behind } from './after.ts';
import type { Comparison, Condition, Dialect, PatternOp, RangeOp } from './dialect.ts';
import type { Parameter } from './driver.ts';
import {
  both,
  bound,
  columnNamed,
  compare,
  type Expression,
  either,
  isNull,
  isOneOf,
  NEVER,
  not,
} from './expression.ts';
import type { Column, Table } from './table.ts';

/** A column with how it is compared: worked out once for each opened table. */
export interface Compared {
  readonly column: Column;
  readonly comparison: Comparison;
}

export type ComparedColumns = ReadonlyMap<string, Compared>;

export function comparedColumns(table: Table, dialect: Dialect): ComparedColumns {
  return new Map(
    [...table.columns].map(([name, column]) => [name, { column, comparison: dialect.comparison(column) }]),
  );
}

const UNCOVERED: Condition = { coverage: 'none' };

/**
 * One conjunct, or its negation. Negations are moved down to the leaves (De Morgan holds in three-valued logic),
 * because the negation of a condition that lets too many rows through would let too few through.
 */
export function conditionOf(
  conjunct: Conjunct,
  columns: ComparedColumns,
  dialect: Dialect,
  negated = false,
): Condition {
  const each = (filter: Filter, opposite: boolean): readonly Condition[] =>
    filter.map((inner) => conditionOf(inner, columns, dialect, opposite));
  switch (conjunct.op) {
    case 'any':
      return negated
        ? allOf(conjunct.of.map((branch) => anyOf(each(branch, true))))
        : anyOf(conjunct.of.map((branch) => allOf(each(branch, false))));
    case 'not':
      return negated ? allOf(each(conjunct.of, false)) : anyOf(each(conjunct.of, true));
    case 'after':
      return negated ? UNCOVERED : behind(conjunct.order, conjunct.values, columns);
    case 'keys':
      return negated ? UNCOVERED : keyed(conjunct, columns, dialect);
    default: {
      const compared = columns.get(conjunct.field);
      return compared === undefined ? UNCOVERED : leaf(conjunct, compared, negated);
    }
  }
}

/** Every condition that is covered; the others only widen the answer. */
export function allOf(conditions: readonly Condition[]): Condition {
  const covered = conditions.flatMap(({ expression }) => (expression === undefined ? [] : [expression]));
  if (covered.length === 0 && conditions.length > 0) return UNCOVERED;
  const exact = conditions.every(({ coverage }) => coverage === 'exact');
  return { coverage: exact ? 'exact' : 'inexact', expression: both(covered) };
}

/** Leaving out a branch would drop rows: all are covered or nothing is. */
function anyOf(conditions: readonly Condition[]): Condition {
  const covered = conditions.flatMap(({ expression }) => (expression === undefined ? [] : [expression]));
  if (covered.length < conditions.length) return UNCOVERED;
  const exact = conditions.every(({ coverage }) => coverage === 'exact');
  return { coverage: exact ? 'exact' : 'inexact', expression: either(covered) };
}

type Leaf = Exclude<Conjunct, { op: 'any' | 'not' | 'after' | 'keys' }>;

function leaf(conjunct: Leaf, compared: Compared, negated: boolean): Condition {
  const { column, comparison } = compared;
  switch (conjunct.op) {
    case 'null':
      return {
        coverage: 'exact',
        expression: isNull(columnNamed(column.name), conjunct.is !== negated),
      };
    case 'eq':
      return negated ? differs(comparison, [conjunct.value]) : equals(comparison, [conjunct.value]);
    case 'ne':
      return negated ? equals(comparison, [conjunct.value]) : differs(comparison, [conjunct.value]);
    case 'in':
      return negated ? differs(comparison, conjunct.values) : equals(comparison, conjunct.values);
    case 'lt':
    case 'le':
    case 'gt':
    case 'ge':
      return range(comparison, negated ? OPPOSITE[conjunct.op] : conjunct.op, conjunct.value);
    case 'startsWith':
    case 'endsWith':
    case 'contains':
      return pattern(comparison, conjunct.op, conjunct.value, negated);
  }
}

const OPPOSITE = { lt: 'ge', le: 'gt', gt: 'le', ge: 'lt' } as const satisfies Record<RangeOp, RangeOp>;
const COMPARATOR = { lt: '<', le: '<=', gt: '>', ge: '>=' } as const satisfies Record<RangeOp, string>;

function equals(comparison: Comparison, values: readonly Value[]): Condition {
  if (comparison.equality === 'none') return UNCOVERED;
  const parameters = bindAll(comparison, values);
  const [first] = parameters;
  if (first === undefined) return { coverage: 'exact', expression: NEVER };
  const operand = identityOf(comparison);
  const same =
    parameters.length === 1
      ? compare(operand, '=', bound(first))
      : (comparison.oneOf?.(operand, parameters) ?? isOneOf(operand, parameters));
  const narrower = comparison.narrow?.('eq', parameters);
  return {
    coverage: comparison.equality,
    expression: narrower === undefined ? same : both([narrower, same]),
  };
}

function differs(comparison: Comparison, values: readonly Value[]): Condition {
  // Where `=` is true for more than equal values, `<>` is false for more: rows would be missing.
  if (comparison.equality !== 'exact') return UNCOVERED;
  if (values.includes(null)) return { coverage: 'exact', expression: NEVER };
  const parameters = bindAll(comparison, values);
  const [first] = parameters;
  const operand = identityOf(comparison);
  if (first === undefined) return { coverage: 'exact', expression: isNull(operand, false) };
  const different =
    parameters.length === 1 ? compare(operand, '<>', bound(first)) : not(isOneOf(operand, parameters));
  return { coverage: 'exact', expression: different };
}

function identityOf({ identity, operand }: Comparison): Expression {
  return identity ?? operand;
}

/** Values that no stored value equals are left out, and so are nulls, which equal nothing. */
function bindAll(comparison: Comparison, values: readonly Value[]): readonly Parameter[] {
  return values.flatMap((value) => {
    const parameter = value === null ? undefined : comparison.bind(value, 'equality');
    return parameter === undefined ? [] : [parameter];
  });
}

function range(comparison: Comparison, op: RangeOp, value: Value): Condition {
  if (value === null) return { coverage: 'exact', expression: NEVER };
  const ours = comparison.order === 'exact' && comparison.ranges?.(value) !== false;
  const parameter = ours ? comparison.bind(value, 'order') : undefined;
  if (parameter === undefined) return UNCOVERED;
  const compared = compare(comparison.operand, COMPARATOR[op], bound(parameter));
  const narrower = comparison.narrow?.(op, [parameter]);
  return widened(comparison, op, 'exact', narrower === undefined ? compared : both([narrower, compared]));
}

/**
 * Servers look for a part at every place of a text, character by character, and some do not listen while they do (PostgreSQL's
 * LIKE): of a longer part the database is asked for this many characters, and the gateway looks for the whole.
 */
const LONGEST_PART = 200;

function pattern(comparison: Comparison, op: PatternOp, value: string, negated: boolean): Condition {
  const part = partOf(op, value);
  const { coverage, expression } = comparison.match?.(op, part) ?? UNCOVERED;
  const covers = part === value ? coverage : 'inexact';
  if (expression === undefined || (negated && covers !== 'exact')) return UNCOVERED;
  return widened(comparison, op, covers, negated ? not(expression) : expression);
}

/** What every text with the value in this place also has there; no character is cut in two. */
function partOf(op: PatternOp, value: string): string {
  if (value.length <= LONGEST_PART) return value;
  return op === 'endsWith'
    ? value.slice(-LONGEST_PART).replace(/^[\udc00-\udfff]/, '')
    : value.slice(0, LONGEST_PART).replace(/[\ud800-\udbff]$/, '');
}

function widened(
  { widen }: Comparison,
  op: RangeOp | PatternOp,
  coverage: Coverage,
  expression: Expression,
): Condition {
  return widen === undefined
    ? { coverage, expression }
    : { coverage: 'inexact', expression: widen(op, expression) };
}

type Keys = Extract<Conjunct, { op: 'keys' }>;

function keyed({ fields, keys }: Keys, columns: ComparedColumns, dialect: Dialect): Condition {
  const compared = fields.map(({ field }) => columns.get(field)?.comparison);
  const known = compared.filter((comparison) => comparison !== undefined);
  const coverages = known.map(({ equality }) => equality);
  if (known.length < fields.length || coverages.includes('none')) return UNCOVERED;
  const [only] = known;
  if (only !== undefined && known.length === 1) {
    return equals(
      only,
      keys.map(([value = null]) => value),
    );
  }
  const rows = keys.flatMap((key) => {
    const parameters = known.flatMap((comparison, i) => bindAll(comparison, [key[i] ?? null]));
    return parameters.length === fields.length ? [parameters] : [];
  });
  return {
    coverage: coverages.every((coverage) => coverage === 'exact') ? 'exact' : 'inexact',
    expression: rows.length === 0 ? NEVER : dialect.keyed(known.map(identityOf), rows),
  };
}
