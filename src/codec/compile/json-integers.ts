// Knows: whole numbers of JavaScript and of binary fields as JSON digits, written straight into a buffer, in the manner of json-digits.
// Must not know: quotes, fields and faults. -1 says that the number is irregular; what was written counts for nothing.

import { binaryParts } from '../scalars/binary.ts';
import { withPoint } from './json-digits.ts';

const DIGIT_0 = 0x30;
const HYPHEN = 0x2d;
const POINT = 0x2e;

const BILLION = 1_000_000_000;
const parts = new Uint32Array(5);

/** Two digits as ASCII, the first one in the low half. */
const PAIRS = Uint16Array.from(
  { length: 100 },
  (_, pair) => DIGIT_0 + Math.floor(pair / 10) + ((DIGIT_0 + (pair % 10)) << 8),
);

/** Ten to the powers of 0 to 8. */
const POWERS = Uint32Array.from({ length: 9 }, (_, exponent) => 10 ** exponent);

/** A whole number that is exact in JavaScript, times ten to minus `scale`. NaN is irregular. */
export function writeScaled(value: number, scale: number, out: Uint8Array, to: number): number {
  if (Number.isNaN(value)) return -1;
  const magnitude = value < 0 ? -value : value;
  if (magnitude < BILLION) return writeSmall(magnitude | 0, value < 0, scale, out, to);
  const high = Math.floor(magnitude / BILLION);
  parts[0] = magnitude - high * BILLION;
  parts[1] = high;
  return writeParts(2, value < 0, scale, out, to);
}

/** The same, irregular outside of `min` and `max`. */
export function writeWithin(
  value: number,
  min: number,
  max: number,
  scale: number,
  out: Uint8Array,
  to: number,
): number {
  return value >= min && value <= max ? writeScaled(value, scale, out, to) : -1;
}

/** A number below 10^9. */
function writeSmall(size: number, negative: boolean, scale: number, out: Uint8Array, to: number): number {
  let n = to;
  if (negative) out[n++] = HYPHEN;
  if (scale > 0 && scale < POWERS.length) {
    const power = POWERS[scale] ?? 1;
    const whole = (size / power) | 0;
    n = writeDigits(whole, digitCount(whole), out, n);
    out[n++] = POINT;
    return writeDigits(size - whole * power, scale, out, n);
  }
  const length = digitCount(size);
  for (let zeros = scale + 1 - length; zeros > 0; zeros--) out[n++] = DIGIT_0;
  return withPoint(scale, out, to, writeDigits(size, length, out, n));
}

/** Exactly `count` digits of a number below 2^32; returns the offset behind them. */
function writeDigits(value: number, count: number, out: Uint8Array, to: number): number {
  let rest = value;
  let p = to + count;
  while (p > to + 1) {
    const hundredth = Math.floor(rest / 100);
    const pair = PAIRS[rest - hundredth * 100] ?? 0;
    rest = hundredth;
    out[--p] = pair >> 8;
    out[--p] = pair;
  }
  if (p > to) out[to] = DIGIT_0 + rest;
  return to + count;
}

/** A binary integer of any length; irregular with more than `digits` digits. */
export function writeBinaryDigits(
  bytes: Uint8Array,
  at: number,
  length: number,
  little: boolean,
  signed: boolean,
  digits: number,
  scale: number,
  out: Uint8Array,
  to: number,
): number {
  const count = binaryParts(bytes, at, length, little, signed, parts);
  const size = count < 0 ? -count : count;
  if (9 * (size - 1) + digitCount(parts[size - 1] ?? 0) > digits) return -1;
  return writeParts(size, count < 0, scale, out, to);
}

/** A high word below this makes a number that is exact in JavaScript. */
const EXACT_HIGH = 0x20_0000;

/** A binary integer of eight bytes: its high word, with the sign, and its low one; irregular with more than `digits` digits, of 16 and more. */
export function writeEightBytes(
  high: number,
  low: number,
  digits: number,
  scale: number,
  out: Uint8Array,
  to: number,
): number {
  const negative = high < 0;
  const top = !negative ? high : (low === 0 ? -high : ~high) >>> 0;
  const bottom = !negative ? low : -low >>> 0;
  const size = top * 0x1_0000_0000 + bottom;
  if (top < EXACT_HIGH) return writeScaled(negative ? -size : size, scale, out, to);
  // The quotient may be off by one, since the size is no exact JavaScript number; the remainder's low bits tell.
  let quotient = Math.floor(size / BILLION);
  let rest = (bottom - Math.imul(quotient, BILLION)) | 0;
  if (rest < 0) {
    rest += BILLION;
    quotient--;
  } else if (rest >= BILLION) {
    rest -= BILLION;
    quotient++;
  }
  const highest = Math.floor(quotient / BILLION);
  parts[0] = rest;
  parts[1] = quotient - highest * BILLION;
  parts[2] = highest;
  const count = highest === 0 ? 2 : 3;
  if (9 * (count - 1) + digitCount(parts[count - 1] ?? 0) > digits) return -1;
  return writeParts(count, negative, scale, out, to);
}

/** The number in `parts`, base 10^9, the most significant of `count` last. */
function writeParts(count: number, negative: boolean, scale: number, out: Uint8Array, to: number): number {
  let n = to;
  if (negative) out[n++] = HYPHEN;
  const top = parts[count - 1] ?? 0;
  const length = 9 * (count - 1) + digitCount(top);
  for (let zeros = scale + 1 - length; zeros > 0; zeros--) out[n++] = DIGIT_0;
  n = writeDigits(top, length - 9 * (count - 1), out, n);
  for (let i = count - 2; i >= 0; i--) n = writeDigits(parts[i] ?? 0, 9, out, n);
  return withPoint(scale, out, to, n);
}

function digitCount(value: number): number {
  if (value < 10_000) return value < 100 ? (value < 10 ? 1 : 2) : value < 1_000 ? 3 : 4;
  if (value < 1_000_000) return value < 100_000 ? 5 : 6;
  return value < 100_000_000 ? (value < 10_000_000 ? 7 : 8) : value < BILLION ? 9 : 10;
}

/** A floating point number as JSON shows it. NaN is irregular. */
export function writeFloatDigits(value: number, out: Uint8Array, to: number): number {
  if (Number.isSafeInteger(value)) return writeScaled(value, 0, out, to);
  if (Number.isNaN(value)) return -1;
  const text = String(value);
  for (let i = 0; i < text.length; i++) out[to + i] = text.charCodeAt(i);
  return to + text.length;
}

/** Canonical text of a whole number times ten to minus `scale` (at least 1). */
export function scaledText(value: number, scale: number): string {
  const digits = String(Math.abs(value)).padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${value < 0 ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}
