// Knows: which values a column of Oracle keeps as they are, and as what they are bound to be written. Without a word the server
// rounds numbers and fractions of seconds, makes an empty text null, and puts another character for one that its set does not hold.
// Must not know: statements, connections.

import { digitsOf, toScaled, type Value } from '#spi';
import { isHeldIn32Bits } from '../sql/floats.ts';
import type { Column } from '../sql/table.ts';
import type { BindType, OracleParameter } from './parameter.ts';
import { holds } from './repertoire.ts';
import { type KnownType, knownType } from './types.ts';

const NUMBERS = new Set(['int32', 'int64', 'decimal', 'boolean']);

/** Knows the type as which it binds. */
export type OracleWriter = (value: Value) => OracleParameter | undefined;

type Bound = Pick<OracleParameter, 'value' | 'sqlType'>;
type Write = (value: Value) => Bound | undefined;

/** `charset`: of the database. The writers of its columns are undefined where the column's values mean something else here. */
export function writersOf(charset: string): (column: Column) => OracleWriter | undefined {
  const held = holds(charset);
  return (column) => {
    const own = knownType(column.declared);
    const meantSo =
      own.type.kind === column.type.kind || (own.storage === 'number' && NUMBERS.has(column.type.kind));
    const write = meantSo && own.padded === column.padded ? writeOf(column.declared, own, held) : undefined;
    return write === undefined ? undefined : (value) => withColumn(write(value), column);
  };
}

function withColumn(bound: Bound | undefined, column: Column): OracleParameter | undefined {
  return bound === undefined ? undefined : { ...bound, column };
}

function writeOf(declared: string, own: KnownType, held: (text: string) => boolean): Write | undefined {
  switch (own.storage) {
    case 'number':
      return (value) => numberOf(value, declared);
    case 'binary_double':
      return (value) => float(value, true);
    case 'binary_float':
      return (value) => float(value, typeof value === 'number' && isHeldIn32Bits(value));
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? { value, sqlType: 'boolean' } : undefined);
    case 'varchar':
    case 'char':
      return (value) =>
        typeof value === 'string' && held(value) && hasRoom(value, declared, own)
          ? textOf(value, own.storage === 'char' ? 'char' : 'varchar')
          : undefined;
    case 'nvarchar':
    case 'nchar': {
      const type = own.storage;
      return (value) =>
        typeof value === 'string' && value.isWellFormed() && value.length <= (own.longest ?? 1)
          ? textOf(value, type)
          : undefined;
    }
    case 'clob':
      return (value) => (typeof value === 'string' && held(value) ? large(value, 'clob') : undefined);
    case 'nclob':
      return (value) =>
        typeof value === 'string' && value.isWellFormed() ? large(value, 'nclob') : undefined;
    case 'blob':
      return (value) => (value instanceof Uint8Array ? large(value, 'blob') : undefined);
    case 'raw':
      return (value) =>
        value instanceof Uint8Array && value.length > 0 && value.length <= (own.longest ?? 1)
          ? { value, sqlType: 'raw' }
          : undefined;
    case 'date':
      return (value) => momentOf(value, 0, 'date');
    case 'timestamp':
    case 'timestamptz':
    case 'timestampltz': {
      const digits = Number(/\((\d)\)/.exec(declared)?.[1] ?? 6);
      const type = own.storage;
      return (value) => momentOf(value, digits, type);
    }
    // How a document, an interval or the place of a row is written is not how it is read.
    case 'interval':
    case 'xml':
    case 'json':
    case 'rowid':
    case 'urowid':
    case 'long':
    case 'long_raw':
    case 'other':
      return undefined;
  }
}

/** As many digits as every NUMBER has. */
const DIGITS = 38;
const MOST_WHOLE = 125;
const MOST_FRACTION = 127;
const SAFE_DIGITS = 15;
const DECIMAL_DIGITS_PER_BIT = 0.30103;

function numberOf(value: Value, declared: string): Bound | undefined {
  if (typeof value === 'boolean') return { value: Number(value), sqlType: 'number' };
  if (typeof value === 'object') return undefined;
  const plain = String(value);
  const [whole, fraction] = digitsOf(plain);
  const [, precision = '', scale = '0'] = /\((\d+|\*)(?:,(-?\d+))?\)/.exec(declared) ?? [];
  if (/^(?:FLOAT|REAL|DOUBLE)/i.test(declared)) {
    const bits = precision === '' ? 63 : Number(precision);
    if (significant(plain) > Math.floor(bits * DECIMAL_DIGITS_PER_BIT)) return undefined;
  } else if (
    precision !== '' &&
    !fitsScale(plain, precision === '*' ? DIGITS : Number(precision), Number(scale))
  ) {
    return undefined;
  }
  if (significant(plain) > DIGITS || whole > MOST_WHOLE || fraction > MOST_FRACTION) return undefined;
  return fraction === 0 && whole <= SAFE_DIGITS
    ? { value: Number(plain), sqlType: 'number' }
    : { value: plain, sqlType: 'decimal' };
}

function significant(plain: string): number {
  return plain.replace(/[-.]/g, '').replace(/^0+|0+$/g, '').length;
}

/** A negative scale rounds before the point. */
function fitsScale(plain: string, precision: number, scale: number): boolean {
  const unscaled = toScaled(plain, Math.max(scale, 0));
  if (unscaled === undefined) return false;
  const step = 10n ** BigInt(Math.max(-scale, 0));
  return unscaled % step === 0n && String(unscaled / step).replace('-', '').length <= precision;
}

function float(value: Value, held: boolean): Bound | undefined {
  return typeof value === 'number' && !Number.isNaN(value) && held ? { value, sqlType: 'double' } : undefined;
}

/** Bytes where it is declared so, of UTF-8 at the most; the server refuses what is still too long. */
function hasRoom(value: string, declared: string, { longest = 1 }: KnownType): boolean {
  return / CHAR\)/.test(declared) ? [...value].length <= longest : value.length <= longest;
}

/** Blanks alone are what is read as an empty text where there is padding. */
function textOf(value: string, sqlType: BindType): Bound | undefined {
  const padded = sqlType === 'char' || sqlType === 'nchar';
  if (value !== '') return { value, sqlType };
  return padded ? { value: ' ', sqlType } : undefined;
}

/** A LOB may be empty, and is not null then. */
function large(value: string | Uint8Array, sqlType: 'clob' | 'nclob' | 'blob'): Bound {
  if (value.length > 0) return { value, sqlType };
  return { value: null, sqlType: sqlType === 'blob' ? 'empty_blob' : 'empty_clob' };
}

/** Years 1 to 9999 are read as they stand; a finer fraction than the column's would be rounded. */
function momentOf(value: Value, digits: number, sqlType: BindType): Bound | undefined {
  if (typeof value !== 'string' || !/^(?!0000)\d{4}-/.test(value)) return undefined;
  const [, fraction = ''] = /\.(\d+)/.exec(value) ?? [];
  if (fraction.length > digits) return undefined;
  if (sqlType === 'date') return { value, sqlType };
  const whole = value.includes('.') ? value : value.replace(/Z?$/, '.0$&');
  return { value: whole.replace('Z', '+00:00'), sqlType };
}
