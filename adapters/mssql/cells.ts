// Knows: what is selected of a column so that nothing is lost, and what the values mean that then come.
// Must not know: conditions, connections. Decimals and moments come as texts: the driver makes numbers and Dates of them.

import { parseTemporal, rescale } from '#spi';
import type { Decode } from '../sql/dialect.ts';
import { columnNamed, type Expression, text } from '../sql/expression.ts';
import { shortest } from '../sql/floats.ts';
import type { Column } from '../sql/table.ts';
import { knownType } from './types.ts';

/** Styles of CONVERT: 121 is ISO with all digits of the column, 2 writes money with all four. */
export function selectedOf(column: Column): Expression | undefined {
  const stored = columnNamed(column.name);
  return convertedText(column.declared, stored);
}

/** The text that keeps all of a value; undefined where the value itself comes whole. */
export function convertedText(declared: string, value: Expression): Expression | undefined {
  const { storage, word } = knownType(declared);
  switch (storage) {
    case 'decimal':
      return text(['convert(varchar(41), ', ')'], value);
    case 'money':
      return text(['convert(varchar(41), ', ', 2)'], value);
    case 'date':
    case 'time':
    case 'datetime':
    case 'smalldatetime':
    case 'datetime2':
    case 'datetimeoffset':
      return text(['convert(varchar(34), ', ', 121)'], value);
    case 'other':
      return word === 'xml' ? undefined : text(['convert(nvarchar(max), ', ')'], value);
    default:
      return undefined;
  }
}

export function decoderOf({ type, padded, declared }: Column): Decode {
  const decode = decoderFor(type, padded, declared);
  return (stored) => (stored === null ? null : decode(stored));
}

function decoderFor(type: Column['type'], padded: boolean, declared: string): Decode {
  switch (type.kind) {
    case 'int32':
      return (stored) => {
        const integer = Number(
          typeof stored === 'boolean' ? Number(stored) : (integerOf(stored) ?? Number.NaN),
        );
        return (integer | 0) === integer ? integer : undefined;
      };
    case 'int64':
      return (stored) => {
        const integer = integerOf(stored);
        return integer !== undefined && BigInt.asIntN(64, integer) === integer ? integer : undefined;
      };
    case 'boolean':
      return (stored) => {
        if (typeof stored === 'boolean') return stored;
        const integer = integerOf(stored);
        return integer === 1n ? true : integer === 0n ? false : undefined;
      };
    case 'float64': {
      const short = knownType(declared).storage === 'real';
      return (stored) => (typeof stored !== 'number' ? undefined : short ? shortest(stored) : stored);
    }
    case 'decimal':
      return (stored) => {
        const plain = typeof stored === 'string' ? stored.trim() : integerOf(stored)?.toString();
        if (plain === undefined || !/^-?\d*(?:\.\d+)?$/.test(plain)) return undefined;
        // `.5` is how the server writes a half of a type without digits in front of the point.
        return rescale(plain.replace(/^(-?)(?=\.)/, '$10'), type.scale ?? 0);
      };
    case 'bytes':
      return (stored) => (stored instanceof Uint8Array ? new Uint8Array(stored) : undefined);
    case 'date':
    case 'time':
    case 'timestamp':
    case 'instant':
      return (stored) => moment(type.kind, stored);
    case 'enum': {
      const values = new Set(type.values);
      return (stored) => (typeof stored === 'string' && values.has(stored) ? stored : undefined);
    }
    case 'string':
      return (stored) => textOf(stored, padded);
    case 'json':
      return (stored) => (typeof stored === 'string' ? stored : undefined);
  }
}

/** Integers of 64 bits come as texts, smaller ones as numbers. */
function integerOf(stored: unknown): bigint | undefined {
  if (typeof stored === 'number') return Number.isInteger(stored) ? BigInt(stored) : undefined;
  return typeof stored === 'string' && /^-?\d+$/.test(stored) ? BigInt(stored) : undefined;
}

function textOf(stored: unknown, padded: boolean): string | undefined {
  if (typeof stored === 'number' || typeof stored === 'boolean') return String(Number(stored));
  if (typeof stored !== 'string') return undefined;
  return padded ? stored.replace(/ +$/, '') : stored;
}

/** `2024-02-29 10:00:00.5000000 +02:00` is an instant; we write no zeros at the end, and instants in UTC. */
function moment(kind: 'date' | 'time' | 'timestamp' | 'instant', stored: unknown): string | undefined {
  if (typeof stored !== 'string') return undefined;
  const [, plain = '', offset] = /^(.*?)(?: ?([+-]\d\d:\d\d))?$/.exec(stored) ?? [];
  const whole = plain
    .trim()
    .replace(' ', 'T')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
  // A moment is shown as the day it begins, where the type that is meant is a day.
  const parts = kind === 'date' ? whole.replace(/T00:00:00$/, '') : whole;
  if (kind !== 'instant') return parseTemporal(kind, parts) === undefined ? undefined : parts;
  const written = `${parts}${offset ?? 'Z'}`;
  try {
    const utc = Temporal.Instant.from(written).toString();
    return parseTemporal('instant', utc) === undefined ? undefined : utc;
  } catch {
    return undefined;
  }
}
