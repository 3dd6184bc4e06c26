// Knows: how one scalar is written in bytes, as plain data.
// Must not know: where it stands in a record, and the code that reads it.

import type { Value } from '../model/value.ts';
import type { Edit } from './copybook/tree.ts';

/** Which blanks (or other padding) around a text are no part of its value. */
export type Trim = 'right' | 'left' | 'both' | 'none';

/** Where a zoned number keeps its sign. `separate` takes a byte of its own. */
export type SignPlace = 'trailing' | 'leading' | 'trailing-separate' | 'leading-separate';

/** How characters become bytes: what blanks, digits and signs look like. */
export type CodeFamily = 'ebcdic' | 'ascii';

export type ByteOrder = 'big' | 'little';

/**
 * `digits` are stored, `scale` of the number's digits stand behind the implied point. With P the scale is negative (99PPP: 2
 * digits, scale −3) or greater than the digits (VPPP99: 2 digits, scale 5).
 */
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
  /** The padding, one character; the charset's blank unless told otherwise. */
  readonly pad?: string;
  /** Side on which the text stands, the padding is on the other; `left` unless told otherwise. */
  readonly justify?: 'left' | 'right';
}

/** DISPLAY: one digit a byte, the sign punched over one of them or beside them. */
export interface ZonedEncoding extends Digits {
  readonly kind: 'zoned';
  readonly sign: SignPlace;
  readonly family: CodeFamily;
  /** `ignore`: the zone half of a digit without a sign may be anything (a blank counts as 0), as IBM's programs move digits. `strict` unless told otherwise. */
  readonly zones?: 'strict' | 'ignore';
}

/** COMP-3: two digits a byte, the sign in the last nibble. COMP-6 (`signless`) has digits in all nibbles. */
export interface PackedEncoding extends Digits {
  readonly kind: 'packed';
  readonly signless?: boolean;
}

/**
 * COMP, COMP-4, COMP-5, COMP-X, BINARY and BINARY-LONG: two's complement in `bytes` bytes, 1 to 16. `trunc` as the compiler option:
 * under `std` (IBM's default) a value with more digits than the picture is bad data, under `bin` all the bits count.
 */
export interface BinaryEncoding extends Digits {
  readonly kind: 'binary';
  readonly bytes: number;
  readonly order: ByteOrder;
  readonly trunc: 'std' | 'bin';
}

/** COMP-1 (4 bytes) and COMP-2 (8 bytes): IBM's hexadecimal floating point or IEEE 754. */
export interface FloatEncoding {
  readonly kind: 'float';
  readonly format: 'ibm' | 'ieee';
  readonly bytes: 4 | 8;
  readonly order: ByteOrder;
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
  /** The decimal point; `.` unless told otherwise. */
  readonly pointSymbol?: '.' | ',';
  /** Where an overpunched sign is taken besides a written one. */
  readonly sign?: SignPlace;
  /** What stands left of the number when it is written; `0` unless told otherwise. */
  readonly pad?: ' ' | '0';
  /** Base of the digits, 2 to 36, for whole numbers; 10 unless told otherwise. `digits` stays a count of decimal ones. */
  readonly radix?: number;
}

/** A number through an edited picture: `ZZ,ZZ9.99-`. Text that the picture would not have made of any number is bad data. */
export interface EditedEncoding extends Digits {
  readonly kind: 'edited';
  readonly charset: string;
  readonly edit: Edit;
  readonly blankWhenZero: boolean;
}

/** External floating point, `+9(3).99E+99`: shown as float64. */
export interface FloatTextEncoding {
  readonly kind: 'float-text';
  readonly charset: string;
  readonly picture: string;
}

/** Bytes that mean something to a machine only: POINTER, INDEX of a foreign program. */
export interface BytesEncoding {
  readonly kind: 'bytes';
}

/**
 * A day, a time or both in another item's text or digits, by a pattern of `yyyy yy c MM dd DDD HH mm ss SSS` and other characters,
 * which stand for themselves (letters in single quotes): `yyyyMMdd`, `yyMMdd`, `cyyMMdd` (c: centuries since 1900), `yyyyDDD`.
 */
export interface TemporalEncoding {
  readonly kind: 'temporal';
  readonly subject: TextEncoding | ZonedEncoding | PackedEncoding | BinaryEncoding;
  readonly pattern: string;
  /** `yy`: first year of the hundred that it stands for; 1950 unless told otherwise. */
  readonly window?: number;
  /** Values that mean that there is no date (null), besides blanks by the policy: all digits 0, all digits 9. */
  readonly none?: readonly ('zeros' | 'nines')[];
}

/** Two texts, padded with blanks. */
export interface BooleanTextEncoding {
  readonly kind: 'boolean-text';
  readonly text: TextEncoding;
  readonly whenTrue: string;
  readonly whenFalse: string;
}

export type NumberEncoding =
  | ZonedEncoding
  | PackedEncoding
  | BinaryEncoding
  | NumberTextEncoding
  | EditedEncoding;

/** Encodings of a COBOL item that conditions (level 88) look at. */
export type SubjectEncoding =
  | TextEncoding
  | NumberEncoding
  | FloatEncoding
  | FloatTextEncoding
  | BytesEncoding;

/**
 * One value or range of a condition, both ends included: text without its padding, or a number as canonical decimal
 * text. `fill` is a figurative constant: every byte of the field is this one. `bytes`: a hexadecimal literal, padded with blanks.
 */
export type ConditionValue =
  | { readonly kind: 'value'; readonly from: string; readonly to?: string }
  | { readonly kind: 'bytes'; readonly from: string; readonly to?: string }
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
  | TemporalEncoding
  | BooleanTextEncoding
  | ConditionEncoding
  | EnumEncoding;

/**
 * What becomes of bytes that hold no value. `fail`: a fault. `null`. `raw`: the field's type is string; a good value is its
 * canonical text, a bad one `0x` and its bytes in hexadecimal, which no number begins with. `default`: this value.
 */
export type Irregular = 'fail' | 'null' | 'raw' | { readonly default: Value };
