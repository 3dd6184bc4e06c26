// Knows: how one scalar of a layout is read from bytes with its policies: the reference that generated code agrees with.
// Must not know: records, and where in a record a field stands.

import { shown } from '../query/literal.ts';
import { type Charset, openCharset } from './charset.ts';
import { conditionMatcher } from './conditions.ts';
import { parseTemporalPattern, readTemporal } from './dates.ts';
import { SPACE } from './digits.ts';
import type { Encoding, Irregular, TextEncoding } from './encoding.ts';
import { allBytesAre, type Flaw, isFlaw, isScalarValue, type ScalarValue } from './flaw.ts';
import type { ScalarNode } from './layout.ts';
import { numberReader, numberValue, onText } from './numbers.ts';

/** Reads the field whose first byte is at `at`. */
export type Read = (bytes: Uint8Array, at: number) => ScalarValue | Flaw;

/** The reading of a node, its policies applied: a flaw is left only where the policy says `fail`. */
export function readerOf(node: ScalarNode, recordCharset: string): Read {
  const { encoding, length, onBad = 'fail' } = node;
  const plain = encodingReader(node, encoding, recordCharset);
  // A number under the policy `raw` is shown as text.
  const asText = node.type.kind === 'string' && encoding.kind !== 'text';
  const read: Read = (bytes, at) => {
    const value = plain(bytes, at);
    if (isFlaw(value)) return settle(onBad, value, node, bytes, at);
    return asText && value !== null ? String(value) : value;
  };
  if (encoding.kind === 'binary') return read;
  const space = spaceOf(encoding, recordCharset);
  const isBlank = (bytes: Uint8Array, at: number) =>
    (!isBlankText(node) && allBytesAre(space, bytes, at, length)) ||
    (node.lowValues === 'blank' && allBytesAre(0, bytes, at, length));
  const onBlank = blankReader(node);
  if (encoding.kind !== 'condition' && encoding.kind !== 'enum') {
    return (bytes, at) => (isBlank(bytes, at) ? onBlank(bytes, at) : read(bytes, at));
  }
  // Conditions come first: a blank can be one of the values that they name.
  return (bytes, at) => (isBlank(bytes, at) && isFlaw(plain(bytes, at)) ? onBlank : read)(bytes, at);
}

/** Are blanks a text like others, which only trimming makes empty? */
function isBlankText({ encoding, blank }: ScalarNode): boolean {
  return encoding.kind === 'text' && (blank === undefined || blank === 'raw');
}

/** What a field of nothing but blanks is. */
function blankReader(node: ScalarNode): Read {
  const { encoding, blank, onBad = 'fail' } = node;
  if (isBlankText(node)) return () => '';
  const isNumber = encoding.kind === 'zoned' || encoding.kind === 'packed' || encoding.kind === 'number-text';
  const flaw: Flaw = {
    flaw: isNumber ? 'blank-number' : 'blank-field',
    message: 'it is blank, which is no value',
  };
  return (bytes, at) => settle(blank ?? onBad, flaw, node, bytes, at);
}

/** What a policy makes of a flaw. */
function settle(
  policy: Irregular,
  flaw: Flaw,
  node: ScalarNode,
  bytes: Uint8Array,
  at: number,
): ScalarValue | Flaw {
  if (policy === 'fail') return flaw;
  if (policy === 'null') return null;
  if (policy === 'raw') {
    const hex = bytes.subarray(at, at + node.length).toHex();
    return `0x${hex.toUpperCase()}`;
  }
  return isScalarValue(policy.default) ? policy.default : flaw;
}

/** The blank byte of a field. */
function spaceOf(encoding: Encoding, recordCharset: string): number {
  if (encoding.kind === 'condition' || encoding.kind === 'enum')
    return spaceOf(encoding.subject, recordCharset);
  return 'family' in encoding ? SPACE[encoding.family] : charsetOf(encoding, recordCharset).space;
}

/** The charset that says what blanks and characters of a field look like. */
export function charsetOf(encoding: Encoding, recordCharset: string): Charset {
  switch (encoding.kind) {
    case 'text':
      return openCharset(encoding.charset);
    case 'boolean-text':
      return openCharset(encoding.text.charset);
    case 'condition':
    case 'enum':
      return charsetOf(encoding.subject, recordCharset);
    default:
      return openCharset(recordCharset);
  }
}

function encodingReader(node: ScalarNode, encoding: Encoding, recordCharset: string): Read {
  const { length } = node;
  const charset = charsetOf(encoding, recordCharset);
  switch (encoding.kind) {
    case 'text':
      return textReader(encoding, length);
    case 'temporal-text': {
      const pattern = parseTemporalPattern(encoding.pattern);
      return onText(charset, length, (text) => readTemporal(pattern, text));
    }
    case 'boolean-text': {
      const { whenTrue, whenFalse } = encoding;
      const read = textReader(encoding.text, length);
      return (bytes, at) => {
        const text = read(bytes, at);
        if (isFlaw(text)) return text;
        return text === whenTrue ? true : text === whenFalse ? false : notBoolean(text, whenTrue, whenFalse);
      };
    }
    case 'condition':
      return conditionMatcher(encoding.subject, encoding.values, length, charset);
    case 'enum': {
      const names = encoding.names.map(({ name, values }) => ({
        name,
        holds: conditionMatcher(encoding.subject, values, length, charset),
      }));
      return (bytes, at) => {
        for (const { name, holds } of names) {
          const truth = holds(bytes, at);
          if (isFlaw(truth)) return truth;
          if (truth) return name;
        }
        return { flaw: 'no-condition', message: 'it is none of the values that its conditions name' };
      };
    }
    default: {
      const unscaled = numberReader(encoding, length, charset);
      return (bytes, at) => {
        const number = unscaled(bytes, at);
        return isFlaw(number) ? number : numberValue(encoding, node.type.kind, number);
      };
    }
  }
}

function notBoolean(text: ScalarValue, whenTrue: string, whenFalse: string): Flaw {
  return {
    flaw: 'bad-boolean',
    message: `${shown(String(text))} is neither "${whenTrue}" nor "${whenFalse}"`,
  };
}

function textReader(encoding: TextEncoding, length: number): Read {
  const pad = encoding.pad ?? ' ';
  return onText(openCharset(encoding.charset), length, (text) => trimmed(text, encoding.trim, pad));
}

function trimmed(text: string, trim: TextEncoding['trim'], pad: string): string {
  let from = 0;
  let to = text.length;
  if (trim === 'right' || trim === 'both') while (to > 0 && text[to - 1] === pad) to--;
  if (trim === 'left' || trim === 'both') while (from < to && text[from] === pad) from++;
  return text.slice(from, to);
}
