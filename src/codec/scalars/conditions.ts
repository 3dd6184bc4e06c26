// Knows: when a condition (level 88) is true of a field's bytes.
// Must not know: copybooks, records, policies.
//
// Rules: Enterprise COBOL Language Reference, "Condition-name condition" and "Comparison of alphanumeric operands": text compares by the
// bytes of its charset, the shorter side extended with blanks; numbers compare by value.

import { compareDecimal } from '../../model/decimal.ts';
import type { Charset } from '../charset.ts';
import type { ConditionValue, SubjectEncoding } from '../encoding.ts';
import { allIs } from './blanks.ts';
import { type Flaw, isFlaw } from './flaw.ts';
import { floatReader } from './float-field.ts';
import { decimalOf, numberReader } from './numbers.ts';

type Holds = (bytes: Uint8Array, at: number) => boolean | Flaw;

/** True while the subject holds one of the values. A number that cannot be read is a flaw, unless its bytes say what it is. */
export function conditionMatcher(
  subject: SubjectEncoding,
  values: readonly ConditionValue[],
  length: number,
  charset: Charset,
): Holds {
  const tests = values
    .map((value) => bytesTest(value, subject, length, charset))
    .filter((test) => test !== undefined);
  const ranges = values.flatMap((value) => (value.kind === 'value' ? [value] : []));
  const inRange =
    ranges.length === 0 || subject.kind === 'text' || subject.kind === 'bytes'
      ? undefined
      : numberTest(ranges, subject, length, charset);
  return (bytes, at) => tests.some((test) => test(bytes, at)) || (inRange?.(bytes, at) ?? false);
}

/** The test of a value that bytes alone decide; undefined where it is a number's. */
function bytesTest(
  value: ConditionValue,
  subject: SubjectEncoding,
  length: number,
  charset: Charset,
): ((bytes: Uint8Array, at: number) => boolean) | undefined {
  if (value.kind === 'fill') {
    const fill = Uint8Array.of(value.byte);
    return (bytes, at) => allIs(fill, bytes, at, length);
  }
  if (value.kind === 'value' && subject.kind !== 'text' && subject.kind !== 'bytes') return undefined;
  const blank = charset.blank;
  const { from, to = from } = value;
  const encode = (text: string) => (value.kind === 'bytes' ? Uint8Array.fromHex(text) : charset.encode(text));
  const least = encode(from);
  const most = encode(to);
  return (bytes, at) =>
    comparePadded(bytes, at, length, least, blank) >= 0 && comparePadded(bytes, at, length, most, blank) <= 0;
}

type Ranges = readonly { readonly from: string; readonly to?: string }[];

function numberTest(
  ranges: Ranges,
  subject: Exclude<SubjectEncoding, { kind: 'text' | 'bytes' }>,
  length: number,
  charset: Charset,
): Holds {
  if (subject.kind === 'float' || subject.kind === 'float-text') {
    const read = floatReader(subject, length, charset);
    return (bytes, at) => {
      const number = read(bytes, at);
      if (isFlaw(number)) return number;
      return ranges.some(({ from, to = from }) => number >= Number(from) && number <= Number(to));
    };
  }
  const read = numberReader(subject, length, charset);
  return (bytes, at) => {
    const number = read(bytes, at);
    if (isFlaw(number)) return number;
    const decimal = decimalOf(number, subject.scale);
    return ranges.some(
      ({ from, to = from }) => compareDecimal(decimal, from) >= 0 && compareDecimal(decimal, to) <= 0,
    );
  };
}

function comparePadded(
  bytes: Uint8Array,
  at: number,
  length: number,
  literal: Uint8Array,
  blank: Uint8Array,
): number {
  for (let i = 0; i < Math.max(length, literal.length); i++) {
    const padding = blank[i % blank.length] ?? 0;
    const left = i < length ? (bytes[at + i] ?? padding) : padding;
    const difference = left - (literal[i] ?? padding);
    if (difference !== 0) return difference;
  }
  return 0;
}
