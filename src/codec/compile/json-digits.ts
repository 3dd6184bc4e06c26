// Knows: numbers of legacy bytes as JSON digits, written straight into a buffer.
// Must not know: quotes, fields and faults. -1 says that the bytes are irregular; what was written counts for nothing.
//
// All of these write the canonical text of model/decimal: no leading zeros, the scale kept, no negative zero.

import { PACKED_TEXT } from '../digits.ts';

const MINUS = 0x10;
const NONE = 0xff;
const DIGIT_0 = 0x30;
const HYPHEN = 0x2d;
const POINT = 0x2e;

/** Zoned digits with the sign over the last one; `zero` and `last` as in zonedNumber. */
export function writeZonedDigits(
  bytes: Uint8Array,
  at: number,
  length: number,
  zero: number,
  last: Uint8Array,
  scale: number,
  out: Uint8Array,
  to: number,
): number {
  const end = at + length - 1;
  const code = last[bytes[end] ?? 0] ?? NONE;
  if (code === NONE) return -1;
  const units = end - scale;
  let p = at;
  while (p < units && bytes[p] === zero) p++;
  let n = to;
  if ((code & MINUS) !== 0 && !isZoned0(bytes, p, end, zero, code)) out[n++] = HYPHEN;
  if (units < at) out[n++] = DIGIT_0;
  let bad = 0;
  for (; p < end; p++) {
    const digit = (bytes[p] ?? 0) ^ zero;
    // Adding 6 sets a bit above the low four for everything but 0-9.
    bad |= digit + 6;
    out[n++] = DIGIT_0 | digit;
  }
  out[n++] = DIGIT_0 | (code & 0x0f);
  return (bad & 0x1f0) === 0 ? withPoint(scale, out, n) : -1;
}

function isZoned0(bytes: Uint8Array, from: number, end: number, zero: number, code: number): boolean {
  for (let p = from; p < end; p++) if (bytes[p] !== zero) return false;
  return code === MINUS;
}

/** Puts the point before the last `scale` digits; returns the offset behind them. */
function withPoint(scale: number, out: Uint8Array, end: number): number {
  if (scale === 0) return end;
  const point = end - scale;
  for (let p = end; p > point; p--) out[p] = out[p - 1] ?? 0;
  out[point] = POINT;
  return end + 1;
}

/** Packed digits; `padded` and `last` as in packedNumber. `output` is the view of `out`. */
export function writePackedDigits(
  bytes: Uint8Array,
  at: number,
  length: number,
  padded: boolean,
  last: Uint8Array,
  scale: number,
  out: Uint8Array,
  output: DataView,
  to: number,
): number {
  const end = at + length - 1;
  const code = last[bytes[end] ?? 0] ?? NONE;
  if (code === NONE || (padded && (bytes[at] ?? 0) > 0x0f)) return -1;
  // Digits before the one of the units; a zero among them is skipped while nothing stands before it.
  let leading = 2 * length - 2 - scale;
  let p = at;
  for (; leading > 1 && bytes[p] === 0; leading -= 2) p++;
  let n = to;
  if ((code & MINUS) !== 0 && !isPacked0(bytes, p, end, code)) out[n++] = HYPHEN;
  if (leading < 0) out[n++] = DIGIT_0;
  let bad = 0;
  if (leading > 0 && p < end && (bytes[p] ?? 0) <= 0x0f) {
    bad = (PACKED_TEXT[bytes[p] ?? 0] ?? 0) >> 8;
    out[n++] = bad;
    p++;
  }
  for (; p < end; p++, n += 2) {
    const two = PACKED_TEXT[bytes[p] ?? 0] ?? 0;
    bad |= two;
    output.setUint16(n, two, true);
  }
  out[n++] = DIGIT_0 | (code & 0x0f);
  return (bad & 0x8080) === 0 ? withPoint(scale, out, n) : -1;
}

function isPacked0(bytes: Uint8Array, from: number, end: number, code: number): boolean {
  for (let p = from; p < end; p++) if (bytes[p] !== 0) return false;
  return code === MINUS;
}

const BILLION = 1_000_000_000;

/** A whole number that is exact in JavaScript, times ten to minus `scale`. NaN is irregular. */
export function writeScaled(value: number, scale: number, out: Uint8Array, to: number): number {
  if (Number.isNaN(value)) return -1;
  let n = to;
  const magnitude = Math.abs(value);
  if (value < 0) out[n++] = HYPHEN;
  let high = Math.floor(magnitude / BILLION);
  let low = magnitude - high * BILLION;
  const digits = Math.max(scale + 1, high === 0 ? digitCount(low) : 9 + digitCount(high));
  const length = digits + (scale > 0 ? 1 : 0);
  for (let i = 1, place = 0, p = n + length - 1; i <= digits; i++, p--) {
    if (scale > 0 && i === scale + 1) out[p--] = POINT;
    const rest = Math.floor(low / 10);
    out[p] = DIGIT_0 | (low - rest * 10);
    low = rest;
    if (++place === 9) {
      low = high;
      high = 0;
    }
  }
  return n + length;
}

function digitCount(value: number): number {
  let count = 1;
  for (let bound = 10; value >= bound; bound *= 10) count++;
  return count;
}

/** Canonical text of a whole number times ten to minus `scale` (at least 1). */
export function scaledText(value: number, scale: number): string {
  const digits = String(Math.abs(value)).padStart(scale + 1, '0');
  const point = digits.length - scale;
  return `${value < 0 ? '-' : ''}${digits.slice(0, point)}.${digits.slice(point)}`;
}
