// Knows: packed decimal numbers (COMP-3, and COMP-6 without a sign), both ways.
// Must not know: records, charsets, policies.

import type { PackedEncoding } from '../encoding.ts';
import { MINUS, NONE, PACKED_PAIR, signedBigInt } from './digits.ts';
import { type Flaw, unsignedMinus } from './flaw.ts';

/** Is the first nibble no digit of the picture? With a sign nibble that is so for an even number of digits, without one for an odd. */
export function hasPadNibble({ digits, signless }: PackedEncoding): boolean {
  return digits % 2 === (signless === true ? 1 : 0);
}

/** Value of a packed number of `length` bytes times ten to the scale, or NaN if any nibble is irregular. At most 15 digits. */
export function packedNumber(
  bytes: Uint8Array,
  at: number,
  length: number,
  padded: boolean,
  last: Uint8Array,
): number {
  const end = at + length - 1;
  let value = 0;
  let bad = 0;
  for (let p = at; p < end; p++) {
    const pair = PACKED_PAIR[bytes[p] ?? 0] ?? NONE;
    bad |= pair;
    value = value * 100 + pair;
  }
  const byte = bytes[end] ?? 0;
  const code = last[byte] ?? NONE;
  const pad = padded ? (bytes[at] ?? 0) & 0xf0 : 0;
  if ((bad & 0x80) !== 0 || code === NONE || pad !== 0) return Number.NaN;
  value = value * 10 + (code & 0x0f);
  return code & MINUS ? 0 - value : value;
}

/** The same without a sign nibble. */
export function signlessNumber(bytes: Uint8Array, at: number, length: number, padded: boolean): number {
  let value = 0;
  let bad = padded && (bytes[at] ?? 0) > 0x0f ? 0x80 : 0;
  for (let p = at; p < at + length; p++) {
    const pair = PACKED_PAIR[bytes[p] ?? 0] ?? NONE;
    bad |= pair;
    value = value * 100 + pair;
  }
  return (bad & 0x80) === 0 ? value : Number.NaN;
}

/** The number without its point, or what is wrong with the first bad nibble. Nibbles are counted from 1. */
export function readPacked(
  encoding: PackedEncoding,
  bytes: Uint8Array,
  at: number,
  length: number,
): bigint | Flaw {
  const { signless = false, digits: wanted } = encoding;
  let digits = '';
  const nibbles = length * 2;
  for (let i = 0; i < (signless ? nibbles : nibbles - 1); i++) {
    const nibble = nibbleAt(bytes, at, i);
    const found = `nibble ${i + 1} is ${nibble.toString(16).toUpperCase()}`;
    if (nibble > 9) return { flaw: 'bad-packed-digit', message: `${found}, no digit` };
    if (i === 0 && nibble !== 0 && hasPadNibble(encoding)) {
      return {
        flaw: 'bad-packed-pad',
        message: `${found}, but the picture has ${wanted} digits and this one must be 0`,
      };
    }
    digits += nibble;
  }
  if (signless) return BigInt(digits);
  const sign = nibbleAt(bytes, at, nibbles - 1);
  const found = `nibble ${nibbles} is ${sign.toString(16).toUpperCase()}`;
  if (sign <= 9) return { flaw: 'bad-packed-sign', message: `${found}, no sign` };
  const negative = sign === 0x0b || sign === 0x0d;
  if (negative && !encoding.signed) return unsignedMinus(found);
  return signedBigInt(digits, negative);
}

function nibbleAt(bytes: Uint8Array, at: number, index: number): number {
  const byte = bytes[at + (index >> 1)] ?? 0;
  return index % 2 === 0 ? byte >> 4 : byte & 0x0f;
}

/** Writes a number that has room, with the preferred signs: C and D for signed, F for unsigned. */
export function writePacked(
  encoding: PackedEncoding,
  value: bigint,
  bytes: Uint8Array,
  at: number,
  length: number,
): void {
  const negative = value < 0n;
  const sign = encoding.signless === true ? '' : encoding.signed ? (negative ? 'd' : 'c') : 'f';
  const digits = (negative ? -value : value).toString().padStart(length * 2 - sign.length, '0');
  bytes.set(Uint8Array.fromHex(digits + sign), at);
}
