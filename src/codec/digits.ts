// Knows: decimal digits in bytes, zoned (DISPLAY) and packed (COMP-3), both ways.
// Must not know: records, charsets, policies.
//
// Rules: z/Architecture Principles of Operation (SA22-7832), "Decimal-Number Formats" and "Decimal Codes": digits are 0-9,
// sign codes A, C, E, F are plus and B, D are minus; anything else is no number. A field without S takes the plus codes only:
// its picture has no place for a minus, so dropping one would change the value.

import type { CodeFamily, PackedEncoding, ZonedEncoding } from './encoding.ts';
import { type Flaw, hexByte } from './flaw.ts';

/** Digits up to which a scaled number is exact in a JavaScript number: 10^15 < 2^53. */
export const SAFE_DIGITS = 15;

const MINUS = 0x10;
/** Entry of the tables below for a byte that is none. */
const NONE = 0xff;

/** Zone of digits without a sign: bytes are ZERO + digit. */
export const ZERO: Record<CodeFamily, number> = { ebcdic: 0xf0, ascii: 0x30 };

/** The blank that people leave where no number is. */
export const SPACE: Record<CodeFamily, number> = { ebcdic: 0x40, ascii: 0x20 };

const ASCII_PLUS = '{ABCDEFGHI';
const ASCII_MINUS = '}JKLMNOPQR';

/** Byte that carries an overpunched sign → its digit, with 0x10 added under a minus; 0xFF: none. */
export const OVERPUNCH: Record<CodeFamily, { readonly signed: Uint8Array; readonly unsigned: Uint8Array }> = {
  ebcdic: bothTables((byte) => {
    const zone = byte >> 4;
    const digit = byte & 0x0f;
    if (digit > 9 || zone < 0x0a) return NONE;
    return zone === 0x0b || zone === 0x0d ? digit | MINUS : digit;
  }),
  // How transfer programs show the same punches in ASCII: plain digits, {A-I for plus, }J-R for minus.
  ascii: bothTables((byte) => {
    if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
    const character = String.fromCharCode(byte);
    const plus = ASCII_PLUS.indexOf(character);
    const minus = ASCII_MINUS.indexOf(character);
    return plus >= 0 ? plus : minus >= 0 ? minus | MINUS : NONE;
  }),
};

/** Last byte of a packed number → its digit, with 0x10 added under a minus; 0xFF: none. */
export const PACKED_LAST = bothTables((byte) => {
  const digit = byte >> 4;
  const sign = byte & 0x0f;
  if (digit > 9 || sign < 0x0a) return NONE;
  return sign === 0x0b || sign === 0x0d ? digit | MINUS : digit;
});

/** Any other byte of a packed number → its two digits as 0-99; 0xFF: none. */
export const PACKED_PAIR = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >> 4 > 9 || (byte & 0x0f) > 9 ? NONE : (byte >> 4) * 10 + (byte & 0x0f),
);

/** The same byte → its two digits as ASCII, the first one in the low half; 0x8080: none. */
export const PACKED_TEXT = Uint16Array.from({ length: 256 }, (_, byte) =>
  PACKED_PAIR[byte] === NONE ? 0x8080 : 0x3030 | (byte >> 4) | ((byte & 0x0f) << 8),
);

function bothTables(entry: (byte: number) => number) {
  const signed = Uint8Array.from({ length: 256 }, (_, byte) => entry(byte));
  return { signed, unsigned: signed.map((code) => (code & MINUS ? NONE : code)) };
}

/**
 * Value of `length` zoned digits times ten to the scale, or NaN if any byte is irregular. At most 15 digits. The sign is
 * over the last digit; `zero` and `last` are the family's.
 */
export function zonedNumber(
  bytes: Uint8Array,
  at: number,
  length: number,
  zero: number,
  last: Uint8Array,
): number {
  const end = at + length - 1;
  let value = 0;
  let bad = 0;
  for (let p = at; p < end; p++) {
    const digit = (bytes[p] ?? 0) ^ zero;
    // Adding 6 sets a bit above the low four for everything but 0-9.
    bad |= digit + 6;
    value = value * 10 + digit;
  }
  const code = last[bytes[end] ?? 0] ?? NONE;
  if ((bad & 0x1f0) !== 0 || code === NONE) return Number.NaN;
  value = value * 10 + (code & 0x0f);
  // Zero minus zero is plain zero.
  return code & MINUS ? 0 - value : value;
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

/** Is the first nibble no digit of the picture? True for an even number of digits. */
export function hasPadNibble(digits: number): boolean {
  return digits % 2 === 0;
}

/** The number without its point, or what is wrong with the first bad byte. Any number of digits, any place of the sign. */
export function readZoned(
  encoding: ZonedEncoding,
  bytes: Uint8Array,
  at: number,
  length: number,
): bigint | Flaw {
  const zero = ZERO[encoding.family];
  const leading = encoding.sign.startsWith('leading');
  const separate = encoding.sign.endsWith('separate');
  const signAt = leading ? 0 : length - 1;
  let digits = '';
  let negative = false;
  for (let i = 0; i < length; i++) {
    const byte = bytes[at + i] ?? 0;
    if (separate && i === signAt) {
      const sign = separateSign(encoding.family, byte);
      if (sign === undefined) return badZoned('bad-zoned-sign', i, byte, 'no sign');
      negative = sign === '-';
    } else if (!separate && i === signAt) {
      const code = OVERPUNCH[encoding.family].signed[byte] ?? NONE;
      if (code === NONE) {
        const digit = (byte ^ zero) > 9 && encoding.family === 'ebcdic' && (byte & 0x0f) <= 9;
        return badZoned(digit ? 'bad-zoned-sign' : 'bad-zoned-digit', i, byte, 'no digit with a sign');
      }
      negative = (code & MINUS) !== 0;
      if (negative && !encoding.signed) return unsignedMinus(`byte ${i + 1} is ${hexByte(byte)}`);
      digits += code & 0x0f;
    } else {
      const digit = byte ^ zero;
      if (digit > 9) return badZoned('bad-zoned-digit', i, byte, 'no digit');
      digits += digit;
    }
  }
  return signedBigInt(digits, negative);
}

function badZoned(flaw: string, index: number, byte: number, what: string): Flaw {
  return { flaw, message: `byte ${index + 1} is ${hexByte(byte)}, ${what}` };
}

function unsignedMinus(found: string): Flaw {
  return { flaw: 'unsigned-minus', message: `${found}, a minus, but the picture has no sign` };
}

const SEPARATE_SIGNS: Record<CodeFamily, { readonly plus: number; readonly minus: number }> = {
  ebcdic: { plus: 0x4e, minus: 0x60 },
  ascii: { plus: 0x2b, minus: 0x2d },
};

function separateSign(family: CodeFamily, byte: number): '+' | '-' | undefined {
  const { plus, minus } = SEPARATE_SIGNS[family];
  return byte === plus ? '+' : byte === minus ? '-' : undefined;
}

/** The number without its point, or what is wrong with the first bad nibble. Nibbles are counted from 1. */
export function readPacked(
  encoding: PackedEncoding,
  bytes: Uint8Array,
  at: number,
  length: number,
): bigint | Flaw {
  let digits = '';
  const nibbles = length * 2;
  for (let i = 0; i < nibbles - 1; i++) {
    const nibble = nibbleAt(bytes, at, i);
    const found = `nibble ${i + 1} is ${nibble.toString(16).toUpperCase()}`;
    if (nibble > 9) return { flaw: 'bad-packed-digit', message: `${found}, no digit` };
    if (i === 0 && nibble !== 0 && hasPadNibble(encoding.digits)) {
      return {
        flaw: 'bad-packed-pad',
        message: `${found}, but the picture has ${encoding.digits} digits and this one must be 0`,
      };
    }
    digits += nibble;
  }
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

function signedBigInt(digits: string, negative: boolean): bigint {
  const value = BigInt(digits);
  return negative ? -value : value;
}

/** Writes a number that fits (see `fits`) with the preferred signs: C and D for signed, F for unsigned. */
export function writeZoned(
  encoding: ZonedEncoding,
  value: bigint,
  bytes: Uint8Array,
  at: number,
  length: number,
): void {
  const zero = ZERO[encoding.family];
  const leading = encoding.sign.startsWith('leading');
  const separate = encoding.sign.endsWith('separate');
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(encoding.digits, '0');
  const first = separate && leading ? at + 1 : at;
  for (let i = 0; i < digits.length; i++) bytes[first + i] = zero | Number(digits[i]);
  const signAt = leading ? at : at + length - 1;
  if (separate) bytes[signAt] = SEPARATE_SIGNS[encoding.family][negative ? 'minus' : 'plus'];
  else if (encoding.signed) bytes[signAt] = overpunched(encoding.family, bytes[signAt] ?? 0, negative);
}

function overpunched(family: CodeFamily, plain: number, negative: boolean): number {
  const digit = plain & 0x0f;
  if (family === 'ebcdic') return (negative ? 0xd0 : 0xc0) | digit;
  return (negative ? ASCII_MINUS : ASCII_PLUS).charCodeAt(digit);
}

/** Writes a number that fits with the preferred signs: C and D for signed, F for unsigned. */
export function writePacked(
  encoding: PackedEncoding,
  value: bigint,
  bytes: Uint8Array,
  at: number,
  length: number,
): void {
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(length * 2 - 1, '0');
  const sign = encoding.signed ? (negative ? 'd' : 'c') : 'f';
  bytes.set(Uint8Array.fromHex(digits + sign), at);
}
