// Knows: which values a column of MySQL or MariaDB keeps as they are. Even a strict session rounds numbers and moments, cuts blanks,
// and fills bytes up, without a word.
// Must not know: statements, connections.

import { digitsOf, toJson, type Value } from '#spi';
import type { Writer } from '../sql/dialect.ts';
import type { Parameter } from '../sql/driver.ts';
import { isHeldIn32Bits } from '../sql/floats.ts';
import type { Column } from '../sql/table.ts';
import type { TypedParameter } from '../sql/typed-parameter.ts';
import { type KnownType, knownType } from './types.ts';

const NUMBERS = new Set(['int32', 'int64', 'decimal']);

/** Undefined where the column's values mean something else here. */
export function writerOf(column: Column): Writer | undefined {
  const { type, declared, padded } = column;
  const own = knownType(declared);
  const meantSo =
    own.type.kind === type.kind ||
    (own.storage === 'decimal' && NUMBERS.has(type.kind)) ||
    (own.storage === 'flag' && type.kind === 'int32');
  const write = meantSo && own.padded === padded ? writeOf(declared.toLowerCase(), own) : undefined;
  if (write === undefined) return undefined;
  return (value): TypedParameter | undefined => {
    const written = write(value);
    if (written === undefined) return undefined;
    // Through the protocol as an integer of its own, not as a number with a point.
    return typeof written === 'bigint'
      ? { value: written, column, sqlType: written < 0n ? 'signed' : 'unsigned' }
      : { value: written, column };
  };
}

type Write = (value: Value) => Exclude<Parameter['value'], null> | undefined;

function writeOf(declared: string, own: KnownType): Write | undefined {
  const { longest } = own;
  switch (own.storage) {
    case 'integer':
    case 'unsigned':
    case 'year':
    case 'flag': {
      const [least, most] = rangeOf(declared);
      return (value) => {
        const integer = integerOf(value);
        return integer !== undefined && integer >= least && integer <= most ? integer : undefined;
      };
    }
    case 'decimal':
      return (value) => {
        const text = String(value);
        const scale = own.type.kind === 'decimal' ? (own.type.scale ?? 0) : 0;
        return digitsOf(text)[1] <= scale ? text : undefined;
      };
    case 'float':
    case 'double': {
      // FLOAT(7,4) rounds.
      const [, digits] = /\(\d+,(\d+)\)/.exec(declared) ?? [];
      return (value) => {
        if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
        if (own.storage === 'float' && !isHeldIn32Bits(value)) return undefined;
        return digits === undefined || Number(value.toFixed(Number(digits))) === value ? value : undefined;
      };
    }
    case 'bits': {
      if (own.type.kind === 'boolean') return integerOf;
      const bytes = Math.ceil(Number(/\((\d+)\)/.exec(declared)?.[1] ?? 1) / 8);
      return (value) => (value instanceof Uint8Array && value.length === bytes ? value : undefined);
    }
    case 'text':
      return (value) => (fitsText(value, declared, longest) ? String(value) : undefined);
    case 'enum':
      return (value) => (typeof value === 'string' ? value : undefined);
    case 'bytes': {
      const fixed = /^binary\b/.test(declared);
      return (value) => {
        if (!(value instanceof Uint8Array) || value.length > (longest ?? 0)) return undefined;
        return fixed && value.length < (longest ?? 0) ? undefined : value;
      };
    }
    case 'date':
    case 'time':
    case 'datetime':
    case 'timestamp': {
      const digits = Number(/\((\d)\)/.exec(declared)?.[1] ?? 0);
      return (value) => moment(value, digits, own.storage !== 'time');
    }
    case 'json':
      return documentOf;
    case 'other':
      return (value) => (typeof value === 'string' && value.isWellFormed() ? value : undefined);
    // Its members are put into the order of the declaration, those given twice are left out.
    case 'set':
      return undefined;
  }
}

/** Bits of each word, https://dev.mysql.com/doc/refman/8.4/en/integer-types.html. */
const BITS: Readonly<Record<string, number>> = {
  tinyint: 8,
  bool: 8,
  boolean: 8,
  smallint: 16,
  mediumint: 24,
  int: 32,
  integer: 32,
  bigint: 64,
};

function rangeOf(declared: string): readonly [bigint, bigint] {
  const [word = ''] = /^[a-z]+/.exec(declared.trim()) ?? [];
  if (word === 'year') return [1_901n, 2_155n];
  const bits = BigInt(BITS[word] ?? 64);
  return /unsigned|zerofill/.test(declared)
    ? [0n, 2n ** bits - 1n]
    : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
}

function integerOf(value: Value): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return BigInt(value);
  return typeof value === 'string' && digitsOf(value)[1] === 0
    ? BigInt(value.replace(/\..*$/, ''))
    : undefined;
}

/** Blanks that are too many at the end are cut in a strict session too. TEXT counts bytes, VARCHAR characters. */
function fitsText(value: Value, declared: string, longest = Number.POSITIVE_INFINITY): boolean {
  if (typeof value !== 'string' || !value.isWellFormed()) return false;
  return /text/.test(declared)
    ? new TextEncoder().encode(value).length <= longest
    : value.length <= longest || [...value].length <= longest;
}

/** Years 1000 to 9999 are what the manual promises; a finer fraction than the column's would be rounded. */
function moment(value: Value, digits: number, dated: boolean): string | undefined {
  if (typeof value !== 'string' || (dated && !/^[1-9]\d{3}-/.test(value))) return undefined;
  const [, fraction = ''] = /\.(\d+)/.exec(value) ?? [];
  return fraction.length <= digits ? value.replace('T', ' ').replace(/Z$/, '') : undefined;
}

/** A document is read as its text, and is given so too; anything else that is given is the document itself. */
function documentOf(value: Value): string | undefined {
  if (typeof value !== 'string') return JSON.stringify(toJson({ kind: 'json' }, value));
  try {
    JSON.parse(value);
    return value.isWellFormed() ? value : undefined;
  } catch {
    return undefined;
  }
}
