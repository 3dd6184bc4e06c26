// Knows: which values a column of SQL Server keeps as they are: it rounds numbers and moments, fills up bytes, and turns what a code page
// does not have into question marks, all without a word.
// Must not know: statements, connections.

import { digitsOf, toJson, type Value } from '#spi';
import type { Writer } from '../sql/dialect.ts';
import { shortest } from '../sql/floats.ts';
import type { Column } from '../sql/table.ts';
import type { TypedParameter } from '../sql/typed-parameter.ts';
import { charsetOf, survives } from './collations.ts';
import { rangeOf } from './comparison.ts';
import { type KnownType, knownType } from './types.ts';

const NUMBERS = new Set(['int32', 'int64', 'decimal']);

/** Undefined where the column's values mean something else here. `charset`: that of the database. */
export function writerOf(column: Column, charset: string | undefined): Writer | undefined {
  const own = knownType(column.declared);
  const meantSo =
    own.type.kind === column.type.kind ||
    (NUMBERS.has(own.type.kind) && NUMBERS.has(column.type.kind)) ||
    (own.storage === 'bit' && column.type.kind === 'int32');
  if (!meantSo || own.padded !== column.padded || own.storage === 'version') return undefined;
  return (value) => {
    const written = writtenAs(column, own, value, charset);
    return written === undefined ? undefined : { column, ...written };
  };
}

/** A value for a parameter of a routine: what a column of its type would keep; XML and types of no column go as texts. */
export function argumentOf(
  column: Column,
  value: Value,
  charset: string | undefined,
): TypedParameter | undefined {
  const own = knownType(column.declared);
  const plain =
    own.storage === 'other' && own.word !== 'json' && typeof value === 'string' && value.isWellFormed();
  const written = plain ? { value, sqlType: 'nvarchar(max)' } : writtenAs(column, own, value, charset);
  return written === undefined ? undefined : { column, ...written };
}

type Written = Pick<TypedParameter, 'value' | 'sqlType'>;

/** The value with the type that it is sent or cast as; undefined where the column would keep another. */
export function writtenAs(
  column: Column,
  own: KnownType,
  value: Value,
  charset: string | undefined,
): Written | undefined {
  switch (own.storage) {
    case 'integer':
    case 'bit':
      return integer(own, value);
    case 'decimal':
    case 'money':
      return decimal(own, value);
    case 'float':
      return typeof value === 'number' && Number.isFinite(value) ? { value, sqlType: 'float' } : undefined;
    case 'real': {
      const held = typeof value === 'number' && Number.isFinite(value) && isHeldIn32Bits(value);
      return held ? { value, sqlType: 'real' } : undefined;
    }
    case 'text':
    case 'wide text':
      return text(column, own, value, charset);
    case 'bytes':
      return bytes(own, value);
    case 'guid':
      return typeof value === 'string' && GUID.test(value)
        ? { value, sqlType: 'uniqueidentifier' }
        : undefined;
    case 'other':
      return document(own, value);
    case 'version':
      return undefined;
    default:
      return moment(own, value);
  }
}

const GUID = /^[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}$/;

function integer(own: KnownType, value: Value): Written | undefined {
  const plain = typeof value === 'string' && digitsOf(value)[1] === 0 ? value.replace(/\..*$/, '') : value;
  if (typeof plain === 'number' && !Number.isInteger(plain)) return undefined;
  if (typeof plain === 'string' && !/^-?\d+$/.test(plain)) return undefined;
  if (plain === null || typeof plain === 'object') return undefined;
  const number = BigInt(plain);
  const [least, most] = rangeOf(own.word);
  if (number < least || number > most) return undefined;
  return own.word === 'bit'
    ? { value: number === 1n, sqlType: 'bit' }
    : { value: number, sqlType: own.word === 'integer' ? 'int' : own.word };
}

function decimal(own: KnownType, value: Value): Written | undefined {
  if (typeof value !== 'string' && typeof value !== 'bigint' && typeof value !== 'number') return undefined;
  const plain = String(value);
  if (!/^-?\d+(?:\.\d+)?$/.test(plain) || own.type.kind !== 'decimal') return undefined;
  const { precision = 18, scale = 0 } = own.type;
  const [whole, fraction] = digitsOf(plain);
  if (fraction > scale || whole > precision - scale) return undefined;
  if (own.storage !== 'money') return { value: plain, sqlType: `decimal(${precision},${scale})` };
  // Money is an integer of 64 bits or 32 bits in ten thousandths.
  const units = BigInt(plain.replace('.', '') + '0'.repeat(scale - (plain.split('.')[1]?.length ?? 0)));
  const bits = own.word === 'money' ? 64 : 32;
  return BigInt.asIntN(bits, units) === units ? { value: plain, sqlType: own.word } : undefined;
}

/** A number whose shortest text a float of 32 bits gives back. */
function isHeldIn32Bits(value: number): boolean {
  const float = Math.fround(value);
  return Number.isFinite(float) && shortest(float) === value;
}

const LONGEST = { text: 8_000, 'wide text': 4_000 };

function text(
  column: Column,
  own: KnownType,
  value: Value,
  charset: string | undefined,
): Written | undefined {
  if (typeof value !== 'string' || !value.isWellFormed() || value.length > own.longest) return undefined;
  if (column.padded && value.endsWith(' ')) return undefined;
  if (own.storage === 'wide text')
    return { value, sqlType: sized('nvarchar', own.longest, LONGEST['wide text']) };
  const page = column.collation === undefined ? charset : charsetOf(column.collation);
  if (!survives(value, page)) return undefined;
  // What the database's code page does not have, but the column's, goes as it is and is converted there.
  return survives(value, charset)
    ? { value, sqlType: sized('varchar', own.longest, LONGEST.text) }
    : { value, sqlType: sized('nvarchar', own.longest, LONGEST['wide text']) };
}

function sized(word: string, length: number, longest: number): string {
  return length <= longest ? `${word}(${length})` : `${word}(max)`;
}

function bytes(own: KnownType, value: Value): Written | undefined {
  if (!(value instanceof Uint8Array) || value.length > own.longest) return undefined;
  // Shorter ones would be filled up.
  if (own.word === 'binary' && value.length < own.longest) return undefined;
  return { value, sqlType: sized('varbinary', own.longest, LONGEST.text) };
}

/** A finer fraction than the column's would be rounded. */
function moment({ storage, digits }: KnownType, value: Value): Written | undefined {
  if (typeof value !== 'string') return undefined;
  const parts = /^(?:(\d{4})-\d\d-\d\d)?T?(?:\d\d:\d\d:(\d\d)(?:\.(\d+))?)?Z?$/.exec(value);
  if (parts === null) return undefined;
  const [, year = '', seconds = '00', fraction = ''] = parts;
  if (year === '0000' || fraction.length > digits) return undefined;
  switch (storage) {
    case 'date':
      return { value, sqlType: 'date' };
    case 'smalldatetime':
      return seconds === '00' && year >= '1900' && year <= '2078' ? { value, sqlType: storage } : undefined;
    case 'datetime':
      return /^\d\d[037]$/.test(fraction.padEnd(3, '0')) && year >= '1753'
        ? { value, sqlType: storage }
        : undefined;
    default:
      return { value: value.replace('Z', '+00:00'), sqlType: `${storage}(${digits})` };
  }
}

/** XML is kept as its meaning and not as its text: it is not written. */
function document({ word, type }: KnownType, value: Value): Written | undefined {
  if (word !== 'json') return undefined;
  const written = typeof value === 'string' ? value : JSON.stringify(toJson(type, value));
  return written.isWellFormed() ? { value: written, sqlType: 'nvarchar(max)' } : undefined;
}
