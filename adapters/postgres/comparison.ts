// Knows: how PostgreSQL compares the values of a column, and where that is not how we compare them.
// Must not know: statements, connections. What our types do not hold (NaN in a numeric, infinite days) is compared as
// PostgreSQL compares it: above or below everything.

import { digitsOf, type Value } from '#spi';
import type { Comparison, Condition, PatternOp } from '../sql/dialect.ts';
import type { Parameter } from '../sql/driver.ts';
import {
  bound,
  cast,
  collated,
  columnNamed,
  compare,
  type Expression,
  isOneOf,
  text,
} from '../sql/expression.ts';
import type { Column } from '../sql/table.ts';
import { sqlTypeOf, type TypedParameter } from '../sql/typed-parameter.ts';
import { typeName } from './parameter.ts';
import { type KnownType, knownType } from './types.ts';

const C = 'C';
/** What the catalog calls a collation under which different texts can be equal. */
export const NONDETERMINISTIC = 'nondeterministic';

const NUMBERS = new Set(['int32', 'int64', 'decimal']);

/** `utf8`: the encoding of the database; in others texts do not sort by code points and do not hold all of them. */
export function comparisonOf(column: Column, utf8: boolean): Comparison {
  const own = knownType(column.declared, column.type.kind === 'enum' ? column.type.values : undefined);
  const meantSo =
    own.type.kind === column.type.kind || (NUMBERS.has(own.type.kind) && NUMBERS.has(column.type.kind));
  if (!meantSo || own.padded !== column.padded) return uncompared(column);
  const stored = columnNamed(column.name);
  const exactly = (operand: Expression, bind: Comparison['bind']): Comparison => ({
    operand,
    equality: 'exact',
    order: 'exact',
    bind,
  });
  switch (own.storage) {
    case 'integer':
      return { ...exactly(stored, (value) => integerOrNumeric(column, value)), oneOf: isAny };
    case 'numeric':
      return { ...exactly(stored, (value) => numberAs(column, value, 'numeric')), oneOf: isAny };
    case 'money':
      return exactly(cast(stored, 'numeric'), (value) => numberAs(column, value, 'numeric'));
    case 'double':
      return exactly(stored, (value) => numberAs(column, value, 'double precision'));
    case 'real':
      return reals(column);
    case 'boolean':
      return exactly(stored, (value) =>
        typed(column, typeof value === 'boolean' ? value : undefined, 'boolean'),
      );
    case 'bytea':
      return exactly(stored, (value) =>
        typed(column, value instanceof Uint8Array ? value : undefined, 'bytea'),
      );
    case 'date':
      return exactly(stored, (value) => typed(column, moment(value), 'date'));
    case 'time':
      return exactly(stored, (value) => typed(column, microseconds(value), 'time'));
    case 'timestamp':
      return exactly(stored, (value) => typed(column, moment(value), 'timestamp'));
    case 'timestamptz':
      return exactly(stored, (value) => typed(column, moment(value), 'timestamptz'));
    case 'uuid':
      return utf8 ? uuids(column) : uncompared(column);
    case 'text':
    case 'bpchar':
    case 'citext':
      return utf8 ? texts(column, own) : uncompared(column);
    case 'enum':
      return utf8 ? enums(column) : uncompared(column);
    case 'other':
      return utf8 ? otherTexts(column) : uncompared(column);
    case 'json':
    case 'array':
      return uncompared(column);
  }
}

/**
 * Numbers of one type as one array: the statement is then the same for any number of keys, and is kept prepared. The
 * texts of numbers need no quotes in it.
 */
function isAny(operand: Expression, values: readonly Parameter[]): Expression | undefined {
  const [first] = values;
  const type = sqlTypeOf(first);
  if (first === undefined || type === undefined || values.some((value) => sqlTypeOf(value) !== type))
    return undefined;
  const list = `{${values.map(({ value }) => String(value)).join()}}`;
  const array: TypedParameter = { ...first, value: list, sqlType: `${type}[]` };
  return compare(operand, '=', text(['any(', ')'], bound(array)));
}

function uncompared(column: Column): Comparison {
  return { operand: columnNamed(column.name), equality: 'none', order: 'none', bind: () => undefined };
}

function typed(
  column: Column,
  value: TypedParameter['value'] | undefined,
  sqlType: string,
): TypedParameter | undefined {
  return value === undefined || value === null ? undefined : { value, column, sqlType };
}

/** By the smallest integer type that holds the value: the operators between them are of one index. */
function integerOrNumeric(column: Column, value: Value): TypedParameter | undefined {
  if (typeof value === 'string') return typed(column, value, 'numeric');
  if (typeof value !== 'bigint' && typeof value !== 'number') return undefined;
  const integer = BigInt(value);
  if (BigInt.asIntN(64, integer) !== integer) return typed(column, integer, 'numeric');
  const small = BigInt.asIntN(32, integer) === integer;
  const own =
    column.declared === 'smallint' && BigInt.asIntN(16, integer) === integer ? 'smallint' : 'integer';
  return typed(column, integer, small && column.declared !== 'bigint' ? own : 'bigint');
}

/** A numeric has no more than 16383 digits behind its point and 131072 before it. */
function numberAs(column: Column, value: Value, sqlType: string): TypedParameter | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return typed(column, value, sqlType);
  if (typeof value !== 'string') return undefined;
  const [whole, fraction] = digitsOf(value);
  return whole <= 100_000 && fraction <= 16_000 ? typed(column, value, sqlType) : undefined;
}

/**
 * A real is shown as the shortest decimal that gives it back, and that decimal is another number in 64 bits: compared as
 * what is shown. The index finds the only real that the value can stand for.
 */
function reals(column: Column): Comparison {
  const stored = columnNamed(column.name);
  return {
    operand: cast(cast(stored, 'text'), 'double precision'),
    equality: 'exact',
    order: 'exact',
    bind(value, use) {
      if (typeof value !== 'number') return undefined;
      const nearest = Math.fround(value);
      const holds = Number.isFinite(nearest) === Number.isFinite(value) && (nearest === 0) === (value === 0);
      return holds || use === 'order' ? typed(column, value, 'double precision') : undefined;
    },
    narrow: (op, values) =>
      op === 'eq'
        ? isOneOf(
            stored,
            values.map(({ value }): TypedParameter => ({ value, column, sqlType: 'double precision::real' })),
          )
        : undefined,
  };
}

/** Days and moments that PostgreSQL reads as they stand: years of four digits from the year 1 on, microseconds. */
function moment(value: Value): string | undefined {
  return typeof value === 'string' && /^(?!0000)\d{4}-/.test(value) ? microseconds(value) : undefined;
}

/** A finer value would be rounded, and then equal another. */
function microseconds(value: Value): string | undefined {
  return typeof value === 'string' && !/\.\d{7}/.test(value) ? value : undefined;
}

/** A text that PostgreSQL can hold. */
function sound(value: Value): string | undefined {
  return typeof value === 'string' && value.isWellFormed() && !value.includes('\0') ? value : undefined;
}

/**
 * Equal by the column's own collation, which calls only equal texts equal (unless it is nondeterministic) and has the
 * index; ordered by code points, which is what COLLATE "C" does in UTF-8.
 */
function texts(column: Column, { storage }: KnownType): Comparison {
  const stored = columnNamed(column.name);
  const sqlType = storage === 'bpchar' ? 'bpchar' : 'text';
  const folds = storage === 'citext' || column.collation?.endsWith(NONDETERMINISTIC) === true;
  const binary = storage !== 'citext' && column.collation === undefined;
  const operand = binary ? stored : collated(storage === 'citext' ? cast(stored, 'text') : stored, C);
  // The cast of a padded value leaves its padding out.
  const plain = storage === 'bpchar' ? cast(stored, 'text') : folds ? operand : stored;
  return {
    operand,
    ...(folds ? {} : { identity: stored }),
    equality: 'exact',
    order: 'exact',
    bind(value) {
      const known = sound(value);
      // Blanks at the end are never part of a padded value, and PostgreSQL does not look at them.
      return column.padded && known?.endsWith(' ') === true ? undefined : typed(column, known, sqlType);
    },
    match: (op, value) => matching(plain, op, value, column),
    ...(folds
      ? {
          // The column's own equality is true for more than equal texts, and its index serves it.
          narrow: (op, values) =>
            op === 'eq'
              ? isOneOf(
                  stored,
                  storage === 'citext' ? values.map(({ value }) => ({ value, column })) : values,
                )
              : undefined,
        }
      : {}),
  };
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A UUID is shown in one form, and its order is that of its text. */
function uuids(column: Column): Comparison {
  const stored = columnNamed(column.name);
  return {
    operand: stored,
    equality: 'exact',
    order: 'exact',
    bind: (value) => typed(column, typeof value === 'string' && UUID.test(value) ? value : undefined, 'uuid'),
    match: (op, value) => matching(collated(cast(stored, 'text'), C), op, value, column),
  };
}

/** PostgreSQL orders the values of an enumerated type as they were declared, we by their names. */
function enums(column: Column): Comparison {
  const name = typeName(column.declared);
  if (name === undefined || column.type.kind !== 'enum') return uncompared(column);
  const stored = columnNamed(column.name);
  const values = new Set(column.type.values);
  return {
    operand: collated(cast(stored, 'text'), C),
    identity: stored,
    equality: 'exact',
    order: 'exact',
    bind(value, use) {
      const known = sound(value);
      if (use === 'order') return typed(column, known, 'text');
      return typed(column, known !== undefined && values.has(known) ? known : undefined, name);
    },
    match: (op, value) => matching(collated(cast(stored, 'text'), C), op, value, column),
  };
}

/** Compared as the text that is shown; no index serves that. */
function otherTexts(column: Column): Comparison {
  const stored = columnNamed(column.name);
  // The cast of an address adds its mask, which is not shown; format() writes what is shown, and of null an empty text.
  const shown =
    column.declared === 'inet'
      ? text(['(case when ', " is not null then format('%s', ", ') end)'], stored, stored)
      : cast(stored, 'text');
  const operand = collated(shown, C);
  return {
    operand,
    equality: 'exact',
    order: 'exact',
    bind: (value) => typed(column, sound(value), 'text'),
    match: (op, value) => matching(operand, op, value, column),
  };
}

/** LIKE compares characters and folds nothing; its wildcards are escaped. Kysely writes no LIKE over nodes of ours. */
function matching(operand: Expression, op: PatternOp, value: string, column: Column): Condition {
  const known = sound(value);
  if (known === undefined) return { coverage: 'none' };
  const escaped = known.replace(/[\\%_]/g, '\\$&');
  const pattern = `${op === 'startsWith' ? '' : '%'}${escaped}${op === 'endsWith' ? '' : '%'}`;
  const parameter: TypedParameter = { value: pattern, column, sqlType: 'text' };
  return { coverage: 'exact', expression: text(['', ' like ', ''], operand, bound(parameter)) };
}

/** What is selected where the output text of the column is not what we decode. */
export function selectedAs(column: Column): Expression | undefined {
  const stored = columnNamed(column.name);
  switch (knownType(column.declared).storage) {
    case 'money':
      return cast(stored, 'numeric');
    case 'array':
      return text(['to_json(', ')'], stored);
    default:
      return undefined;
  }
}

/** For keys of several columns. */
export function isOneOfRows(operands: Expression, rows: readonly Expression[]): Expression {
  const commas = rows.slice(1).map(() => ', ');
  return compare(operands, 'in', text(['(values ', ...commas, ')'], ...rows));
}
