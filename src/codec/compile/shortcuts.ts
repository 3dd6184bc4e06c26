// Knows: which fields generated code can read or write by a kernel, and the code that calls it.
// Must not know: records; the reading of every other field, and of irregular bytes, is a slot's.

import { binaryBytes, binaryNumber, binaryRange } from '../binary.ts';
import {
  hasPadNibble,
  OVERPUNCH,
  PACKED_LAST,
  packedNumber,
  SAFE_DIGITS,
  ZERO,
  zonedNumber,
} from '../digits.ts';
import type { NumberEncoding, TextEncoding } from '../encoding.ts';
import type { ScalarNode } from '../layout.ts';
import { charsetOf } from '../scalar.ts';
import { writePackedDigits, writeScaled, writeZonedDigits } from './json-digits.ts';
import type { Program } from './program.ts';

/** The number encoding of a field that is shown as a number. */
function numberEncoding(node: ScalarNode): NumberEncoding | undefined {
  const { encoding, type } = node;
  if (type.kind !== 'int32' && type.kind !== 'int64' && type.kind !== 'decimal') return undefined;
  switch (encoding.kind) {
    case 'zoned':
    case 'packed':
    case 'binary':
      return encoding;
    default:
      return undefined;
  }
}

/**
 * Code for the unscaled value at the offset that the code `at` gives: a JavaScript number, NaN for irregular bytes. Undefined where
 * there is no kernel. Blanks and x'00' are irregular in zoned and packed numbers, so policies need no look here.
 */
export function numberCode(node: ScalarNode, at: string, code: Program): string | undefined {
  const encoding = numberEncoding(node);
  const { length } = node;
  switch (encoding?.kind) {
    case 'zoned': {
      if (encoding.digits > SAFE_DIGITS || encoding.sign !== 'trailing') return undefined;
      const last = code.constant(OVERPUNCH[encoding.family][encoding.signed ? 'signed' : 'unsigned']);
      return `${code.constant(zonedNumber)}(bytes, ${at}, ${length}, ${ZERO[encoding.family]}, ${last})`;
    }
    case 'packed': {
      if (encoding.digits > SAFE_DIGITS) return undefined;
      const last = code.constant(PACKED_LAST[encoding.signed ? 'signed' : 'unsigned']);
      return `${code.constant(packedNumber)}(bytes, ${at}, ${length}, ${hasPadNibble(encoding.digits)}, ${last})`;
    }
    case 'binary': {
      const { min, max } = binaryRange(encoding);
      const size = binaryBytes(encoding.digits);
      return `${code.constant(binaryNumber)}(bytes, ${at}, ${size}, ${encoding.signed}, ${Number(min)}, ${Number(max)})`;
    }
    default:
      return undefined;
  }
}

/** Code that writes the number at `at` as digits to `out` (`view` is its view) from `to` on: the offset behind them, or -1. */
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
      if (encoding.sign !== 'trailing') return undefined;
      const last = code.constant(OVERPUNCH[encoding.family][encoding.signed ? 'signed' : 'unsigned']);
      const zero = ZERO[encoding.family];
      return `${code.constant(writeZonedDigits)}(bytes, ${at}, ${length}, ${zero}, ${last}, ${encoding.scale}, out, ${to})`;
    }
    case 'packed': {
      const last = code.constant(PACKED_LAST[encoding.signed ? 'signed' : 'unsigned']);
      const padded = hasPadNibble(encoding.digits);
      return `${code.constant(writePackedDigits)}(bytes, ${at}, ${length}, ${padded}, ${last}, ${encoding.scale}, out, ${view}, ${to})`;
    }
    case 'binary':
      return `${code.constant(writeScaled)}(${numberCode(node, at, code)}, ${encoding.scale}, out, ${to})`;
    default:
      return undefined;
  }
}

/** A text whose every byte sequence is read by the tables alone: no policy looks at blanks or x'00'. */
export function plainText(node: ScalarNode): TextEncoding | undefined {
  const { encoding, blank, lowValues } = node;
  const plain = encoding.kind === 'text' && blank === undefined && lowValues !== 'blank';
  return plain && padByte(node) !== undefined ? encoding : undefined;
}

/** The byte that pads a text; undefined where the padding takes several. */
export function padByte(node: ScalarNode): number | undefined {
  if (node.encoding.kind !== 'text') return undefined;
  const pad = charsetOf(node.encoding, '').encode(node.encoding.pad ?? ' ');
  return pad.length === 1 ? pad[0] : undefined;
}
