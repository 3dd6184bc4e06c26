// Knows: PostgreSQL's output texts (DateStyle ISO, TimeZone UTC, bytea_output hex) and which of our values they are.
// Must not know: SQL, connections. What our types do not hold (NaN and infinity in a numeric, infinite days, years before
// Christ or of five digits, 24:00) decodes to nothing: the cell then names the fault.

import { parseDecimal, parseTemporal, rescale, type Scalar, type Value } from '#spi';
import type { Decode } from '../sql/dialect.ts';
import { jsonValue } from '../sql/json-text.ts';

export function decoderOf(type: Scalar, padded: boolean): Decode {
  const decode = decodeText(type, padded);
  return (stored) => {
    if (stored === null) return null;
    return typeof stored === 'string' ? decode(stored) : undefined;
  };
}

function decodeText(type: Scalar, padded: boolean): (stored: string) => Value | undefined {
  switch (type.kind) {
    case 'int32':
      return (stored) => {
        const integer = /^-?\d{1,10}$/.test(stored) ? Number(stored) : Number.NaN;
        return (integer | 0) === integer ? integer : undefined;
      };
    case 'int64':
      return (stored) => {
        const integer = integerOf(stored);
        return integer !== undefined && BigInt.asIntN(64, integer) === integer ? integer : undefined;
      };
    case 'boolean':
      return (stored) =>
        stored === 't' || stored === '1' ? true : stored === 'f' || stored === '0' ? false : undefined;
    case 'float64':
      return floatOf;
    case 'decimal': {
      const { scale } = type;
      return (stored) => {
        const decimal = parseDecimal(stored);
        return decimal === undefined || scale === undefined ? decimal : rescale(decimal, scale);
      };
    }
    case 'bytes':
      return (stored) =>
        /^\\x(?:[0-9a-f]{2})*$/.test(stored) ? Uint8Array.fromHex(stored.slice(2)) : undefined;
    case 'date':
      return (stored) => (/^\d{4}-\d\d-\d\d$/.test(stored) ? parseTemporal('date', stored) : undefined);
    case 'time':
      return (stored) =>
        /^\d\d:\d\d:\d\d(?:\.\d+)?$/.test(stored) ? parseTemporal('time', stored) : undefined;
    case 'timestamp':
      return (stored) =>
        MOMENT.test(stored) ? parseTemporal('timestamp', stored.replace(' ', 'T')) : undefined;
    case 'instant':
      return (stored) =>
        ZONED.test(stored)
          ? parseTemporal('instant', `${stored.replace(' ', 'T').slice(0, -3)}Z`)
          : undefined;
    case 'enum': {
      const values = new Set(type.values);
      return (stored) => (values.has(stored) ? stored : undefined);
    }
    case 'json':
      return jsonValue;
    case 'string':
      return padded ? (stored) => stored.replace(/ +$/, '') : (stored) => stored;
  }
}

// PostgreSQL writes no zeros at the end of a fraction, and always writes seconds: its texts are canonical.
const MOMENT = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?$/;
const ZONED = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?\+00$/;

function integerOf(stored: string): bigint | undefined {
  return /^-?\d+$/.test(stored) ? BigInt(stored) : undefined;
}

function floatOf(stored: string): number | undefined {
  if (stored === 'NaN') return Number.NaN;
  const number = stored === '' ? Number.NaN : Number(stored);
  return Number.isNaN(number) ? undefined : number;
}
