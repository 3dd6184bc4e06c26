// Knows: how one scalar is written in bytes, as plain data.
// Must not know: where it stands in a record, and the code that reads it.

import type { Value } from '../model/value.ts';

/** Which blanks (or other padding) around a text are no part of its value. */
export type Trim = 'right' | 'left' | 'both' | 'none';

/** Where a zoned number keeps its sign. `separate` takes a byte of its own. */
export type SignPlace = 'trailing' | 'leading' | 'trailing-separate' | 'leading-separate';

/** How characters become bytes: what blanks, digits and signs look like. */
export type CodeFamily = 'ebcdic' | 'ascii';

/** `digits` in all, `scale` of them behind the implied point. */
export interface Digits {
  readonly digits: number;
  readonly scale: number;
  readonly signed: boolean;
}

/** Characters of a charset, padded to the field's length. */
export interface TextEncoding {
  readonly kind: 'text';
  readonly charset: string;
  readonly trim: Trim;
  /** The padding, one character; a blank unless told otherwise. */
  readonly pad?: string;
  /** Side on which the text stands, the padding is on the other; `left` unless told otherwise. */
  readonly justify?: 'left' | 'right';
}

/** DISPLAY: one digit a byte, the sign punched over one of them or beside them. */
export interface ZonedEncoding extends Digits {
  readonly kind: 'zoned';
  readonly sign: SignPlace;
  readonly family: CodeFamily;
}

/** COMP-3: two digits a byte, the sign in the last nibble. */
export interface PackedEncoding extends Digits {
  readonly kind: 'packed';
}

/**
 * COMP, COMP-4, BINARY: two's complement, most significant byte first, 2, 4 or 8 bytes. `trunc` as the compiler option:
 * under `std` (IBM's default) a value with more digits than the picture is bad data, under `bin` all the bits count.
 */
export interface BinaryEncoding extends Digits {
  readonly kind: 'binary';
  readonly trunc: 'std' | 'bin';
}

/**
 * A number as people write it: padding, a sign, digits, perhaps a point. Reading takes blanks on both sides besides `pad`
 * on the left. `point`: `explicit` wants the point in the text wherever there is a fraction, `implied` wants none,
 * `either` takes a text without a point as implied.
 */
export interface NumberTextEncoding extends Digits {
  readonly kind: 'number-text';
  readonly family: CodeFamily;
  readonly point: 'explicit' | 'implied' | 'either';
  /** What stands left of the number when it is written; `0` unless told otherwise. */
  readonly pad?: ' ' | '0';
  /** Base of the digits, 2 to 36, for whole numbers; 10 unless told otherwise. `digits` stays a count of decimal ones. */
  readonly radix?: number;
}

/**
 * A day, a time or both by a pattern of `yyyy MM dd HH mm ss SSS` and other characters, which stand for themselves
 * (letters in single quotes): `yyyyMMdd`, `yyyy-MM-dd HH:mm:ss`.
 */
export interface TemporalTextEncoding {
  readonly kind: 'temporal-text';
  readonly family: CodeFamily;
  readonly pattern: string;
}

/** Two texts, padded with blanks. */
export interface BooleanTextEncoding {
  readonly kind: 'boolean-text';
  readonly text: TextEncoding;
  readonly whenTrue: string;
  readonly whenFalse: string;
}

export type NumberEncoding = ZonedEncoding | PackedEncoding | BinaryEncoding | NumberTextEncoding;

/** Encodings of a COBOL item that conditions (level 88) look at. */
export type SubjectEncoding = TextEncoding | NumberEncoding;

/**
 * One value or range of a condition, both ends included: text without its padding, or a number as canonical decimal
 * text. `fill` is a figurative constant: every byte of the field is this one.
 */
export type ConditionValue =
  | { readonly kind: 'value'; readonly from: string; readonly to?: string }
  | { readonly kind: 'fill'; readonly byte: number };

/** Level 88 as a boolean: true while the subject holds one of the values. */
export interface ConditionEncoding {
  readonly kind: 'condition';
  readonly subject: SubjectEncoding;
  readonly values: readonly ConditionValue[];
}

/** Level 88 as an enum: the name of the condition that is true. No condition true is bad data. */
export interface EnumEncoding {
  readonly kind: 'enum';
  readonly subject: SubjectEncoding;
  readonly names: readonly { readonly name: string; readonly values: readonly ConditionValue[] }[];
}

export type Encoding =
  | SubjectEncoding
  | TemporalTextEncoding
  | BooleanTextEncoding
  | ConditionEncoding
  | EnumEncoding;

/**
 * What becomes of bytes that hold no value. `fail`: a fault. `null`. `raw`: the field's type is string; a good value is its
 * canonical text, a bad one `0x` and its bytes in hexadecimal, which no number begins with. `default`: this value.
 */
export type Irregular = 'fail' | 'null' | 'raw' | { readonly default: Value };
