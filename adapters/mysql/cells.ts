// Knows: what the values mean that the driver gives for a column, and which of them fit its type.
// Must not know: SQL, connections. Days that do not exist (0000-00-00) fit no type.

import { parseTemporal, rescale, type Value } from '#spi';
import type { Decode } from '../sql/dialect.ts';
import { shortest } from '../sql/floats.ts';
import type { Column } from '../sql/table.ts';
import { knownType } from './types.ts';

export function decoderOf(column: Column): Decode {
  const decode = notNull(column);
  return (stored) => (stored === null ? null : decode(stored));
}

function notNull({ type, padded, declared }: Column): Decode {
  switch (type.kind) {
    case 'int32':
      return (stored) => {
        const integer = Number(typeof stored === 'number' ? stored : (integerOf(stored) ?? Number.NaN));
        return (integer | 0) === integer ? integer : undefined;
      };
    case 'int64':
      return (stored) => {
        const integer = integerOf(stored);
        return integer !== undefined && BigInt.asIntN(64, integer) === integer ? integer : undefined;
      };
    case 'boolean':
      return (stored) => {
        const bit =
          stored instanceof Uint8Array && stored.length === 1 ? stored[0] : Number(integerOf(stored) ?? 2n);
        return bit === 1 ? true : bit === 0 ? false : undefined;
      };
    case 'float64': {
      const short = knownType(declared).storage === 'float';
      return (stored) => (typeof stored !== 'number' ? undefined : short ? shortest(stored) : stored);
    }
    case 'decimal':
      return (stored) => {
        const text = typeof stored === 'string' ? stored : integerOf(stored)?.toString();
        return text === undefined || !/^-?\d+(?:\.\d+)?$/.test(text)
          ? undefined
          : rescale(text, type.scale ?? 0);
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

/** Integers of 64 bits come as text, smaller ones as numbers. */
function integerOf(stored: unknown): bigint | undefined {
  if (typeof stored === 'number') return Number.isInteger(stored) ? BigInt(stored) : undefined;
  return typeof stored === 'string' && /^-?\d+$/.test(stored) ? BigInt(stored) : undefined;
}

function textOf(stored: unknown, padded: boolean): Value | undefined {
  if (typeof stored === 'number') return String(stored);
  if (typeof stored !== 'string') return undefined;
  return padded ? stored.replace(/ +$/, '') : stored;
}

/** The driver writes `2024-02-29 10:00:00.500000`; we write no zeros at the end. */
function moment(kind: 'date' | 'time' | 'timestamp' | 'instant', stored: unknown): string | undefined {
  if (typeof stored !== 'string') return undefined;
  const text = stored
    .replace(' ', 'T')
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
  if (kind === 'date' || kind === 'time') return parseTemporal(kind, text) === undefined ? undefined : text;
  const zoned = kind === 'instant' ? `${text}Z` : text;
  return parseTemporal(kind, zoned) === undefined ? undefined : zoned;
}
