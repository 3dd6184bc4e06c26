// Knows: how Oracle compares the values of a column, and where that is not how we compare them; what is selected to read it.
// Must not know: statements, connections, texts (texts.ts).

import { digitsOf, type Value } from '#spi';
import type { Comparison } from '../sql/dialect.ts';
import { call, columnNamed, constant, type Expression, text } from '../sql/expression.ts';
import { stand } from '../sql/floats.ts';
import type { Column } from '../sql/table.ts';
import type { Charset } from './charset.ts';
import { type BindType, MOMENT, type OracleParameter } from './parameter.ts';
import { textComparison } from './texts.ts';
import { type KnownType, knownType } from './types.ts';

const NUMBERS = new Set(['int32', 'int64', 'decimal']);

export function comparisonOf(column: Column, charset: Charset): Comparison {
  const own = knownType(column.declared);
  const meantSo =
    own.type.kind === column.type.kind ||
    (NUMBERS.has(own.type.kind) && (NUMBERS.has(column.type.kind) || column.type.kind === 'boolean'));
  if (!meantSo || own.padded !== column.padded) return uncompared(column);
  const stored = columnNamed(column.name);
  switch (own.storage) {
    case 'number':
      return exactly(stored, (value) => numeric(column, value));
    case 'binary_double':
      return exactly(stored, (value) => typed(column, isFloat(value) ? value : undefined, 'double'));
    case 'binary_float':
      return exactly(stored, (value, use) => {
        if (!isFloat(value)) return undefined;
        const against = Number.isFinite(value) ? stand(value) : value;
        const held = !Number.isFinite(value) || Math.fround(against) === against;
        return use === 'equality' && !held ? undefined : typed(column, against, 'double');
      });
    case 'boolean':
      return exactly(stored, (value) =>
        typed(column, typeof value === 'boolean' ? value : undefined, 'boolean'),
      );
    case 'raw':
      return exactly(stored, (value) => bytesOf(column, own, value));
    case 'date':
      return exactly(stored, (value, use) => dateOf(column, value, use));
    case 'timestamp':
      return exactly(stored, (value) => typed(column, momentOf(value), 'timestamp'));
    case 'timestamptz':
    case 'timestampltz': {
      const type = own.storage;
      return exactly(stored, (value) => typed(column, momentOf(value)?.replace('Z', '+00:00'), type));
    }
    case 'varchar':
    case 'nvarchar':
    case 'char':
    case 'nchar':
      return textComparison(column, own, charset);
    case 'interval':
      return asciiText(column, call('to_char', stored));
    case 'rowid':
      return asciiText(column, call('rowidtochar', stored));
    case 'long':
    case 'clob':
    case 'nclob':
    case 'blob':
    case 'long_raw':
    case 'urowid':
    case 'xml':
    case 'json':
    case 'other':
      return uncompared(column);
  }
}

function exactly(operand: Expression, bind: Comparison['bind']): Comparison {
  return { operand, equality: 'exact', order: 'exact', bind };
}

function uncompared(column: Column): Comparison {
  return { operand: columnNamed(column.name), equality: 'none', order: 'none', bind: () => undefined };
}

/** Compared as the text that is shown, all of it of ASCII. */
function asciiText(column: Column, operand: Expression): Comparison {
  const bind = (value: Value): OracleParameter | undefined =>
    typed(column, typeof value === 'string' && /^[ -~]{1,200}$/.test(value) ? value : undefined, 'varchar');
  return exactly(operand, bind);
}

function typed(
  column: Column,
  value: OracleParameter['value'] | undefined,
  sqlType: BindType,
): OracleParameter | undefined {
  return value === undefined || value === null ? undefined : { value, column, sqlType };
}

function isFloat(value: Value): value is number {
  return typeof value === 'number';
}

/** As many digits as a NUMBER can have, and its exponents. */
const MOST_DIGITS = 40;
const MOST_WHOLE = 126;
const MOST_FRACTION = 130;
/** Integers of as many digits are numbers of JavaScript without loss. */
const SAFE_DIGITS = 15;

function numeric(column: Column, value: Value): OracleParameter | undefined {
  if (typeof value === 'boolean') return { value: Number(value), column, sqlType: 'number' };
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  const plain = String(value);
  if (!/^-?\d+(?:\.\d+)?$/.test(plain)) return undefined;
  const [whole, fraction] = digitsOf(plain);
  if (fraction === 0 && whole <= SAFE_DIGITS) return { value: Number(plain), column, sqlType: 'number' };
  const significant = plain.replace(/[-.]/g, '').replace(/^0+|0+$/g, '');
  return significant.length <= MOST_DIGITS && whole <= MOST_WHOLE && fraction <= MOST_FRACTION
    ? { value: plain, column, sqlType: 'decimal' }
    : undefined;
}

const MOST_RAW = 2_000;
const MOST_RAW_EXTENDED = 32_767;

/** No bytes at all are null there. */
function bytesOf(
  column: Column,
  { longest = MOST_RAW }: KnownType,
  value: Value,
): OracleParameter | undefined {
  const most = longest > MOST_RAW ? MOST_RAW_EXTENDED : MOST_RAW;
  return value instanceof Uint8Array && value.length > 0 && value.length <= most
    ? { value, column, sqlType: 'raw' }
    : undefined;
}

/** Years of four digits from the year 1 on, fractions down to nanoseconds: what a TIMESTAMP holds. */
function momentOf(value: Value): string | undefined {
  if (typeof value !== 'string' || !/^(?!0000)\d{4}-/.test(value) || /\.\d{10}/.test(value)) return undefined;
  return value.includes('.') ? value : value.replace(/Z?$/, '.0$&');
}

/** A DATE has whole seconds: between two of them it is compared as a TIMESTAMP. */
function dateOf(column: Column, value: Value, use: 'equality' | 'order'): OracleParameter | undefined {
  const moment = momentOf(value);
  if (moment === undefined) return undefined;
  if (/\.0+$/.test(moment)) return { value: moment.replace(/\..*/, ''), column, sqlType: 'date' };
  return use === 'equality' ? undefined : { value: moment, column, sqlType: 'timestamp' };
}

/** With the sign of the year in front: a year before Christ must not be taken for another. */
export const SHOWN = `S${MOMENT}`;

export function selectedAs(column: Column): Expression | undefined {
  const stored = columnNamed(column.name);
  switch (knownType(column.declared).storage) {
    case 'date':
      return call('to_char', stored, constant(SHOWN));
    case 'timestamp':
      return call('to_char', stored, constant(`${SHOWN}.FF9`));
    case 'timestamptz':
    case 'timestampltz':
      return call('to_char', call('sys_extract_utc', stored), constant(`${SHOWN}.FF9"Z"`));
    case 'interval':
      return call('to_char', stored);
    case 'rowid':
      return call('rowidtochar', stored);
    case 'xml':
      return text(['xmlserialize(content ', ' as clob)'], stored);
    case 'json':
      return text(['json_serialize(', ' returning clob)'], stored);
    default:
      return undefined;
  }
}
