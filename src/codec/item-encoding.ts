// Knows: how an elementary COBOL item is stored: bytes, encoding, and the type that the API shows.
// Must not know: offsets, groups.

import { Fault } from '../fault.ts';
import type { Scalar } from '../model/type.ts';
import { binaryBytes, binaryRange } from './binary.ts';
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

/** The narrowest type that holds every number of the field: up to 9 digits int32, up to 18 int64, everything else decimal. */
export function typeOfNumber(encoding: NumberEncoding): Scalar {
  const { scale } = encoding;
  const { min, max } = rangeOf(encoding);
  if (scale === 0 && min >= -(2n ** 31n) && max < 2n ** 31n) return { kind: 'int32' };
  if (scale === 0 && min >= -(2n ** 63n) && max < 2n ** 63n) return { kind: 'int64' };
  return { kind: 'decimal', precision: Math.max(max.toString().length, scale), scale };
}

/** Under TRUNC(BIN) the bits count, everywhere else the digits of the picture. */
function rangeOf(encoding: NumberEncoding): { readonly min: bigint; readonly max: bigint } {
  if (encoding.kind === 'binary') return binaryRange(encoding);
  const max = 10n ** BigInt(encoding.digits) - 1n;
  return { min: encoding.signed ? -max : 0n, max };
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
