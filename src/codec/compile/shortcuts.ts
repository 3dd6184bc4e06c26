// Knows: which fields generated code can read or write by a kernel, and the code that calls it.
// Must not know: records; the reading of every other field, and of irregular bytes, is a slot's.

import type {
  BinaryEncoding,
  FloatEncoding,
  NumberEncoding,
  NumberTextEncoding,
  TextEncoding,
  ZonedEncoding,
} from '../encoding.ts';
import type { ScalarNode } from '../layout.ts';
import { binaryNumber, binaryRange } from '../scalars/binary.ts';
import { charsetOf } from '../scalars/blanks.ts';
import {
  OVERPUNCH,
  PACKED_LAST,
  PLAIN,
  SAFE_DIGITS,
  SEPARATE,
  SEPARATE_SIGNS,
  SPACE,
} from '../scalars/digits.ts';
import { byteProgram } from '../scalars/edited-field.ts';
import { floatNumber } from '../scalars/floats.ts';
import { unscaledRange } from '../scalars/numbers.ts';
import { hasPadNibble, packedNumber, signlessNumber } from '../scalars/packed.ts';
import { zonedNumber, zonedParts, zonedTables } from '../scalars/zoned.ts';
import { writePackedDigits, writeSignlessDigits, writeZonedDigits } from './json-digits.ts';
import { writeBinaryDigits, writeEightBytes, writeFloatDigits, writeWithin } from './json-integers.ts';
import { type PlainNumberText, writeEditedDigits, writeNumberTextDigits } from './json-texts.ts';
import { packedPart } from './packed-code.ts';
import type { Program } from './program.ts';

/** The number encoding of a field that is shown as a number. */
function numberEncoding(node: ScalarNode): NumberEncoding | FloatEncoding | undefined {
  const { encoding, type } = node;
  switch (encoding.kind) {
    case 'zoned':
    case 'packed':
    case 'binary':
    case 'number-text':
    case 'edited':
      return type.kind === 'int32' || type.kind === 'int64' || type.kind === 'decimal' ? encoding : undefined;
    case 'float':
      return type.kind === 'float64' ? encoding : undefined;
    default:
      return undefined;
  }
}

/**
 * Code for the number at the offset that the code `at` gives, without the point of its type: a JavaScript number, NaN for irregular bytes;
 * of a float the number itself. Undefined where there is no kernel. Where a kernel is, blanks, x'00' and x'FF' are either irregular
 * or a value before any policy (`blanks.ts`), so policies need no look here.
 */
export function numberCode(node: ScalarNode, at: string, code: Program): string | undefined {
  const encoding = numberEncoding(node);
  if (encoding === undefined || encoding.kind === 'float') return encoding && floatCode(encoding, at, code);
  const unscaled = unscaledCode(encoding, node, at, code);
  // With P the number is greater than its digits.
  const factor = encoding.scale < 0 ? 10 ** -encoding.scale : 1;
  if (factor === 1 || unscaled === undefined) return unscaled;
  const { min, max } = unscaledRange(encoding);
  const isExact = [min, max].every((end) => Number.isSafeInteger(Number(end) * factor));
  return isExact ? `(${unscaled} * ${factor})` : undefined;
}

function unscaledCode(
  encoding: NumberEncoding,
  { length }: ScalarNode,
  at: string,
  code: Program,
): string | undefined {
  switch (encoding.kind) {
    case 'zoned':
      if (encoding.digits > SAFE_DIGITS) return undefined;
      return `${code.constant(zonedNumber)}(${zonedArguments(encoding, length, at, code)})`;
    case 'packed': {
      if (length * 2 - (encoding.signless === true ? 0 : 1) > SAFE_DIGITS) return undefined;
      const padded = hasPadNibble(encoding);
      if (encoding.signless === true) {
        return `${code.constant(signlessNumber)}(bytes, ${at}, ${length}, ${padded})`;
      }
      const last = code.constant(PACKED_LAST[encoding.signed ? 'signed' : 'unsigned']);
      return `${code.constant(packedNumber)}(bytes, ${at}, ${length}, ${padded}, ${last})`;
    }
    case 'binary': {
      if (encoding.bytes > 8) return undefined;
      const { min, max } = binaryRange(encoding);
      return `${code.constant(binaryNumber)}(bytes, ${at}, ${encoding.bytes}, ${isLittle(encoding)}, ${encoding.signed}, ${Number(min)}, ${Number(max)})`;
    }
    default:
      return undefined;
  }
}

function floatCode(encoding: FloatEncoding, at: string, code: Program): string {
  const { bytes, format } = encoding;
  return `${code.constant(floatNumber)}(bytes, ${at}, ${bytes}, ${format === 'ibm'}, ${isLittle(encoding)})`;
}

function isLittle({ order }: BinaryEncoding | FloatEncoding): boolean {
  return order === 'little';
}

/** Code of a binary integer of one word or two, whatever it is; undefined for other sizes. */
function binaryCode(encoding: BinaryEncoding, at: string): string | undefined {
  const { bytes, signed } = encoding;
  if (bytes <= 4) return wordCode(encoding, at, 0, signed, bytes);
  if (bytes !== 8) return undefined;
  return `(${wordCode(encoding, at, 4, signed)} * 4294967296 + ${wordCode(encoding, at, 0, false)})`;
}

/** Code of so many bytes of a binary integer as a number; `index` counts from the least significant one. */
function wordCode(
  { bytes, order }: BinaryEncoding,
  at: string,
  index: number,
  signed: boolean,
  count = 4,
): string {
  const terms = Array.from({ length: count }, (_, i) => {
    const offset = order === 'little' ? index + i : bytes - 1 - index - i;
    const isTop = i === count - 1;
    // Shifted to the top and back, the highest byte brings its sign.
    if (isTop && signed) return `(bytes[${at} + ${offset}] << 24 >> ${32 - 8 * count})`;
    return i === 0 ? `bytes[${at} + ${offset}]` : `(bytes[${at} + ${offset}] << ${8 * i})`;
  });
  const word = `(${terms.toReversed().join(' | ')})`;
  return signed || count < 4 ? word : `(${word} >>> 0)`;
}

/** Bytes, place, tables and sign of the zoned kernels. */
function zonedArguments(encoding: ZonedEncoding, length: number, at: string, code: Program): string {
  const { separate, signAt, first, count } = zonedParts(encoding, length);
  const { head, body, tail } = zonedTables(encoding, length);
  const tables = [head, body, tail].map((table) => code.constant(table)).join(', ');
  const signs = SEPARATE[encoding.family][encoding.signed ? 'signed' : 'unsigned'];
  const sign = separate ? `${code.constant(signs)}[bytes[${at} + ${signAt}]]` : '0';
  return `bytes, ${at} + ${first}, ${count}, ${tables}, ${sign}`;
}

/**
 * Code that writes the number at `at` as digits to `out` (`view` is its view) from `to` on: the offset behind them, or -1. At most
 * `digitsRoom` bytes are touched.
 */
export function digitsCode(
  node: ScalarNode,
  at: string,
  to: string,
  view: string,
  code: Program,
): string | undefined {
  const encoding = numberEncoding(node);
  const { length } = node;
  switch (encoding?.kind) {
    case 'zoned': {
      const where = zonedArguments(encoding, length, at, code);
      return `${code.constant(writeZonedDigits)}(${where}, ${encoding.scale}, out, ${to})`;
    }
    case 'packed': {
      const padded = hasPadNibble(encoding);
      if (encoding.signless === true) {
        return `${code.constant(writeSignlessDigits)}(bytes, ${at}, ${length}, ${padded}, ${encoding.scale}, out, ${to})`;
      }
      const part = packedPart(encoding, length, code);
      if (part !== undefined) return `${part}(bytes, ${at}, out, ${view}, ${to})`;
      const last = code.constant(PACKED_LAST[encoding.signed ? 'signed' : 'unsigned']);
      return `${code.constant(writePackedDigits)}(bytes, ${at}, ${length}, ${padded}, ${last}, ${encoding.scale}, out, ${view}, ${to})`;
    }
    case 'binary': {
      // Numbers that can be beyond JavaScript's are not made at all.
      const isSafe = encoding.digits <= SAFE_DIGITS && encoding.trunc === 'std';
      const value = encoding.bytes <= 4 || isSafe ? binaryCode(encoding, at) : undefined;
      if (value !== undefined) {
        const { min, max } = binaryRange(encoding);
        return `${code.constant(writeWithin)}(${value}, ${min}, ${max}, ${encoding.scale}, out, ${to})`;
      }
      const digits = encoding.trunc === 'std' ? encoding.digits : Number.MAX_SAFE_INTEGER;
      if (encoding.bytes === 8) {
        const words = `${wordCode(encoding, at, 4, encoding.signed)}, ${wordCode(encoding, at, 0, false)}`;
        return `${code.constant(writeEightBytes)}(${words}, ${digits}, ${encoding.scale}, out, ${to})`;
      }
      return `${code.constant(writeBinaryDigits)}(bytes, ${at}, ${encoding.bytes}, ${isLittle(encoding)}, ${encoding.signed}, ${digits}, ${encoding.scale}, out, ${to})`;
    }
    case 'float':
      return `${code.constant(writeFloatDigits)}(${floatCode(encoding, at, code)}, out, ${to})`;
    case 'edited': {
      const program = byteProgram(encoding, charsetOf(encoding, ''));
      if (program === undefined || program.length !== length) return undefined;
      const digits = code.constant(new Uint8Array(program.digits));
      return `${code.constant(writeEditedDigits)}(${code.constant(program)}, ${digits}, bytes, ${at}, ${encoding.scale}, out, ${to})`;
    }
    case 'number-text': {
      const plain = plainNumberText(encoding);
      if (plain === undefined || length > 64) return undefined;
      return `${code.constant(writeNumberTextDigits)}(${code.constant(plain)}, bytes, ${at}, ${length}, out, ${to})`;
    }
    default:
      return undefined;
  }
}

/** What a number text looks like mostly; undefined where it can look otherwise in other ways than the kernel tells. */
function plainNumberText(encoding: NumberTextEncoding): PlainNumberText | undefined {
  const { family, point, pointSymbol = '.', scale, sign, signed, radix } = encoding;
  if (radix !== undefined || scale < 0 || sign === 'leading' || sign?.endsWith('separate') === true)
    return undefined;
  const points = { ebcdic: { '.': 0x4b, ',': 0x6b }, ascii: { '.': 0x2e, ',': 0x2c } };
  const { plus, minus } = SEPARATE_SIGNS[family];
  const punched = OVERPUNCH[family][signed ? 'signed' : 'unsigned'];
  return {
    blank: SPACE[family],
    plus,
    minus,
    point: point === 'implied' || scale === 0 ? -1 : points[family][pointSymbol],
    scale,
    plain: PLAIN[family],
    last: sign === 'trailing' ? punched : PLAIN[family],
    signed,
  };
}

/** Bytes that `digitsCode` may touch, for a number that has a kernel. */
export function digitsRoom({ encoding, length }: ScalarNode): number {
  if (encoding.kind === 'float') return 26;
  if (!('digits' in encoding)) return 0;
  const { digits, scale } = encoding;
  // Of a byte of a number come at most 2.5 digits; sign, point, a zero before it, and what a pair of digits writes too much on top.
  return Math.max(digits, length * 3, scale) + Math.max(0, -scale) + 6;
}

/** A text whose every byte sequence is read by the tables alone: no policy looks at blanks, x'00' or x'FF'. */
export function plainText(node: ScalarNode): TextEncoding | undefined {
  const { encoding, blank, lowValues, highValues } = node;
  const plain =
    encoding.kind === 'text' && blank === undefined && lowValues !== 'blank' && highValues !== 'blank';
  return plain && padByte(node) !== undefined ? encoding : undefined;
}

/** The byte that pads a text; undefined where the padding takes several. */
export function padByte(node: ScalarNode): number | undefined {
  const { encoding } = node;
  if (encoding.kind !== 'text') return undefined;
  const charset = charsetOf(encoding, '');
  const pad = encoding.pad === undefined ? charset.blank : charset.encode(encoding.pad);
  return pad.length === 1 ? pad[0] : undefined;
}
