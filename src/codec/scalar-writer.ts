// Knows: how one scalar of a layout is written into bytes, and what a new record holds in its place.
// Must not know: records. Nothing is cut off: a value that does not fit is a flaw.

import { Fault } from '../fault.ts';
import { toScaled } from '../model/decimal.ts';
import type { Cell } from '../model/value.ts';
import { binaryRange, writeBinary } from './binary.ts';
import type { Charset } from './charset.ts';
import { parseTemporalPattern, writeTemporal } from './dates.ts';
import { writePacked, writeZoned } from './digits.ts';
import type { ConditionValue, NumberEncoding, SubjectEncoding, TextEncoding } from './encoding.ts';
import { type Flaw, isFlaw } from './flaw.ts';
import type { ScalarNode } from './layout.ts';
import { writeNumberText } from './number-text.ts';
import { charsetOf } from './scalar.ts';

/** Writes the cell at `at`, or says why it cannot. */
export type WriteCell = (cell: Cell, bytes: Uint8Array, at: number) => Flaw | undefined;

export function writerOf(node: ScalarNode, recordCharset: string): WriteCell {
  const { encoding, length } = node;
  const charset = charsetOf(encoding, recordCharset);
  const write = valueWriter(node, charset);
  return (cell, bytes, at) => {
    if (cell !== null) return write(cell, bytes, at);
    if (node.blank !== 'null') return unfit('null-value', 'it cannot be null');
    bytes.fill(charset.space, at, at + length);
    return undefined;
  };
}

function unfit(flaw: string, message: string): Flaw {
  return { flaw, message };
}

const WRONG_TYPE: Flaw = unfit('wrong-type', 'the value is not of its type');

function valueWriter(node: ScalarNode, charset: Charset): WriteCell {
  const { encoding, length } = node;
  switch (encoding.kind) {
    case 'text':
      return (cell, bytes, at) =>
        typeof cell === 'string' ? writeText(encoding, charset, cell, bytes, at, length) : WRONG_TYPE;
    case 'temporal-text': {
      const pattern = parseTemporalPattern(encoding.pattern);
      const text: TextEncoding = { kind: 'text', charset: charset.name, trim: 'right' };
      return (cell, bytes, at) => {
        const written = typeof cell === 'string' ? writeTemporal(pattern, cell) : undefined;
        return written === undefined
          ? unfit('bad-date', `the pattern ${pattern.text} cannot show it`)
          : writeText(text, charset, written, bytes, at, length);
      };
    }
    case 'boolean-text':
      return (cell, bytes, at) =>
        typeof cell === 'boolean'
          ? writeText(
              encoding.text,
              charset,
              cell ? encoding.whenTrue : encoding.whenFalse,
              bytes,
              at,
              length,
            )
          : WRONG_TYPE;
    case 'condition':
      return () => unfit('wrong-type', 'a condition is written through the field that it describes');
    case 'enum':
      return (cell, bytes, at) => {
        const chosen = encoding.names.find(({ name }) => name === cell)?.values[0];
        if (chosen === undefined) return unfit('wrong-type', 'it has no such name');
        return writeConditionValue(encoding.subject, chosen, charset, bytes, at, length);
      };
    default:
      return (cell, bytes, at) => {
        const number = unscaledOf(cell, encoding.scale);
        return typeof number === 'bigint'
          ? writeNumber(encoding, charset, number, bytes, at, length)
          : number;
      };
  }
}

/** The value that COBOL's SET … TO TRUE stores: the first of the condition. */
function writeConditionValue(
  subject: SubjectEncoding,
  value: ConditionValue,
  charset: Charset,
  bytes: Uint8Array,
  at: number,
  length: number,
): Flaw | undefined {
  if (value.kind === 'fill') {
    bytes.fill(value.byte, at, at + length);
    return undefined;
  }
  if (subject.kind === 'text') return writeText(subject, charset, value.from, bytes, at, length);
  const number = unscaledOf(value.from, subject.scale);
  return typeof number === 'bigint' ? writeNumber(subject, charset, number, bytes, at, length) : number;
}

function unscaledOf(cell: Cell, scale: number): bigint | Flaw {
  if (typeof cell === 'bigint') return cell * 10n ** BigInt(scale);
  if (typeof cell === 'number' && Number.isSafeInteger(cell)) return BigInt(cell) * 10n ** BigInt(scale);
  if (typeof cell !== 'string') return WRONG_TYPE;
  return toScaled(cell, scale) ?? unfit('overflow', `it has room for ${scale} digits behind the point`);
}

function writeNumber(
  encoding: NumberEncoding,
  charset: Charset,
  value: bigint,
  bytes: Uint8Array,
  at: number,
  length: number,
): Flaw | undefined {
  if (value < 0n && !encoding.signed) return unfit('wrong-sign', 'it has no sign, and the value is negative');
  const range = encoding.kind === 'binary' ? binaryRange(encoding) : pictureRange(encoding.digits);
  if (value < range.min || value > range.max) {
    return unfit('overflow', `the value has more digits than the ${encoding.digits} of the field`);
  }
  switch (encoding.kind) {
    case 'zoned':
      writeZoned(encoding, value, bytes, at, length);
      return undefined;
    case 'packed':
      writePacked(encoding, value, bytes, at, length);
      return undefined;
    case 'binary':
      writeBinary(value, bytes, at, length);
      return undefined;
    case 'number-text': {
      const text = writeNumberText(encoding, value, length);
      if (text === undefined) return unfit('overflow', `the value takes more than ${length} characters`);
      bytes.set(charset.encode(text), at);
      return undefined;
    }
  }
}

function pictureRange(digits: number): { readonly min: bigint; readonly max: bigint } {
  const max = 10n ** BigInt(digits) - 1n;
  return { min: -max, max };
}

function writeText(
  encoding: TextEncoding,
  charset: Charset,
  text: string,
  bytes: Uint8Array,
  at: number,
  length: number,
): Flaw | undefined {
  const encoded = encode(charset, text);
  if (isFlaw(encoded)) return encoded;
  const pad = encode(charset, encoding.pad ?? ' ');
  if (isFlaw(pad)) return pad;
  if (encoded.length > length) {
    return unfit('overflow', `the text takes ${encoded.length} bytes, and it has ${length}`);
  }
  bytes.fill(pad[0] ?? charset.space, at, at + length);
  bytes.set(encoded, encoding.justify === 'right' ? at + length - encoded.length : at);
  return undefined;
}

function encode(charset: Charset, text: string): Uint8Array | Flaw {
  try {
    return charset.encode(text);
  } catch (error) {
    if (error instanceof Fault) return unfit(error.code, error.message);
    throw error;
  }
}

/** Zero in numbers, the padding in texts, and blanks elsewhere. */
export function initialWriter(
  node: ScalarNode,
  recordCharset: string,
): (bytes: Uint8Array, at: number) => void {
  const { encoding, length } = node;
  const charset = charsetOf(encoding, recordCharset);
  switch (encoding.kind) {
    case 'zoned':
    case 'packed':
    case 'binary':
    case 'number-text':
      return (bytes, at) => {
        writeNumber(encoding, charset, 0n, bytes, at, length);
      };
    case 'text':
      return (bytes, at) => {
        writeText(encoding, charset, '', bytes, at, length);
      };
    case 'condition':
      return () => {};
    default:
      return (bytes, at) => {
        bytes.fill(charset.space, at, at + length);
      };
  }
}
