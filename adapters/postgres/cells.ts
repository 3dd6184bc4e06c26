// Knows: PostgreSQL's output texts (DateStyle ISO, TimeZone UTC, bytea_output hex) and which of our values they are.
// Must not know: SQL, connections. What our types do not hold (NaN and infinity in a numeric, infinite days, years before
// Christ or of five digits, 24:00) decodes to nothing: the cell then names the fault.

import { compareDecimal, parseDecimal, parseTemporal, rescale, type Scalar, type Value } from '#spi';
import type { Decode } from '../sql/dialect.ts';

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
      return jsonOf;
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

/** A number that JavaScript would round is kept as the text that stands in the document. */
function jsonOf(stored: string): Value | undefined {
  try {
    const parsed: unknown = JSON.parse(
      stored,
      (_name, value: unknown, context?: { readonly source?: string }) =>
        typeof value === 'number' && context?.source !== undefined && !isExact(value, context.source)
          ? context.source
          : value,
    );
    return isJson(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isExact(number: number, source: string): boolean {
  const shortest = expanded(String(number));
  const written = expanded(source);
  return shortest !== undefined && written !== undefined && compareDecimal(shortest, written) === 0;
}

const MOST_ZEROS = 400;

/** A JSON number without its exponent. */
function expanded(number: string): string | undefined {
  const [mantissa = '', exponent = '0'] = number.toLowerCase().split('e');
  const shift = Number(exponent);
  if (Math.abs(shift) > MOST_ZEROS) return undefined;
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.');
  const sign = mantissa.startsWith('-') ? '-' : '';
  if (shift >= 0) {
    const digits = fraction.padEnd(shift, '0');
    return parseDecimal(`${sign}${whole}${digits.slice(0, shift)}.${digits.slice(shift)}`);
  }
  const digits = whole.padStart(1 - shift, '0');
  return parseDecimal(`${sign}${digits.slice(0, shift)}.${digits.slice(shift)}${fraction}`);
}

function isJson(parsed: unknown): parsed is Value {
  return parsed === null || ['boolean', 'number', 'string', 'object'].includes(typeof parsed);
}
