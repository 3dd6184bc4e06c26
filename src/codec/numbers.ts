// Knows: how any of the number encodings is read, and what value a row gets from it.
// Must not know: policies, records.

import { Fault } from '../fault.ts';
import { fromScaled } from '../model/decimal.ts';
import type { ScalarKind } from '../model/type.ts';
import { readBinary } from './binary.ts';
import type { Charset } from './charset.ts';
import { readPacked, readZoned } from './digits.ts';
import type { Digits, NumberEncoding } from './encoding.ts';
import type { Flaw, ScalarValue } from './flaw.ts';
import { readNumberText } from './number-text.ts';

/** A number without its point, or a flaw. */
export function numberReader(
  encoding: NumberEncoding,
  length: number,
  charset: Charset,
): (bytes: Uint8Array, at: number) => bigint | Flaw {
  switch (encoding.kind) {
    case 'zoned':
      return (bytes, at) => readZoned(encoding, bytes, at, length);
    case 'packed':
      return (bytes, at) => readPacked(encoding, bytes, at, length);
    case 'binary':
      return (bytes, at) => readBinary(encoding, bytes, at, length);
    case 'number-text':
      return onText(charset, length, (text) => readNumberText(encoding, text));
  }
}

/** The value of an unscaled number in a row, by the field's type. */
export function numberValue({ scale }: Digits, kind: ScalarKind, number: bigint): ScalarValue {
  if (kind === 'int32') return Number(number);
  return kind === 'int64' ? number : fromScaled(number, scale);
}

/** Reads characters first; bytes without a character are the flaw. */
export function onText<Result>(
  charset: Charset,
  length: number,
  read: (text: string) => Result | Flaw,
): (bytes: Uint8Array, at: number) => Result | Flaw {
  return (bytes, at) => {
    let text: string;
    try {
      text = charset.decode(bytes, at, at + length);
    } catch (error) {
      if (error instanceof Fault) return { flaw: error.code, message: lowerFirst(error.message) };
      throw error;
    }
    return read(text);
  };
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
