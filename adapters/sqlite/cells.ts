// Knows: which stored values of SQLite fit a type, and what they mean: by storage class, never by conversion.
// Must not know: SQL, connections.

import { fromScaled, parseDecimal, parseTemporal, rescale, type Scalar, toScaled, type Value } from '#spi';
import type { Decode } from '../sql/dialect.ts';

/** Integers come as bigint, REAL as number, TEXT as string, BLOB as bytes. */
export function decoderOf(type: Scalar, padded: boolean): Decode {
  const decode = notNull(type, padded);
  return (stored) => (stored === null ? null : decode(stored));
}

function notNull(type: Scalar, padded: boolean): Decode {
  switch (type.kind) {
    case 'int32':
      return (stored) =>
        typeof stored === 'bigint' && BigInt.asIntN(32, stored) === stored ? Number(stored) : undefined;
    case 'int64':
      return (stored) => (typeof stored === 'bigint' ? stored : undefined);
    case 'boolean':
      return (stored) => (stored === 1n ? true : stored === 0n ? false : undefined);
    case 'float64':
      return float;
    case 'decimal':
      return (stored) => decimal(stored, type.scale ?? 0);
    case 'bytes':
      return (stored) => (stored instanceof Uint8Array ? stored : undefined);
    case 'date':
      return (stored) =>
        isText(stored) && /^\d{4}-/.test(stored) ? parseTemporal('date', stored) : undefined;
    case 'time':
    case 'timestamp':
      return (stored) => (isText(stored) ? clockTime(type.kind, stored) : undefined);
    case 'instant':
      return (stored) => (isText(stored) ? parseTemporal('instant', stored.replace(' ', 'T')) : undefined);
    case 'string':
    case 'enum':
    case 'json':
      return (stored) => (isText(stored) ? (padded ? unpadded(stored) : stored) : undefined);
  }
}

/**
 * The driver puts U+FFFD where the file holds bytes that are no UTF-8, and does not say so: such a text has lost
 * bytes and is not shown.
 */
function isText(stored: unknown): stored is string {
  return typeof stored === 'string' && !stored.includes('\ufffd');
}

function unpadded(text: string): string {
  let end = text.length;
  while (text.charCodeAt(end - 1) === 0x20) end--;
  return text.slice(0, end);
}

function float(stored: unknown): Value | undefined {
  if (typeof stored === 'number') return stored;
  if (typeof stored !== 'bigint') return undefined;
  const number = Number(stored);
  return BigInt(number) === stored ? number : undefined;
}

function decimal(stored: unknown, scale: number): string | undefined {
  if (typeof stored === 'bigint') return rescale(stored.toString(), scale);
  if (typeof stored === 'string') {
    const parsed = parseDecimal(stored);
    return parsed === undefined ? undefined : rescale(parsed, scale);
  }
  return typeof stored === 'number' ? decimalBehind(stored, scale) : undefined;
}

/**
 * The one decimal of the scale that is stored as this binary fraction; undefined when there is none (the sum
 * 0.1 + 0.2) or more than one (too many digits for 53 bits).
 */
function decimalBehind(stored: number, scale: number): string | undefined {
  if (Math.abs(stored) >= 1e21 || scale > 100) return undefined;
  // `toFixed` gives the multiple of the scale nearest to the exact value of the number (ECMA-262, 21.1.3.3).
  const nearest = stored.toFixed(scale);
  if (Number(nearest) !== stored) return undefined;
  // Up to 15 digits no two decimals share a binary fraction (IEEE 754, 53 bits): mostly that is all there is to see.
  if (nearest.length <= 15) return nearest;
  const unscaled = toScaled(nearest, scale);
  if (unscaled === undefined) return undefined;
  const alone = [unscaled - 1n, unscaled + 1n].every((other) => Number(fromScaled(other, scale)) !== stored);
  return alone ? nearest : undefined;
}

const CLOCK = {
  time: /^()(\d\d:\d\d)(?::([0-5]\d)(?:\.(\d{0,9}))?)?$/,
  timestamp: /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d)(?::([0-5]\d)(?:\.(\d{0,9}))?)?$/,
} as const;

/** SQLite's own forms, https://www.sqlite.org/lang_datefunc.html: a blank or T, seconds and fraction optional. */
function clockTime(kind: 'time' | 'timestamp', stored: string): string | undefined {
  const [, day = '', minutes, seconds = '00', fraction = ''] = CLOCK[kind].exec(stored) ?? [];
  if (minutes === undefined) return undefined;
  const digits = fraction.replace(/0+$/, '');
  const text = `${day}${day === '' ? '' : 'T'}${minutes}:${seconds}${digits === '' ? '' : `.${digits}`}`;
  return parseTemporal(kind, text) === undefined ? undefined : text;
}
