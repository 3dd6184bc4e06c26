// Knows: how any of the number encodings is read and written, and what value a row gets from it.
// Must not know: policies, records.

import { fromScaled, toScaled } from '../../model/decimal.ts';
import type { ScalarKind } from '../../model/type.ts';
import type { Cell } from '../../model/value.ts';
import type { Charset } from '../charset.ts';
import type { Digits, NumberEncoding, NumberTextEncoding } from '../encoding.ts';
import { binaryRange, readBinary, writeBinary } from './binary.ts';
import { MINUS, NONE, OVERPUNCH, PLAIN, SPACE, ZERO } from './digits.ts';
import { editedReader, editedWriter } from './edited-field.ts';
import { type Flaw, isFlaw, type ScalarValue, WRONG_TYPE } from './flaw.ts';
import { readNumberText, writeNumberText } from './number-text.ts';
import { readPacked, writePacked } from './packed.ts';
import { onText } from './texts.ts';
import { readZoned, writeZoned } from './zoned.ts';

/** A number without its point, or a flaw. */
export type ReadNumber = (bytes: Uint8Array, at: number) => bigint | Flaw;

/** Writes a number without its point that its picture has digits for, or says why it cannot. */
export type WriteNumber = (value: bigint, bytes: Uint8Array, at: number) => Flaw | undefined;

export function numberReader(encoding: NumberEncoding, length: number, charset: Charset): ReadNumber {
  switch (encoding.kind) {
    case 'zoned':
      return (bytes, at) => readZoned(encoding, bytes, at, length);
    case 'packed':
      return (bytes, at) => readPacked(encoding, bytes, at, length);
    case 'binary':
      return (bytes, at) => readBinary(encoding, bytes, at, length);
    case 'edited':
      return editedReader(encoding, length, charset);
    case 'number-text': {
      const plain = onText(charset, length, (text) => readNumberText(encoding, text));
      const { sign } = encoding;
      if (sign !== 'leading' && sign !== 'trailing') return plain;
      const punched = punchedReader(encoding, length, charset);
      return (bytes, at) => punched(bytes, at) ?? plain(bytes, at);
    }
  }
}

/** Reads a number text with a sign over its first or last digit; undefined where there is none. */
function punchedReader(encoding: NumberTextEncoding, length: number, charset: Charset) {
  const { family, sign } = encoding;
  const field = new Uint8Array(length);
  return (bytes: Uint8Array, at: number): bigint | Flaw | undefined => {
    let p = sign === 'leading' ? at : at + length - 1;
    while (bytes[p] === SPACE[family] && p >= at && p < at + length) p += sign === 'leading' ? 1 : -1;
    const byte = bytes[p] ?? 0;
    const code = OVERPUNCH[family].signed[byte] ?? NONE;
    if (p < at || p >= at + length || code === NONE || PLAIN[family][byte] !== NONE) return undefined;
    field.set(bytes.subarray(at, at + length));
    field[p - at] = ZERO[family] | (code & 0x0f);
    const punch = code & MINUS ? '-' : '+';
    const number = onText(charset, length, (text) => readNumberText(encoding, text, punch))(field, 0);
    // What the punch is no part of is better told by the text as it stands.
    return isFlaw(number) && encoding.signed ? undefined : number;
  };
}

export function numberWriter(encoding: NumberEncoding, length: number, charset: Charset): WriteNumber {
  const write = plainWriter(encoding, length, charset);
  const { min, max } = unscaledRange(encoding);
  return (value, bytes, at) => {
    if (value < 0n && !encoding.signed) {
      return { flaw: 'wrong-sign', message: 'it has no sign, and the value is negative' };
    }
    if (value < min || value > max) {
      const message = `the value has more digits than the ${encoding.digits} of the field`;
      return { flaw: 'overflow', message };
    }
    return write(value, bytes, at);
  };
}

/** Numbers without their point that a field may hold, both ends included: of its bits under TRUNC(BIN), else of its picture's digits. */
export function unscaledRange(encoding: NumberEncoding): { readonly min: bigint; readonly max: bigint } {
  if (encoding.kind === 'binary') return binaryRange(encoding);
  const max = 10n ** BigInt(encoding.digits) - 1n;
  return { min: encoding.signed ? -max : 0n, max };
}

function plainWriter(encoding: NumberEncoding, length: number, charset: Charset): WriteNumber {
  switch (encoding.kind) {
    case 'zoned':
      return (value, bytes, at) => {
        writeZoned(encoding, value, bytes, at, length);
        return undefined;
      };
    case 'packed':
      return (value, bytes, at) => {
        writePacked(encoding, value, bytes, at, length);
        return undefined;
      };
    case 'binary':
      return (value, bytes, at) => {
        writeBinary(encoding, value, bytes, at, length);
        return undefined;
      };
    case 'edited':
      return editedWriter(encoding, length, charset);
    case 'number-text':
      return (value, bytes, at) => {
        const text = writeNumberText(encoding, value, length);
        if (text === undefined) {
          return { flaw: 'overflow', message: `the value takes more than ${length} characters` };
        }
        bytes.set(charset.encode(text), at);
        punch(encoding, value < 0n, bytes, at, length);
        return undefined;
      };
  }
}

/** Puts the sign of a number text over its digit, where it has it there. */
function punch(
  { sign, signed, family }: NumberTextEncoding,
  negative: boolean,
  bytes: Uint8Array,
  at: number,
  length: number,
): void {
  if (!signed || (sign !== 'leading' && sign !== 'trailing')) return;
  let p = sign === 'leading' ? at : at + length - 1;
  while (bytes[p] === SPACE[family] && p < at + length) p++;
  const digit = (bytes[p] ?? 0) & 0x0f;
  const zone = family === 'ebcdic' ? (negative ? 0xd0 : 0xc0) : negative ? 0x70 : 0x30;
  bytes[p] = zone | digit;
}

/** The value of an unscaled number in a row, by the field's type. */
export function numberValue({ scale }: Digits, kind: ScalarKind, number: bigint): ScalarValue {
  if (kind !== 'int32' && kind !== 'int64') return decimalOf(number, scale);
  const whole = scale < 0 ? number * 10n ** BigInt(-scale) : number;
  return kind === 'int32' ? Number(whole) : whole;
}

/** Canonical text of a number times ten to minus `scale`, which can be negative. */
export function decimalOf(number: bigint, scale: number): string {
  return scale < 0 ? fromScaled(number * 10n ** BigInt(-scale), 0) : fromScaled(number, scale);
}

/** The way back: the number without its point of a cell, or why it has none. */
export function unscaledOf(cell: Cell, scale: number): bigint | Flaw {
  const places = Math.max(scale, 0);
  const number =
    typeof cell === 'bigint'
      ? cell * 10n ** BigInt(places)
      : typeof cell === 'number' && Number.isSafeInteger(cell)
        ? BigInt(cell) * 10n ** BigInt(places)
        : typeof cell === 'string'
          ? toScaled(cell, places)
          : WRONG_TYPE;
  if (number === undefined) {
    return { flaw: 'overflow', message: `it has room for ${places} digits behind the point` };
  }
  if (typeof number !== 'bigint' || scale >= 0) return number;
  const step = 10n ** BigInt(-scale);
  if (number % step === 0n) return number / step;
  return { flaw: 'overflow', message: `it holds multiples of ${step} only` };
}
