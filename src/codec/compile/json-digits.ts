// Knows: numbers of legacy bytes as JSON digits, written straight into a buffer.
// Must not know: quotes, fields and faults. -1 says that the bytes are irregular; what was written counts for nothing.
//
// All of these write the canonical text of model/decimal: no leading zeros, the scale kept, no negative zero. A negative scale is zeros behind the
// digits.

import { binaryParts } from '../binary.ts';
import { MINUS, NONE, PACKED_PAIR, PACKED_TEXT } from '../digits.ts';

const DIGIT_0 = 0x30;
const HYPHEN = 0x2d;
const POINT = 0x2e;

/** Zoned digits; the tables and `sign` as in zonedNumber. */
export function writeZonedDigits(
  bytes: Uint8Array,
  at: number,
  length: number,
  head: Uint8Array,
  body: Uint8Array,
  tail: Uint8Array,
  sign: number,
  scale: number,
  out: Uint8Array,
  to: number,
): number {
  const end = at + length - 1;
  const last = tail[bytes[end] ?? 0] ?? NONE;
  const first = length > 1 ? (head[bytes[at] ?? 0] ?? NONE) : last;
  let seen = sign | last | first;
  if ((seen & 0x80) !== 0) return -1;
  // The digit of the units, and with P behind it the last one, are never skipped.
  const units = scale > 0 ? end - scale : end;
  let p = at;
  if (p < units && (first & 0x0f) === 0) {
    p++;
    while (p < units && body[bytes[p] ?? 0] === 0) p++;
  }
  let n = to;
  if ((seen & MINUS) !== 0) {
    if (isZonedZero(bytes, p, end, at, first, body, last)) seen = 0;
    else out[n++] = HYPHEN;
  }
  for (let zeros = at - units; zeros > 0; zeros--) out[n++] = DIGIT_0;
  if (p === at && p < end) {
    out[n++] = DIGIT_0 | (first & 0x0f);
    p++;
  }
  for (; p < end; p++) {
    const digit = body[bytes[p] ?? 0] ?? NONE;
    seen |= digit;
    out[n++] = DIGIT_0 | digit;
  }
  out[n++] = DIGIT_0 | (last & 0x0f);
  return (seen & 0x80) === 0 ? withPoint(scale, out, to, n) : -1;
}

function isZonedZero(
  bytes: Uint8Array,
  from: number,
  end: number,
  at: number,
  first: number,
  body: Uint8Array,
  last: number,
): boolean {
  if ((last & 0x0f) !== 0 || (from === at && (first & 0x0f) !== 0)) return false;
  for (let p = Math.max(from, at + 1); p < end; p++) if (body[bytes[p] ?? 0] !== 0) return false;
  return true;
}

/** Puts the point before the last `scale` digits, or zeros behind them; returns the offset behind all of it. `from`: where the number begins. */
function withPoint(scale: number, out: Uint8Array, from: number, end: number): number {
  if (scale === 0) return end;
  if (scale < 0) {
    if (end - from === 1 && out[from] === DIGIT_0) return end;
    out.fill(DIGIT_0, end, end - scale);
    return end - scale;
  }
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
  let leading = 2 * length - 2 - (scale > 0 ? scale : 0);
  let p = at;
  for (; leading > 1 && bytes[p] === 0; leading -= 2) p++;
  let n = to;
  if ((code & MINUS) !== 0 && !isPacked0(bytes, p, end, code)) out[n++] = HYPHEN;
  for (; leading < 0; leading++) out[n++] = DIGIT_0;
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
  return (bad & 0x8080) === 0 ? withPoint(scale, out, to, n) : -1;
}

function isPacked0(bytes: Uint8Array, from: number, end: number, code: number): boolean {
  for (let p = from; p < end; p++) if (bytes[p] !== 0) return false;
  return code === MINUS;
}

/** Packed digits without a sign nibble. */
export function writeSignlessDigits(
  bytes: Uint8Array,
  at: number,
  length: number,
  padded: boolean,
  scale: number,
  out: Uint8Array,
  to: number,
): number {
  if (padded && (bytes[at] ?? 0) > 0x0f) return -1;
  const digits = 2 * length;
  let skipped = 0;
  let n = to;
  for (let zeros = scale + 1 - digits; zeros > 0; zeros--) out[n++] = DIGIT_0;
  const skippable = digits - 1 - (scale > 0 ? scale : 0);
  let isLeading = true;
  for (let p = at; p < at + length; p++) {
    const byte = bytes[p] ?? 0;
    if (PACKED_PAIR[byte] === NONE) return -1;
    for (const digit of [byte >> 4, byte & 0x0f]) {
      if (isLeading && digit === 0 && skipped < skippable) skipped++;
      else {
        isLeading = false;
        out[n++] = DIGIT_0 | digit;
      }
    }
  }
  return withPoint(scale, out, to, n);
}

const BILLION = 1_000_000_000;
const parts = new Uint32Array(5);

/** Two digits as ASCII, the first one in the low half. */
const PAIRS = Uint16Array.from(
  { length: 100 },
  (_, pair) => DIGIT_0 + Math.floor(pair / 10) + ((DIGIT_0 + (pair % 10)) << 8),
);

/** A whole number that is exact in JavaScript, times ten to minus `scale`. NaN is irregular. */
export function writeScaled(value: number, scale: number, out: Uint8Array, to: number): number {
  if (Number.isNaN(value)) return -1;
  const magnitude = value < 0 ? -value : value;
  if (magnitude < BILLION) {
    parts[0] = magnitude;
    return writeParts(1, value < 0, scale, out, to);
  }
  const high = Math.floor(magnitude / BILLION);
  parts[0] = magnitude - high * BILLION;
  parts[1] = high;
  return writeParts(2, value < 0, scale, out, to);
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

/** The number in `parts`, base 10^9, the most significant of `count` last. */
function writeParts(count: number, negative: boolean, scale: number, out: Uint8Array, to: number): number {
  let n = to;
  if (negative) out[n++] = HYPHEN;
  const top = parts[count - 1] ?? 0;
  const length = 9 * (count - 1) + digitCount(top);
  for (let zeros = scale + 1 - length; zeros > 0; zeros--) out[n++] = DIGIT_0;
  const end = n + length;
  let p = end;
  for (let i = 0; i < count; i++) {
    let rest = (parts[i] ?? 0) | 0;
    const start = i === count - 1 ? n : p - 9;
    while (p > start + 1) {
      const hundredth = (rest / 100) | 0;
      const pair = PAIRS[rest - hundredth * 100] ?? 0;
      rest = hundredth;
      out[--p] = pair >> 8;
      out[--p] = pair;
    }
    if (p > start) out[--p] = DIGIT_0 + rest;
  }
  return withPoint(scale, out, to, end);
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
