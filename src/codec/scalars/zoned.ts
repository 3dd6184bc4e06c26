// Knows: zoned decimal numbers (DISPLAY), both ways, with the sign in any of its places.
// Must not know: records, charsets, policies.

import type { CodeFamily, ZonedEncoding } from '../encoding.ts';
import {
  ANY_INKED_ZONE,
  ANY_ZONE,
  MINUS,
  NONE,
  OVERPUNCH,
  PLAIN,
  SEPARATE,
  SEPARATE_SIGNS,
  signedBigInt,
  TRANSLATED_MINUS,
  TRANSLATED_PLUS,
  ZERO,
} from './digits.ts';
import { type Flaw, hexByte, unsignedMinus } from './flaw.ts';

/** Where the digits stand in the field, and where a sign of its own. */
export function zonedParts({ sign }: ZonedEncoding, length: number) {
  const leading = sign.startsWith('leading');
  const separate = sign.endsWith('separate');
  return {
    separate,
    /** Index of the byte with the sign. */
    signAt: leading ? 0 : length - 1,
    first: separate && leading ? 1 : 0,
    count: separate ? length - 1 : length,
  };
}

/** Tables of a kernel: byte → digit for the first, the last, and all other digits; the bits of `digits.ts`. */
export interface ZonedTables {
  readonly head: Uint8Array;
  readonly body: Uint8Array;
  readonly tail: Uint8Array;
}

/** A number of one digit is its last. What only a policy decides is no digit in these tables. */
export function zonedTables(encoding: ZonedEncoding, length: number): ZonedTables {
  const { family, signed, zones } = encoding;
  const { separate, signAt } = zonedParts(encoding, length);
  const body = zones === 'ignore' ? ANY_INKED_ZONE[family] : PLAIN[family];
  if (separate) return { head: body, body, tail: body };
  const punched = signed || zones !== 'ignore' ? OVERPUNCH[family][signed ? 'signed' : 'unsigned'] : body;
  return signAt === length - 1 ? { head: body, body, tail: punched } : { head: punched, body, tail: body };
}

/**
 * Value of `length` zoned digits times ten to the scale, or NaN if any byte is irregular. At most 15 digits. `sign`: of a byte of its
 * own, by `SEPARATE`, else 0.
 */
export function zonedNumber(
  bytes: Uint8Array,
  at: number,
  length: number,
  head: Uint8Array,
  body: Uint8Array,
  tail: Uint8Array,
  sign: number,
): number {
  const end = at + length - 1;
  let seen = sign;
  let value = 0;
  let p = at;
  if (p < end) {
    const code = head[bytes[p++] ?? 0] ?? NONE;
    seen |= code;
    value = code & 0x0f;
  }
  for (; p < end; p++) {
    const digit = body[bytes[p] ?? 0] ?? NONE;
    seen |= digit;
    value = value * 10 + digit;
  }
  const code = tail[bytes[end] ?? 0] ?? NONE;
  seen |= code;
  if ((seen & 0x80) !== 0) return Number.NaN;
  value = value * 10 + (code & 0x0f);
  // Zero minus zero is plain zero.
  return seen & MINUS ? 0 - value : value;
}

/** The number without its point, or what is wrong with the first bad byte. Any number of digits, any place of the sign. */
export function readZoned(
  encoding: ZonedEncoding,
  bytes: Uint8Array,
  at: number,
  length: number,
): bigint | Flaw {
  const { family, signed } = encoding;
  const { separate, signAt } = zonedParts(encoding, length);
  const anyZone = encoding.zones === 'ignore';
  const plain = anyZone ? ANY_ZONE : PLAIN[family];
  // Without a sign, and with zones that do not count, no byte has a sign.
  const punchAt = separate || (anyZone && !signed) ? -1 : signAt;
  let digits = '';
  let negative = false;
  for (let i = 0; i < length; i++) {
    const byte = bytes[at + i] ?? 0;
    if (separate && i === signAt) {
      const sign = SEPARATE[family].signed[byte] ?? NONE;
      if (sign === NONE) return badZoned('bad-zoned-sign', i, byte, 'no sign');
      negative = sign === MINUS;
      if (negative && !signed) return unsignedMinus(`byte ${i + 1} is ${hexByte(byte)}`);
    } else if (i === punchAt) {
      const code = OVERPUNCH[family].signed[byte] ?? NONE;
      if (code === NONE) {
        const digit = family === 'ebcdic' && (byte & 0x0f) <= 9;
        return badZoned(digit ? 'bad-zoned-sign' : 'bad-zoned-digit', i, byte, 'no digit with a sign');
      }
      negative = (code & MINUS) !== 0;
      if (negative && !signed) return unsignedMinus(`byte ${i + 1} is ${hexByte(byte)}`);
      digits += code & 0x0f;
    } else {
      const digit = plain[byte] ?? NONE;
      if (digit === NONE) return badZoned('bad-zoned-digit', i, byte, 'no digit');
      digits += digit;
    }
  }
  return signedBigInt(digits, negative);
}

function badZoned(flaw: string, index: number, byte: number, what: string): Flaw {
  return { flaw, message: `byte ${index + 1} is ${hexByte(byte)}, ${what}` };
}

/**
 * Writes a number that has room. EBCDIC: the preferred signs C and D for signed, F for unsigned. ASCII: as COBOL compilers for ASCII machines
 * do, but where the field holds a translated punch ({A-I, }J-R), in its manner: its file came from a mainframe.
 */
export function writeZoned(
  encoding: ZonedEncoding,
  value: bigint,
  bytes: Uint8Array,
  at: number,
  length: number,
): void {
  const { family } = encoding;
  const { separate, signAt, first, count } = zonedParts(encoding, length);
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(count, '0');
  const before = bytes[at + signAt] ?? 0;
  for (let i = 0; i < count; i++) bytes[at + first + i] = ZERO[family] | Number(digits[i]);
  if (separate) bytes[at + signAt] = SEPARATE_SIGNS[family][negative ? 'minus' : 'plus'];
  else if (encoding.signed) {
    bytes[at + signAt] = overpunched(family, bytes[at + signAt] ?? 0, negative, before);
  }
}

function overpunched(family: CodeFamily, plain: number, negative: boolean, before: number): number {
  const digit = plain & 0x0f;
  if (family === 'ebcdic') return (negative ? 0xd0 : 0xc0) | digit;
  if ((TRANSLATED_PLUS + TRANSLATED_MINUS).includes(String.fromCharCode(before))) {
    return (negative ? TRANSLATED_MINUS : TRANSLATED_PLUS).charCodeAt(digit);
  }
  return negative ? 0x70 | digit : plain;
}
