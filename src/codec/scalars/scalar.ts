// Knows: how one scalar of a layout is read from bytes with its policies: the reference that generated code agrees with.
// Must not know: records, and where in a record a field stands.

import { shown } from '../../query/literal.ts';
import type { Irregular } from '../encoding.ts';
import type { ScalarNode } from '../layout.ts';
import { allIs, blankOf, charsetOf } from './blanks.ts';
import { conditionMatcher } from './conditions.ts';
import { type Flaw, isFlaw, isScalarValue, type ScalarValue } from './flaw.ts';
import { floatReader } from './float-field.ts';
import { numberReader, numberValue } from './numbers.ts';
import { temporalReader } from './temporal-field.ts';
import { textReader } from './texts.ts';

export { charsetOf } from './blanks.ts';

/** Reads the field whose first byte is at `at`. */
export type Read = (bytes: Uint8Array, at: number) => ScalarValue | Flaw;

const LOW = Uint8Array.of(0x00);
const HIGH = Uint8Array.of(0xff);

/** The reading of a node, its policies applied: a flaw is left only where the policy says `fail`. */
export function readerOf(node: ScalarNode, recordCharset: string): Read {
  const { encoding, length, onBad = 'fail' } = node;
  const plain = encodingReader(node, recordCharset);
  // A number under the policy `raw` is shown as text.
  const asText = node.type.kind === 'string' && encoding.kind !== 'text';
  const read: Read = (bytes, at) => {
    const value = plain(bytes, at);
    if (isFlaw(value)) return settle(onBad, value, node, bytes, at);
    return asText && value !== null ? String(value) : value;
  };
  const blank = blankOf(encoding, recordCharset);
  if (blank === undefined) return read;
  const isBlank = (bytes: Uint8Array, at: number) =>
    (!isBlankText(node) && allIs(blank, bytes, at, length)) ||
    (node.lowValues === 'blank' && allIs(LOW, bytes, at, length)) ||
    (node.highValues === 'blank' && allIs(HIGH, bytes, at, length));
  const onBlank = blankReader(node);
  if (!canMeanBlank(node)) {
    return (bytes, at) => (isBlank(bytes, at) ? onBlank(bytes, at) : read(bytes, at));
  }
  // What the bytes mean comes first: only where they mean nothing the field is blank.
  return (bytes, at) => (isBlank(bytes, at) && isFlaw(plain(bytes, at)) ? onBlank : read)(bytes, at);
}

/** Can blanks be a value: one that a condition names, one of two texts, zero in an edited picture (ZZZ)? */
function canMeanBlank({ encoding: { kind } }: ScalarNode): boolean {
  return kind === 'condition' || kind === 'enum' || kind === 'boolean-text' || kind === 'edited';
}

/** Are blanks a text like others, which only trimming makes empty? */
function isBlankText({ encoding, blank }: ScalarNode): boolean {
  return encoding.kind === 'text' && (blank === undefined || blank === 'raw');
}

const NUMBERS: readonly string[] = ['zoned', 'packed', 'number-text', 'edited', 'float-text'];

/** What a field of nothing but blanks is. */
function blankReader(node: ScalarNode): Read {
  const { encoding, blank, onBad = 'fail' } = node;
  if (isBlankText(node)) return () => '';
  const flaw: Flaw = {
    flaw: NUMBERS.includes(encoding.kind) ? 'blank-number' : 'blank-field',
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

function encodingReader(node: ScalarNode, recordCharset: string): Read {
  const { encoding, length } = node;
  const charset = charsetOf(encoding, recordCharset);
  switch (encoding.kind) {
    case 'text':
      return textReader(encoding, length);
    case 'bytes':
      return (bytes, at) => bytes.slice(at, at + length);
    case 'temporal':
      return temporalReader(encoding, length, charset);
    case 'float':
    case 'float-text':
      return floatReader(encoding, length, charset);
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
