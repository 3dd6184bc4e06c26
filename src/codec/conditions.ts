// Knows: when a condition (level 88) is true of a field's bytes.
// Must not know: copybooks, records, policies.
//
// Rules: Enterprise COBOL Language Reference, "Condition-name condition" and "Comparison of alphanumeric operands": text compares by the
// bytes of its charset, the shorter side extended with blanks; numbers compare by value.

import { compareDecimal, fromScaled } from '../model/decimal.ts';
import type { Charset } from './charset.ts';
import type { ConditionValue, NumberEncoding, SubjectEncoding } from './encoding.ts';
import { allBytesAre, type Flaw, isFlaw } from './flaw.ts';
import { numberReader } from './numbers.ts';

type Holds = (bytes: Uint8Array, at: number) => boolean | Flaw;

/** True while the subject holds one of the values. A number that cannot be read is a flaw, unless a fill says what it is. */
export function conditionMatcher(
  subject: SubjectEncoding,
  values: readonly ConditionValue[],
  length: number,
  charset: Charset,
): Holds {
  const fills = values.flatMap((value) => (value.kind === 'fill' ? [value.byte] : []));
  const ranges = values.flatMap((value) => (value.kind === 'value' ? [value] : []));
  const inRange =
    subject.kind === 'text'
      ? textRanges(ranges, length, charset)
      : numberRanges(ranges, subject, length, charset);
  return (bytes, at) => fills.some((fill) => allBytesAre(fill, bytes, at, length)) || inRange(bytes, at);
}

type Ranges = readonly { readonly from: string; readonly to?: string }[];

function numberRanges(ranges: Ranges, subject: NumberEncoding, length: number, charset: Charset): Holds {
  const read = numberReader(subject, length, charset);
  return (bytes, at) => {
    if (ranges.length === 0) return false;
    const number = read(bytes, at);
    if (isFlaw(number)) return number;
    const decimal = fromScaled(number, subject.scale);
    return ranges.some(
      ({ from, to = from }) => compareDecimal(decimal, from) >= 0 && compareDecimal(decimal, to) <= 0,
    );
  };
}

function textRanges(ranges: Ranges, length: number, charset: Charset): Holds {
  const encoded = ranges.map(({ from, to = from }) => [charset.encode(from), charset.encode(to)] as const);
  return (bytes, at) =>
    encoded.some(
      ([from, to]) =>
        comparePadded(bytes, at, length, from, charset.space) >= 0 &&
        comparePadded(bytes, at, length, to, charset.space) <= 0,
    );
}

function comparePadded(
  bytes: Uint8Array,
  at: number,
  length: number,
  literal: Uint8Array,
  space: number,
): number {
  for (let i = 0; i < Math.max(length, literal.length); i++) {
    const left = i < length ? (bytes[at + i] ?? space) : space;
    const difference = left - (literal[i] ?? space);
    if (difference !== 0) return difference;
  }
  return 0;
}
