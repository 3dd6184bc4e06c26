// Knows: what the values mean that a selection of ours gives for a column, and which of them fit its type.
// Must not know: SQL, connections. Years before Christ fit no type.

import { parseDecimal, parseTemporal, rescale } from '#spi';
import type { Decode } from '../sql/dialect.ts';
import { shortest } from '../sql/floats.ts';
import { jsonValue } from '../sql/json-text.ts';
import type { Column } from '../sql/table.ts';
import { knownType } from './types.ts';

export function decoderOf(column: Column): Decode {
  const decode = notNull(column);
  return (stored) => (stored === null || stored === undefined ? null : decode(stored));
}

function notNull({ type, padded, declared }: Column): Decode {
  switch (type.kind) {
    case 'int32':
      return (stored) => {
        const integer = Number(integerOf(stored) ?? Number.NaN);
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
        const number = integerOf(stored);
        return number === 1n ? true : number === 0n ? false : undefined;
      };
    case 'float64': {
      const short = knownType(declared).storage === 'binary_float';
      return (stored) => (typeof stored !== 'number' ? undefined : short ? shortest(stored) : stored);
    }
    case 'decimal': {
      const { scale } = type;
      return (stored) => {
        const decimal = typeof stored === 'string' ? parseDecimal(stored) : undefined;
        return decimal === undefined || scale === undefined ? decimal : rescale(decimal, scale);
      };
    }
    case 'bytes':
      return (stored) => (stored instanceof Uint8Array ? new Uint8Array(stored) : undefined);
    case 'date':
    case 'time':
    case 'timestamp':
    case 'instant':
      return (stored) => momentOf(type.kind, stored);
    case 'json':
      return (stored) => (typeof stored === 'string' ? jsonValue(stored) : undefined);
    case 'enum': {
      const values = new Set(type.values);
      return (stored) => (typeof stored === 'string' && values.has(stored) ? stored : undefined);
    }
    case 'string':
      return (stored) => {
        if (typeof stored !== 'string') return undefined;
        return padded ? stored.replace(/ +$/, '') : stored;
      };
  }
}

/** Numbers come as text: `-12`, `.5`. */
function integerOf(stored: unknown): bigint | undefined {
  return typeof stored === 'string' && /^-?\d+$/.test(stored) ? BigInt(stored) : undefined;
}

/** ` 2024-02-29T10:00:00.500000000`: a sign or a blank in front of the year. */
function momentOf(kind: 'date' | 'time' | 'timestamp' | 'instant', stored: unknown): string | undefined {
  if (typeof stored !== 'string' || !/^ ?\d/.test(stored)) return undefined;
  return parseTemporal(kind, stored.trim());
}
