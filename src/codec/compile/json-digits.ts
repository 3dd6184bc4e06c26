// Knows: numbers of legacy bytes as JSON digits, written straight into a buffer.
// Must not know: quotes, fields and faults. -1 says that the bytes are irregular; what was written counts for nothing.
//
// All of these write the canonical text of model/decimal: no leading zeros, the scale kept, no negative zero. A negative scale is zeros behind the
// digits.

import { MINUS, NONE, PACKED_PAIR, PACKED_TEXT } from '../scalars/digits.ts';

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
  if (units < at) n = writePointZeros(at - units, out, n);
  if (p === at && p < end) {
    out[n++] = DIGIT_0 | (first & 0x0f);
    p++;
    if (units === at) out[n++] = POINT;
  }
  for (; p <= units && p < end; p++) {
    const digit = body[bytes[p] ?? 0] ?? NONE;
    seen |= digit;
    out[n++] = DIGIT_0 | digit;
  }
  if (units > at && units < end) out[n++] = POINT;
  for (; p < end; p++) {
    const digit = body[bytes[p] ?? 0] ?? NONE;
    seen |= digit;
    out[n++] = DIGIT_0 | digit;
  }
  out[n++] = DIGIT_0 | (last & 0x0f);
  if ((seen & 0x80) !== 0) return -1;
  return scale < 0 ? withZeros(-scale, out, to, n) : n;
}

/** `0.`, and zeros behind it; `zeros` counts the one before the point too. */
function writePointZeros(zeros: number, out: Uint8Array, to: number): number {
  out[to] = DIGIT_0;
  out[to + 1] = POINT;
  for (let i = 1; i < zeros; i++) out[to + 1 + i] = DIGIT_0;
  return to + 1 + zeros;
}

/** Puts zeros behind the digits of a number that is not zero. `from`: where it begins. */
function withZeros(zeros: number, out: Uint8Array, from: number, end: number): number {
  if (end - from === 1 && out[from] === DIGIT_0) return end;
  out.fill(DIGIT_0, end, end + zeros);
  return end + zeros;
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
export function withPoint(scale: number, out: Uint8Array, from: number, end: number): number {
  if (scale === 0) return end;
  if (scale < 0) return withZeros(-scale, out, from, end);
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
  if (leading < 0) n = writePointZeros(-leading, out, n);
  let bad = 0;
  // Digits before the point that are still to be written.
  let whole = leading < 0 ? -1 : leading + 1;
  if (leading > 0 && p < end && (bytes[p] ?? 0) <= 0x0f) {
    bad = (PACKED_TEXT[bytes[p] ?? 0] ?? 0) >> 8;
    out[n++] = bad;
    whole -= 2;
    p++;
  }
  for (; whole > 1 && p < end; whole -= 2, p++, n += 2) {
    const two = PACKED_TEXT[bytes[p] ?? 0] ?? 0;
    bad |= two;
    output.setUint16(n, two, true);
  }
  if (whole === 1 && p < end) {
    const two = PACKED_TEXT[bytes[p] ?? 0] ?? 0;
    bad |= two;
    out[n] = two;
    out[n + 1] = POINT;
    out[n + 2] = two >> 8;
    n += 3;
    p++;
  } else if (whole === 0) out[n++] = POINT;
  for (; p < end; p++, n += 2) {
    const two = PACKED_TEXT[bytes[p] ?? 0] ?? 0;
    bad |= two;
    output.setUint16(n, two, true);
  }
  out[n++] = DIGIT_0 | (code & 0x0f);
  if ((bad & 0x8080) !== 0) return -1;
  return scale < 0 ? withZeros(-scale, out, to, n) : n;
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
