// Knows: what each byte of a decimal number means: digits, signs, zones, nibbles.
// Must not know: whole numbers, records, charsets, policies.
//
// Rules: z/Architecture Principles of Operation (SA22-7832), "Decimal-Number Formats" and "Decimal Codes": digits are 0-9,
// sign codes A, C, E, F are plus and B, D are minus; anything else is no number. A field without S takes the plus codes only:
// its picture has no place for a minus, so dropping one would change the value.

import type { CodeFamily } from '../encoding.ts';

/** Digits up to which a scaled number is exact in a JavaScript number: 10^15 < 2^53. */
export const SAFE_DIGITS = 15;

/** Bit of a table's entry for a minus. */
export const MINUS = 0x10;
/** Entry of the tables below for a byte that is none. Its highest bit is in no other entry. */
export const NONE = 0xff;

/** Zone of digits without a sign: bytes are ZERO + digit. */
export const ZERO: Record<CodeFamily, number> = { ebcdic: 0xf0, ascii: 0x30 };

/** The blank that people leave where no number is. */
export const SPACE: Record<CodeFamily, number> = { ebcdic: 0x40, ascii: 0x20 };

export const SEPARATE_SIGNS: Record<CodeFamily, { readonly plus: number; readonly minus: number }> = {
  ebcdic: { plus: 0x4e, minus: 0x60 },
  ascii: { plus: 0x2b, minus: 0x2d },
};

/** How transfer programs show EBCDIC's punches in ASCII: {A-I for plus, }J-R for minus. */
export const TRANSLATED_PLUS = '{ABCDEFGHI';
export const TRANSLATED_MINUS = '}JKLMNOPQR';

/** Byte → digit; 0xFF: none. */
export const PLAIN: Record<CodeFamily, Uint8Array> = {
  ebcdic: table((byte) => (byte >= 0xf0 && byte <= 0xf9 ? byte & 0x0f : NONE)),
  ascii: table((byte) => (byte >= 0x30 && byte <= 0x39 ? byte & 0x0f : NONE)),
};

/** Byte of any zone → digit; 0xFF: none. */
export const ANY_ZONE: Uint8Array = table((byte) => ((byte & 0x0f) <= 9 ? byte & 0x0f : NONE));

/** The same without the blank and x'00', which only a policy can tell from digits. */
export const ANY_INKED_ZONE: Record<CodeFamily, Uint8Array> = {
  ebcdic: table((byte) => (byte === 0 || byte === SPACE.ebcdic ? NONE : (ANY_ZONE[byte] ?? NONE))),
  ascii: table((byte) => (byte === 0 || byte === SPACE.ascii ? NONE : (ANY_ZONE[byte] ?? NONE))),
};

/** A sign's byte of its own → 0 or, under a minus, 0x10; 0xFF: none. */
export const SEPARATE: Record<CodeFamily, SignTables> = {
  ebcdic: bothTables((byte) => separateSign('ebcdic', byte)),
  ascii: bothTables((byte) => separateSign('ascii', byte)),
};

function separateSign(family: CodeFamily, byte: number): number {
  const { plus, minus } = SEPARATE_SIGNS[family];
  return byte === plus ? 0 : byte === minus ? MINUS : NONE;
}

/**
 * Byte that carries an overpunched sign → its digit, with 0x10 added under a minus; 0xFF: none. In ASCII a plus is a plain digit, and a minus
 * adds x'40' to it (`p` to `y`: Micro Focus, "SIGN clause"; GnuCOBOL does the same); translated EBCDIC is read too: no byte means two things.
 */
export const OVERPUNCH: Record<CodeFamily, SignTables> = {
  ebcdic: bothTables((byte) => {
    const zone = byte >> 4;
    const digit = byte & 0x0f;
    if (digit > 9 || zone < 0x0a) return NONE;
    return zone === 0x0b || zone === 0x0d ? digit | MINUS : digit;
  }),
  ascii: bothTables((byte) => {
    if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
    if (byte >= 0x70 && byte <= 0x79) return (byte - 0x70) | MINUS;
    const character = String.fromCharCode(byte);
    const plus = TRANSLATED_PLUS.indexOf(character);
    const minus = TRANSLATED_MINUS.indexOf(character);
    return plus >= 0 ? plus : minus >= 0 ? minus | MINUS : NONE;
  }),
};

/** Last byte of a packed number → its digit, with 0x10 added under a minus; 0xFF: none. */
export const PACKED_LAST: SignTables = bothTables((byte) => {
  const digit = byte >> 4;
  const sign = byte & 0x0f;
  if (digit > 9 || sign < 0x0a) return NONE;
  return sign === 0x0b || sign === 0x0d ? digit | MINUS : digit;
});

/** Any other byte of a packed number → its two digits as 0-99; 0xFF: none. */
export const PACKED_PAIR: Uint8Array = table((byte) =>
  byte >> 4 > 9 || (byte & 0x0f) > 9 ? NONE : (byte >> 4) * 10 + (byte & 0x0f),
);

/** The same byte → its two digits as ASCII, the first one in the low half; 0x8080: none. */
export const PACKED_TEXT: Uint16Array = Uint16Array.from({ length: 256 }, (_, byte) =>
  PACKED_PAIR[byte] === NONE ? 0x8080 : 0x3030 | (byte >> 4) | ((byte & 0x0f) << 8),
);

/** A table for fields with a sign, and one that takes no minus. */
export interface SignTables {
  readonly signed: Uint8Array;
  readonly unsigned: Uint8Array;
}

function table(entry: (byte: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => entry(byte));
}

function bothTables(entry: (byte: number) => number): SignTables {
  const signed = table(entry);
  return { signed, unsigned: signed.map((code) => (code & MINUS ? NONE : code)) };
}

/** The digits as a number without its point. */
export function signedBigInt(digits: string, negative: boolean): bigint {
  const value = BigInt(digits);
  return negative ? -value : value;
}
