// Knows: how MySQL and MariaDB compare the values of a column, and where that is not how we compare them.
// Must not know: statements, connections.

import { digitsOf, type Value } from '#spi';
import type { Comparison, Condition, PatternOp } from '../sql/dialect.ts';
import { both, bound, cast, columnNamed, type Expression, isOneOf, text } from '../sql/expression.ts';
import { stand } from '../sql/floats.ts';
import type { Column } from '../sql/table.ts';
import type { TypedParameter } from '../sql/typed-parameter.ts';
import { type KnownType, knownType } from './types.ts';

/** As many bytes as a session sorts by (max_sort_length): longer values would be left in any order behind them. */
export const SORTED_BYTES = 8_192;

const NUMBERS = new Set(['int32', 'int64', 'decimal']);

export function comparisonOf(column: Column): Comparison {
  const own = knownType(column.declared);
  const meantSo =
    own.type.kind === column.type.kind ||
    (NUMBERS.has(own.type.kind) && NUMBERS.has(column.type.kind)) ||
    (own.storage === 'flag' && column.type.kind === 'int32');
  if (!meantSo || own.padded !== column.padded) return uncompared(column);
  const exactly = (bind: Comparison['bind']): Comparison => ({
    operand: columnNamed(column.name),
    equality: 'exact',
    order: 'exact',
    bind,
  });
  switch (own.storage) {
    case 'integer':
    case 'unsigned':
    case 'decimal':
    case 'flag':
      return exactly((value, use) => numeric(column, own, value, use));
    case 'year':
      return exactly((value, use) => year(column, own, value, use));
    case 'double':
      return exactly((value) => (isNumber(value) ? { value, column } : undefined));
    case 'float':
      return exactly((value, use) => {
        if (!isNumber(value) || !Number.isFinite(Math.fround(value))) return undefined;
        const against = stand(value);
        return use === 'equality' && against !== Math.fround(value) ? undefined : { value: against, column };
      });
    case 'bits':
      return own.type.kind === 'boolean'
        ? exactly((value, use) => numeric(column, own, value, use))
        : uncompared(column);
    case 'bytes':
      return {
        ...exactly((value) => (value instanceof Uint8Array ? { value, column } : undefined)),
        order: sortable(own, 1),
      };
    case 'date':
      return exactly((value) => moment(column, value, 'date'));
    case 'time':
      return exactly((value) => moment(column, value, 'time(6)'));
    case 'datetime':
    case 'timestamp':
      return exactly((value) => moment(column, value, 'datetime(6)'));
    case 'text':
    case 'enum':
    case 'set':
      return texts(column, own);
    case 'json':
    case 'other':
      return uncompared(column);
  }
}

function uncompared(column: Column): Comparison {
  return { operand: columnNamed(column.name), equality: 'none', order: 'none', bind: () => undefined };
}

function isNumber(value: Value): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Integers go as integers; what has a fraction, or more digits than those, as a decimal. */
function numeric(
  column: Column,
  own: KnownType,
  value: Value,
  use: 'equality' | 'order',
): TypedParameter | undefined {
  if (typeof value === 'boolean') return { value: BigInt(value), column, sqlType: 'signed' };
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  const plain = String(value)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
  if (!/^-?\d+(?:\.\d+)?$/.test(plain)) return undefined;
  const [whole, fraction] = digitsOf(plain);
  const scale = own.type.kind === 'decimal' ? (own.type.scale ?? 0) : 0;
  // A finer value equals nothing here, and the server would round it.
  if (use === 'equality' && fraction > scale) return undefined;
  if (own.storage !== 'decimal' && fraction === 0) {
    const integer = BigInt(plain);
    if (BigInt.asIntN(64, integer) === integer) return { value: integer, column, sqlType: 'signed' };
    if (BigInt.asUintN(64, integer) === integer) return { value: integer, column, sqlType: 'unsigned' };
  }
  const kept = fraction <= scale ? scale : 30;
  return whole + kept <= 65 && fraction <= kept
    ? { value: plain, column, sqlType: `decimal(65,${kept})` }
    : undefined;
}

/** Years are 0 and 1901 to 2155, and the server takes 1 to 99 for years of two digits: nothing is equal to those. */
function year(
  column: Column,
  own: KnownType,
  value: Value,
  use: 'equality' | 'order',
): TypedParameter | undefined {
  const number = Number(value);
  if (number <= 0 || number >= 100) return numeric(column, own, value, use);
  return use === 'equality' ? undefined : numeric(column, own, 100, use);
}

/** A finer value than microseconds would be rounded, and then equal another. */
function moment(column: Column, value: Value, sqlType: string): TypedParameter | undefined {
  if (typeof value !== 'string' || /\.\d{7}/.test(value) || /^(?:0000|[+-])/.test(value)) return undefined;
  return { value: value.replace('T', ' ').replace(/Z$/, ''), column, sqlType };
}

/** The charset of a collation: `latin1_swedish_ci`; MariaDB's newer names leave it out and are of UTF-8. */
function charsetOf({ collation }: Column): string {
  const [charset = ''] = (collation ?? 'utf8mb4').split('_');
  return charset === 'uca1400' ? 'utf8mb4' : charset;
}

const UNICODE = new Set(['utf8mb4', 'utf8mb3', 'utf8']);
const ASCII = /^[ -~]*$/;

/** The bytes of a text in UTF-8: their order is that of the code points, and blanks at the end count. */
function bytesOf(column: Column): Expression {
  const stored = columnNamed(column.name);
  const unicode = UNICODE.has(charsetOf(column)) ? stored : text(['convert(', ' using utf8mb4)'], stored);
  return cast(unicode, 'binary');
}

/**
 * Most collations fold case and ignore blanks at the end: the column's own `=` finds the candidates by its index, and the bytes
 * decide.
 */
function texts(column: Column, own: KnownType): Comparison {
  const operand = bytesOf(column);
  return {
    operand,
    equality: 'exact',
    order: own.storage === 'text' ? sortable(own, 4) : 'exact',
    bind(value) {
      if (typeof value !== 'string' || !value.isWellFormed()) return undefined;
      // Blanks at the end are never part of a padded value.
      return column.padded && value.endsWith(' ')
        ? undefined
        : ({ value, column, sqlType: 'binary' } as const);
    },
    match: (op, value) => matching(operand, op, value, column),
    narrow(op, values) {
      const plain = values.map((parameter) => ownText(parameter));
      return op === 'eq' && own.storage === 'text' && plain.every((parameter) => parameter !== undefined)
        ? isOneOf(columnNamed(column.name), plain)
        : undefined;
    },
  };
}

/** The parameter as the column's own collation compares it; undefined where its charset may not hold it. */
export function ownText({ value, column }: TypedParameter): TypedParameter | undefined {
  if (typeof value !== 'string' || column === undefined) return undefined;
  return UNICODE.has(charsetOf(column)) || ASCII.test(value) ? { value, column } : undefined;
}

function sortable({ longest }: KnownType, bytesEach: number): Comparison['order'] {
  return longest !== undefined && longest * bytesEach <= SORTED_BYTES ? 'exact' : 'none';
}

/** LIKE over bytes folds nothing; its wildcards are escaped. Kysely writes no LIKE with an escape. */
function matching(operand: Expression, op: PatternOp, value: string, column: Column): Condition {
  if (!value.isWellFormed()) return { coverage: 'none' };
  const escaped = value.replace(/[|%_]/g, '|$&');
  const pattern = `${op === 'startsWith' ? '' : '%'}${escaped}${op === 'endsWith' ? '' : '%'}`;
  const parameter: TypedParameter = { value: pattern, column, sqlType: 'binary' };
  const exact = text(['', ' like ', " escape '|'"], operand, bound(parameter));
  const candidates = ownText({ value: pattern, column });
  const begins =
    op === 'startsWith' &&
    value !== '' &&
    candidates !== undefined &&
    knownType(column.declared).storage === 'text';
  if (!begins) return { coverage: 'exact', expression: exact };
  // By the column's collation, whose index then serves.
  const wider = text(['', ' like ', " escape '|'"], columnNamed(column.name), bound(candidates));
  return { coverage: 'exact', expression: both([wider, exact]) };
}
