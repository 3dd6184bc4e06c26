// Knows: how one scalar of a layout is written into bytes, and what a new record holds in its place.
// Must not know: records. Nothing is cut off: a value that does not fit is a flaw.

import type { Cell } from '../../model/value.ts';
import type { Charset } from '../charset.ts';
import type { ConditionValue, SubjectEncoding } from '../encoding.ts';
import type { ScalarNode } from '../layout.ts';
import { blankOf, charsetOf, fillWith } from './blanks.ts';
import { type Flaw, isFlaw, WRONG_TYPE } from './flaw.ts';
import { floatWriter } from './float-field.ts';
import { numberWriter, unscaledOf } from './numbers.ts';
import { readerOf } from './scalar.ts';
import { temporalWriter } from './temporal-field.ts';
import { textWriter } from './texts.ts';

/** Writes the cell at `at`, or says why it cannot. */
export type WriteCell = (cell: Cell, bytes: Uint8Array, at: number) => Flaw | undefined;

export function writerOf(node: ScalarNode, recordCharset: string): WriteCell {
  const { length } = node;
  const write = cellWriter(node, charsetOf(node.encoding, recordCharset));
  const writeNull = nullWriter(node, recordCharset, write);
  return (cell, bytes, at) => {
    if (cell === null) return writeNull(bytes, at);
    const raw = rawBytes(node, cell);
    if (raw === undefined) return write(cell, bytes, at);
    bytes.set(raw, at);
    return raw.length === length ? undefined : WRONG_TYPE;
  };
}

/** The bytes that the policy `raw` shows as `0x…`: they go back as they came. No text of the field is as long. */
function rawBytes({ onBad, blank, length }: ScalarNode, cell: Cell): Uint8Array | undefined {
  if (typeof cell !== 'string' || (onBad !== 'raw' && blank !== 'raw')) return undefined;
  const isRaw = cell.length === 2 + length * 2 && /^0x[0-9A-F]*$/.test(cell);
  return isRaw ? Uint8Array.fromHex(cell.slice(2)) : undefined;
}

/** What is read as null again: a value that means none, or blanks. */
function nullWriter(
  node: ScalarNode,
  recordCharset: string,
  write: WriteCell,
): (bytes: Uint8Array, at: number) => Flaw | undefined {
  const { encoding, length } = node;
  const read = readerOf(node, recordCharset);
  const field = new Uint8Array(length);
  if (encoding.kind === 'temporal' && write(null, field, 0) === undefined && read(field, 0) === null) {
    return (bytes, at) => write(null, bytes, at);
  }
  const blank = blankOf(encoding, recordCharset);
  if (blank !== undefined) {
    fillWith(blank, field, 0, length);
    if (read(field, 0) === null) {
      return (bytes, at) => {
        bytes.set(field, at);
        return undefined;
      };
    }
  }
  return () => ({ flaw: 'null-value', message: 'it cannot be null' });
}

function cellWriter(node: ScalarNode, charset: Charset): WriteCell {
  const { encoding, length } = node;
  // Under the policy `raw` values of every type are text.
  const asText = node.type.kind === 'string';
  switch (encoding.kind) {
    case 'text': {
      const write = textWriter(encoding, length);
      return (cell, bytes, at) => (typeof cell === 'string' ? write(cell, bytes, at) : WRONG_TYPE);
    }
    case 'bytes':
      return (cell, bytes, at) => {
        if (!(cell instanceof Uint8Array)) return WRONG_TYPE;
        if (cell.length !== length) {
          return { flaw: 'overflow', message: `the value has ${cell.length} bytes, and it has ${length}` };
        }
        bytes.set(cell, at);
        return undefined;
      };
    case 'temporal': {
      const write = temporalWriter(encoding, length, charset);
      return (cell, bytes, at) =>
        typeof cell === 'string' || cell === null ? write(cell, bytes, at) : WRONG_TYPE;
    }
    case 'boolean-text': {
      const write = textWriter(encoding.text, length);
      return (cell, bytes, at) => {
        const truth = asText && (cell === 'true' || cell === 'false') ? cell === 'true' : cell;
        if (typeof truth !== 'boolean') return WRONG_TYPE;
        return write(truth ? encoding.whenTrue : encoding.whenFalse, bytes, at);
      };
    }
    case 'condition':
      return () => ({
        flaw: 'wrong-type',
        message: 'a condition is written through the field that it describes',
      });
    case 'enum': {
      const names = new Map<Cell, WriteValue>(
        encoding.names.flatMap(({ name, values: [value] }) =>
          value === undefined ? [] : [[name, conditionWriter(encoding.subject, value, length, charset)]],
        ),
      );
      // A literal can be longer than the field, or the same bytes as that of an earlier condition.
      const read = readerOf(node, charset.name);
      return (cell, bytes, at) => {
        const write = names.get(cell);
        if (write === undefined) return { flaw: 'wrong-type', message: 'it has no such name' };
        const flaw = write(bytes, at);
        if (flaw !== undefined || read(bytes, at) === cell) return flaw;
        return { flaw: 'overflow', message: 'the first value of its condition would not be read as it' };
      };
    }
    case 'float':
    case 'float-text': {
      const write = floatWriter(encoding, length, charset);
      return (cell, bytes, at) => {
        const number = asText && typeof cell === 'string' && cell.trim() !== '' ? Number(cell) : cell;
        return typeof number === 'number' && Number.isFinite(number) ? write(number, bytes, at) : WRONG_TYPE;
      };
    }
    default: {
      const write = numberWriter(encoding, length, charset);
      return (cell, bytes, at) => {
        const number = unscaledOf(cell, encoding.scale);
        return isFlaw(number) ? number : write(number, bytes, at);
      };
    }
  }
}

type WriteValue = (bytes: Uint8Array, at: number) => Flaw | undefined;

/** The value that COBOL's SET … TO TRUE stores: the first of the condition. */
function conditionWriter(
  subject: SubjectEncoding,
  value: ConditionValue,
  length: number,
  charset: Charset,
): WriteValue {
  if (value.kind === 'fill') {
    return (bytes, at) => {
      bytes.fill(value.byte, at, at + length);
      return undefined;
    };
  }
  if (value.kind === 'bytes' || subject.kind === 'bytes') {
    const literal = value.kind === 'bytes' ? Uint8Array.fromHex(value.from) : charset.encode(value.from);
    return (bytes, at) => {
      fillWith(charset.blank, bytes, at, length);
      bytes.set(literal.subarray(0, length), at);
      return undefined;
    };
  }
  switch (subject.kind) {
    case 'text': {
      const write = textWriter(subject, length);
      return (bytes, at) => write(value.from, bytes, at);
    }
    case 'float':
    case 'float-text': {
      const write = floatWriter(subject, length, charset);
      return (bytes, at) => write(Number(value.from), bytes, at);
    }
    default: {
      const write = numberWriter(subject, length, charset);
      const number = unscaledOf(value.from, subject.scale);
      return (bytes, at) => (isFlaw(number) ? number : write(number, bytes, at));
    }
  }
}

/** Zero in numbers, the padding in texts, x'00' in bytes, and blanks elsewhere. */
export function initialWriter(
  node: ScalarNode,
  recordCharset: string,
): (bytes: Uint8Array, at: number) => void {
  const { encoding, length } = node;
  if (encoding.kind === 'condition') return () => {};
  // How an item is filled does not depend on what is read from it.
  const subject = encoding.kind === 'temporal' || encoding.kind === 'enum' ? encoding.subject : encoding;
  const initial = new Uint8Array(length);
  const charset = charsetOf(subject, recordCharset);
  switch (subject.kind) {
    case 'bytes':
      break;
    case 'text':
      textWriter(subject, length)('', initial, 0);
      break;
    case 'float':
    case 'float-text':
      floatWriter(subject, length, charset)(0, initial, 0);
      break;
    case 'boolean-text':
      fillWith(charset.blank, initial, 0, length);
      break;
    default:
      numberWriter(subject, length, charset)(0n, initial, 0);
  }
  return (bytes, at) => bytes.set(initial, at);
}
