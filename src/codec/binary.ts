// Knows: binary integers (COMP, COMP-4, BINARY), both ways.
// Must not know: records, policies.

import type { BinaryEncoding } from './encoding.ts';
import type { Flaw } from './flaw.ts';

/** Bytes of a binary item by its digits: 1-4, 5-9, 10-18 (Enterprise COBOL Language Reference, "USAGE COMPUTATIONAL"). */
export function binaryBytes(digits: number): 2 | 4 | 8 {
  return digits <= 4 ? 2 : digits <= 9 ? 4 : 8;
}

/** Values that a binary field may hold, both ends included: its picture's under TRUNC(STD), its bits' under TRUNC(BIN). */
export function binaryRange(encoding: BinaryEncoding): { readonly min: bigint; readonly max: bigint } {
  if (encoding.trunc === 'std') {
    const max = 10n ** BigInt(encoding.digits) - 1n;
    return { min: encoding.signed ? -max : 0n, max };
  }
  const bits = BigInt(binaryBytes(encoding.digits)) * 8n;
  return encoding.signed
    ? { min: -(2n ** (bits - 1n)), max: 2n ** (bits - 1n) - 1n }
    : { min: 0n, max: 2n ** bits - 1n };
}

function twosComplement(bytes: Uint8Array, at: number, length: number, signed: boolean): number {
  const high = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  if (length === 2) return signed ? (high << 16) >> 16 : high;
  const all = (high << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  return signed ? all : all >>> 0;
}

/** The number times ten to the scale; NaN outside `min` and `max` and where a JavaScript number is not exact. */
export function binaryNumber(
  bytes: Uint8Array,
  at: number,
  length: number,
  signed: boolean,
  min: number,
  max: number,
): number {
  const value =
    length === 8
      ? twosComplement(bytes, at, 4, signed) * 0x1_0000_0000 + twosComplement(bytes, at + 4, 4, false)
      : twosComplement(bytes, at, length, signed);
  return value >= min && value <= max && Number.isSafeInteger(value) ? value : Number.NaN;
}

/** The number without its point, or that it has more digits than the picture. */
export function readBinary(
  encoding: BinaryEncoding,
  bytes: Uint8Array,
  at: number,
  length: number,
): bigint | Flaw {
  let value = BigInt(twosComplement(bytes, at, Math.min(length, 4), encoding.signed));
  if (length === 8) value = value * 0x1_0000_0000n + BigInt(twosComplement(bytes, at + 4, 4, false));
  const { min, max } = binaryRange(encoding);
  if (value >= min && value <= max) return value;
  return {
    flaw: 'binary-beyond-picture',
    message: `the number ${value} has more than the ${encoding.digits} digits of its picture; TRUNC(BIN) programs write such numbers, and the policy "trunc: bin" reads them`,
  };
}

/** Writes a number that is within `binaryRange`. */
export function writeBinary(value: bigint, bytes: Uint8Array, at: number, length: number): void {
  let rest = BigInt.asUintN(length * 8, value);
  for (let p = at + length - 1; p >= at; p--) {
    bytes[p] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}
