// Knows: how SQL Server compares the values of a column, and where that is not how we compare them.
// Must not know: statements, connections, texts (texts.ts).

import { digitsOf, type Value } from '#spi';
import type { Comparison } from '../sql/dialect.ts';
import { columnNamed, type Expression, isOneOf, text } from '../sql/expression.ts';
import { stand } from '../sql/floats.ts';
import type { Column } from '../sql/table.ts';
import type { TypedParameter } from '../sql/typed-parameter.ts';
import { guids, textComparison } from './texts.ts';
import { type KnownType, knownType } from './types.ts';

const NUMBERS = new Set(['int32', 'int64', 'decimal']);

type Use = 'equality' | 'order';

/** `charset`: that of the database, through which texts of char and varchar go. */
export function comparisonOf(column: Column, charset: string | undefined): Comparison {
  const own = knownType(column.declared);
  const meantSo =
    own.type.kind === column.type.kind ||
    (NUMBERS.has(own.type.kind) && NUMBERS.has(column.type.kind)) ||
    (own.storage === 'bit' && column.type.kind === 'int32');
  if (!meantSo || own.padded !== column.padded) return uncompared(column);
  const exactly = (bind: Comparison['bind']): Comparison => ({
    operand: columnNamed(column.name),
    equality: 'exact',
    order: 'exact',
    bind,
  });
  switch (own.storage) {
    case 'integer':
    case 'bit':
    case 'decimal':
    case 'money':
      return exactly((value, use) => numeric(column, own, value, use));
    case 'float':
      return exactly((value) => (isNumber(value) ? { value, column, sqlType: 'float' } : undefined));
    case 'real':
      return exactly((value, use) => real(column, value, use));
    case 'version':
      return exactly((value) => fixedBytes(column, own, value));
    case 'bytes':
      if (own.word === 'binary') return exactly((value) => fixedBytes(column, own, value));
      return own.uncomparable ? uncompared(column) : bytes(column, own);
    case 'guid':
      return guids(column);
    case 'date':
    case 'time':
    case 'datetime':
    case 'smalldatetime':
    case 'datetime2':
    case 'datetimeoffset':
      return exactly((value, use) => moment(column, own, value, use));
    case 'text':
    case 'wide text':
      return textComparison(column, own, charset);
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

/** Least and greatest value of an integer type. */
export function rangeOf(word: string): readonly [bigint, bigint] {
  return RANGES[word] ?? [0n, 0n];
}

const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  tinyint: [0n, 255n],
  smallint: [-32_768n, 32_767n],
  int: [-2_147_483_648n, 2_147_483_647n],
  integer: [-2_147_483_648n, 2_147_483_647n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
  bit: [0n, 1n],
};
const MOST_DIGITS = 38;
/** Of the longest integer. */
const INTEGER_DIGITS = 19;

/** As the column's own type where the value fits it, for order else as one that holds it. */
function numeric(column: Column, own: KnownType, value: Value, use: Use): TypedParameter | undefined {
  if (typeof value === 'boolean') return { value, column, sqlType: 'bit' };
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  const plain = String(value)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
  if (!/^-?\d+(?:\.\d+)?$/.test(plain)) return undefined;
  const [whole, fraction] = digitsOf(plain);
  const range = RANGES[own.word];
  if (range !== undefined && fraction === 0) {
    const integer = BigInt(plain);
    if (integer >= range[0] && integer <= range[1]) {
      return own.word === 'bit'
        ? { value: integer === 1n, column, sqlType: 'bit' }
        : { value: integer, column, sqlType: own.word === 'integer' ? 'int' : own.word };
    }
  }
  const { precision, scale } =
    own.type.kind === 'decimal'
      ? { precision: own.type.precision ?? 18, scale: own.type.scale ?? 0 }
      : { precision: 0, scale: 0 };
  if (whole <= precision - scale && fraction <= scale) {
    return {
      value: plain,
      column,
      sqlType: own.storage === 'money' ? own.word : `decimal(${precision},${scale})`,
    };
  }
  // A finer or wider value equals nothing here, and the server would round or refuse it.
  if (use === 'equality') return undefined;
  // The digits of both must have room in one type, or the comparison itself would overflow or round.
  const before = Math.max(whole, precision === 0 ? INTEGER_DIGITS : precision - scale);
  return before + Math.max(fraction, scale) <= MOST_DIGITS
    ? { value: plain, column, sqlType: `decimal(${before + fraction},${fraction})` }
    : undefined;
}

/** The server compares it in 64 bits, where it is not the number that is shown. */
function real(column: Column, value: Value, use: Use): TypedParameter | undefined {
  if (!isNumber(value) || !Number.isFinite(Math.fround(value))) return undefined;
  const against = stand(value);
  return use === 'equality' && against !== Math.fround(value)
    ? undefined
    : { value: against, column, sqlType: 'float' };
}

function fixedBytes(column: Column, { longest }: KnownType, value: Value): TypedParameter | undefined {
  return value instanceof Uint8Array && value.length === longest
    ? { value, column, sqlType: `varbinary(${longest})` }
    : undefined;
}

const LONGEST = 8_000;

/** The server may take bytes of zero at the end for none; a last byte that is none of them makes all of them count. */
function bytes(column: Column, own: KnownType): Comparison {
  const type = own.longest < LONGEST ? `varbinary(${own.longest + 1})` : 'varbinary(max)';
  const stored = columnNamed(column.name);
  const wide: Expression = own.longest === LONGEST ? text(['convert(varbinary(max), ', ')'], stored) : stored;
  return {
    operand: text(['(', ' + 0x01)'], wide),
    equality: 'exact',
    order: 'none',
    bind: (value) =>
      value instanceof Uint8Array && value.length <= own.longest
        ? { value: Uint8Array.of(...value, 1), column, sqlType: type }
        : undefined,
    narrow: (op, values) =>
      op === 'eq' && own.longest <= LONGEST
        ? isOneOf(
            stored,
            values.map((parameter) => ({
              ...parameter,
              value: parameter.value instanceof Uint8Array ? parameter.value.slice(0, -1) : parameter.value,
              sqlType: `varbinary(${own.longest})`,
            })),
          )
        : undefined,
  };
}

/** A value finer than the column equals nothing in it. */
function moment(column: Column, own: KnownType, value: Value, use: Use): TypedParameter | undefined {
  if (typeof value !== 'string') return undefined;
  const parts = /^(?:(\d{4})-\d\d-\d\d)?T?(?:\d\d:\d\d:(\d\d)(?:\.(\d+))?)?Z?$/.exec(value);
  if (parts === null) return undefined;
  const [, year, seconds = '00', fraction = ''] = parts;
  if (year === '0000' || fraction.length > 7) return undefined;
  const { storage, digits } = own;
  const finest = `${storage === 'time' || storage === 'datetimeoffset' ? storage : 'datetime2'}(7)`;
  const typed = (sqlType: string): TypedParameter => ({
    value: sqlType.startsWith('datetimeoffset') ? value.replace('Z', '+00:00') : value,
    column,
    sqlType,
  });
  switch (storage) {
    case 'date':
      return typed('date');
    case 'smalldatetime': {
      const whole =
        seconds === '00' && fraction === '' && year !== undefined && year >= '1900' && year <= '2078';
      return whole ? typed('smalldatetime') : use === 'order' ? typed(finest) : undefined;
    }
    case 'datetime': {
      // Ticks of a three-hundredth of a second: what lies between two of them equals none, and is compared finer.
      const thousandths = fraction.padEnd(3, '0');
      const tick = /^\d\d[037]$/.test(thousandths) && year !== undefined && year >= '1753';
      if (tick) return typed('datetime');
      return use === 'order' && thousandths.length === 3 ? typed('datetime2(3)') : undefined;
    }
    default:
      if (fraction.length <= digits) return typed(`${storage}(${digits})`);
      return use === 'order' ? typed(finest) : undefined;
  }
}
