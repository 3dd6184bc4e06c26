// Knows: binary integers (COMP, COMP-4, COMP-5, COMP-X, BINARY) of 1 to 16 bytes in either order, both ways.
// Must not know: records, policies.

import type { BinaryEncoding } from '../encoding.ts';
import type { Flaw } from './flaw.ts';

/** Bytes of a binary item by its digits: 1-4, 5-9, 10-18 (Enterprise COBOL Language Reference, "USAGE COMPUTATIONAL"). */
export function binaryBytes(digits: number): 2 | 4 | 8 {
  return digits <= 4 ? 2 : digits <= 9 ? 4 : 8;
}

/**
 * Values that a binary field may hold, both ends included: its bits' under TRUNC(BIN), under TRUNC(STD) those of them that its picture
 * has digits for.
 */
export function binaryRange(encoding: BinaryEncoding): { readonly min: bigint; readonly max: bigint } {
  const bits = BigInt(encoding.bytes) * 8n;
  const most = encoding.signed ? 2n ** (bits - 1n) - 1n : 2n ** bits - 1n;
  const least = encoding.signed ? -most - 1n : 0n;
  if (encoding.trunc === 'bin') return { min: least, max: most };
  const max = 10n ** BigInt(encoding.digits) - 1n;
  return { min: -max > least ? -max : least, max: max < most ? max : most };
}

/** Up to four bytes as a number without a sign; `index` counts from the least significant byte. */
function word(
  bytes: Uint8Array,
  at: number,
  length: number,
  little: boolean,
  index: number,
  count: number,
): number {
  if (count === 4) {
    const p = little ? at + index : at + length - 4 - index;
    const b0 = bytes[p] ?? 0;
    const b1 = bytes[p + 1] ?? 0;
    const b2 = bytes[p + 2] ?? 0;
    const b3 = bytes[p + 3] ?? 0;
    return (
      (little ? (b3 << 24) | (b2 << 16) | (b1 << 8) | b0 : (b0 << 24) | (b1 << 16) | (b2 << 8) | b3) >>> 0
    );
  }
  const step = little ? 1 : -1;
  let p = little ? at + index : at + length - 1 - index;
  let value = 0;
  for (let shift = 0; shift < count * 8; shift += 8, p += step) value |= (bytes[p] ?? 0) << shift;
  return value >>> 0;
}

/** The most significant four bytes or fewer of a number, with its sign. */
function signedWord(value: number, count: number): number {
  const unused = 32 - count * 8;
  return (value << unused) >> unused;
}

/** The number times ten to the scale, of at most 8 bytes; NaN outside `min` and `max` and where a JavaScript number is not exact. */
export function binaryNumber(
  bytes: Uint8Array,
  at: number,
  length: number,
  little: boolean,
  signed: boolean,
  min: number,
  max: number,
): number {
  let value: number;
  if (length <= 4) {
    const all = word(bytes, at, length, little, 0, length);
    value = signed ? signedWord(all, length) : all;
  } else {
    const rest = length - 4;
    const high = word(bytes, at, length, little, 4, rest);
    value = (signed ? signedWord(high, rest) : high) * 0x1_0000_0000 + word(bytes, at, length, little, 0, 4);
  }
  return value >= min && value <= max && Number.isSafeInteger(value) ? value : Number.NaN;
}

const BILLION = 1_000_000_000;
/** A high word below this makes a number that is exact in JavaScript. */
const EXACT_HIGH = 0x20_0000;
const words = new Uint32Array(4);

/**
 * The size of the number in base 10^9 into `parts` (five entries), least significant part first; returns how many parts it has, their number
 * negated under a minus: no BigInt is made. 0 is one part.
 */
export function binaryParts(
  bytes: Uint8Array,
  at: number,
  length: number,
  little: boolean,
  signed: boolean,
  parts: Uint32Array,
): number {
  let top = (length - 1) >> 2;
  for (let i = 0; i <= top; i++) {
    words[i] = word(bytes, at, length, little, i * 4, Math.min(4, length - i * 4));
  }
  const highest = bytes[little ? at + length - 1 : at] ?? 0;
  const negative = signed && highest >= 0x80;
  if (negative) {
    words[top] = signedWord(words[top] ?? 0, length - top * 4);
    let carry = 1;
    for (let i = 0; i <= top; i++) {
      const flipped = (~(words[i] ?? 0) >>> 0) + carry;
      words[i] = flipped;
      carry = flipped > 0xffff_ffff ? 1 : 0;
    }
  }
  while (top > 0 && words[top] === 0) top--;
  let count = 0;
  while (top > 1 || (top === 1 && (words[1] ?? 0) >= EXACT_HIGH)) {
    parts[count++] = divideWords(top);
    while (top > 0 && words[top] === 0) top--;
  }
  let rest = (top === 1 ? (words[1] ?? 0) * 0x1_0000_0000 : 0) + (words[0] ?? 0);
  for (; rest >= BILLION; count++) {
    const quotient = Math.floor(rest / BILLION);
    parts[count] = rest - quotient * BILLION;
    rest = quotient;
  }
  parts[count++] = rest;
  return negative ? -count : count;
}

/** Divides the words up to `top` by 10^9 and returns the remainder. */
function divideWords(top: number): number {
  let rest = 0;
  for (let i = top; i >= 0; i--) {
    const low = words[i] ?? 0;
    // The quotient may be off by one, since the dividend is no exact JavaScript number; the remainder's low bits tell.
    let quotient = Math.floor((rest * 0x1_0000_0000 + low) / BILLION);
    rest = (low - Math.imul(quotient, BILLION)) | 0;
    if (rest < 0) {
      rest += BILLION;
      quotient--;
    } else if (rest >= BILLION) {
      rest -= BILLION;
      quotient++;
    }
    words[i] = quotient;
  }
  return rest;
}

/** The number without its point, or that it has more digits than the picture. */
export function readBinary(
  encoding: BinaryEncoding,
  bytes: Uint8Array,
  at: number,
  length: number,
): bigint | Flaw {
  const field = bytes.slice(at, at + length);
  const unsigned = BigInt(`0x${(encoding.order === 'little' ? field.reverse() : field).toHex()}`);
  const value = encoding.signed ? BigInt.asIntN(length * 8, unsigned) : unsigned;
  const { min, max } = binaryRange(encoding);
  if (value >= min && value <= max) return value;
  return {
    flaw: 'binary-beyond-picture',
    message: `the number ${value} has more than the ${encoding.digits} digits of its picture; TRUNC(BIN) programs write such numbers, and the policy "trunc: bin" reads them`,
  };
}

/** Writes a number that is within `binaryRange`. */
export function writeBinary(
  { order }: BinaryEncoding,
  value: bigint,
  bytes: Uint8Array,
  at: number,
  length: number,
): void {
  let rest = BigInt.asUintN(length * 8, value);
  for (let i = 0; i < length; i++) {
    bytes[order === 'little' ? at + i : at + length - 1 - i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}
