// Knows: numbers that stand in a field as people read them, as JSON digits, written straight into a buffer.
// Must not know: quotes, fields and faults. -1 says that the bytes are irregular, or not as plain as these kernels take them.

import { MINUS, NONE } from '../scalars/digits.ts';
import { type EditProgram, readEdited } from '../scalars/edited.ts';
import { writeZonedDigits } from './json-digits.ts';

/** A digit as itself. */
const ITSELF = Uint8Array.from({ length: 256 }, (_, byte) => (byte <= 9 ? byte : NONE));

/** The number of an edited picture. `digits`: room for its digits. */
export function writeEditedDigits(
  program: EditProgram,
  digits: Uint8Array,
  bytes: Uint8Array,
  at: number,
  scale: number,
  out: Uint8Array,
  to: number,
): number {
  const sign = readEdited(program, bytes, at, digits);
  if (sign < 0) return -1;
  return writeZonedDigits(digits, 0, digits.length, ITSELF, ITSELF, ITSELF, sign * MINUS, scale, out, to);
}

/** What a kernel needs to know of a number text. */
export interface PlainNumberText {
  readonly blank: number;
  readonly plus: number;
  readonly minus: number;
  /** The point's byte, which stands before exactly `scale` digits; -1: no point. */
  readonly point: number;
  readonly scale: number;
  /** Byte → digit, of any digit, and of the last with its sign over it. */
  readonly plain: Uint8Array;
  readonly last: Uint8Array;
  readonly signed: boolean;
}

const digits = new Uint8Array(64);

/** A number text of blanks, a sign, digits, perhaps a point and the digits behind it, in this order. */
export function writeNumberTextDigits(
  how: PlainNumberText,
  bytes: Uint8Array,
  at: number,
  length: number,
  out: Uint8Array,
  to: number,
): number {
  const { blank, plain, point, scale } = how;
  let p = at;
  let end = at + length;
  while (p < end && bytes[p] === blank) p++;
  while (p < end && bytes[end - 1] === blank) end--;
  const first = bytes[p] ?? 0;
  const isMinus = first === how.minus;
  const hasSign = isMinus || first === how.plus;
  if (isMinus && !how.signed) return -1;
  if (hasSign) p++;
  const pointAt = point < 0 ? -1 : end - scale - 1;
  if (p >= end || (point >= 0 && (pointAt < p || bytes[pointAt] !== point)) || end - p > 64) return -1;
  let count = 0;
  let seen = 0;
  for (; p < end - 1; p++) {
    if (p === pointAt) continue;
    const digit = plain[bytes[p] ?? 0] ?? NONE;
    seen |= digit;
    digits[count++] = digit;
  }
  // One sign is enough.
  const code = (hasSign ? plain : how.last)[bytes[end - 1] ?? 0] ?? NONE;
  seen |= code;
  digits[count++] = code & 0x0f;
  if ((seen & 0x80) !== 0) return -1;
  const sign = isMinus || (code & MINUS) !== 0 ? MINUS : 0;
  return writeZonedDigits(digits, 0, count, ITSELF, ITSELF, ITSELF, sign, scale, out, to);
}
