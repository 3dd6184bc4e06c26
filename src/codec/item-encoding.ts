// Knows: how an elementary COBOL item is stored: bytes, encoding, and the type that the API shows.
// Must not know: offsets, groups.

import { Fault } from '../fault.ts';
import type { Scalar } from '../model/type.ts';
import { binaryBytes } from './binary.ts';
import { openCharset } from './charset.ts';
import type { Item } from './copybook/tree.ts';
import type { NumberEncoding, SubjectEncoding } from './encoding.ts';
import type { FieldPolicy } from './layout.ts';

/** Bytes of an elementary item (Enterprise COBOL Language Reference, "USAGE clause" and "PICTURE clause"). */
export function storageBytes({ picture, usage }: Item): number {
  if (picture === undefined) return 0;
  if (picture.category !== 'numeric' || usage === 'display') return picture.positions;
  return usage === 'comp' ? binaryBytes(picture.digits) : Math.floor(picture.digits / 2) + 1;
}

/** How an item's bytes are read; a group is text (its conditions look at it so). */
export function itemEncoding(item: Item, policy: FieldPolicy, recordCharset: string): SubjectEncoding {
  const { picture, usage } = item;
  const charset = openCharset(policy.charset ?? recordCharset);
  if (picture === undefined || picture.category === 'alphabetic' || picture.category === 'alphanumeric') {
    return { kind: 'text', charset: charset.name, trim: policy.trim ?? 'right' };
  }
  const { digits, scale, signed } = picture;
  if (picture.category === 'edited') {
    return { kind: 'number-text', digits, scale, signed, family: charset.family, point: 'explicit' };
  }
  switch (usage) {
    case 'display':
      return { kind: 'zoned', digits, scale, signed, sign: 'trailing', family: charset.family };
    case 'comp':
      return { kind: 'binary', digits, scale, signed, trunc: policy.trunc ?? 'std' };
    case 'comp-3':
      return { kind: 'packed', digits, scale, signed };
  }
}

/** Up to 9 digits int32, up to 18 int64, everything else decimal. Under TRUNC(BIN) the bits count, not the picture. */
export function typeOfNumber(encoding: NumberEncoding): Scalar {
  const { scale } = encoding;
  const digits =
    encoding.kind === 'binary' && encoding.trunc === 'bin' ? bitDigits(encoding) : encoding.digits;
  if (scale > 0) return { kind: 'decimal', precision: Math.max(digits, scale), scale };
  if (digits <= 9) return { kind: 'int32' };
  return digits <= 18 ? { kind: 'int64' } : { kind: 'decimal', precision: digits, scale };
}

/** Digits that choose a type wide enough for all bits: 2^31 needs 10 but fits int32 with a sign, 2^63 likewise int64. */
function bitDigits({ digits, signed }: NumberEncoding): number {
  switch (binaryBytes(digits)) {
    case 2:
      return 5;
    case 4:
      return signed ? 9 : 10;
    case 8:
      return signed ? 18 : 20;
  }
}

/** A fault of the copybook's meaning, with the item's line. */
export function itemFault(item: Item, message: string): Fault {
  const { line, column } = item.place;
  const name = item.name ?? 'FILLER';
  return new Fault('invalid', `Line ${line}, column ${column}: ${name} ${message}`, {
    code: 'copybook-layout',
    misconfigured: true,
  });
}
