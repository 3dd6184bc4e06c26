// Knows: days and times in a field's text or digits, both ways, and the values that mean that there is none.
// Must not know: patterns from the inside, policies.

import { Fault } from '../../fault.ts';
import { shown } from '../../query/literal.ts';
import type { Charset } from '../charset.ts';
import type { TemporalEncoding } from '../encoding.ts';
import { parseTemporalPattern, readTemporal, type TemporalPattern, writeTemporal } from './dates.ts';
import { type Flaw, isFlaw } from './flaw.ts';
import { numberReader, numberWriter } from './numbers.ts';
import { onText, textWriter } from './texts.ts';

/** ISO text, null for a value that means none, or a flaw. */
export function temporalReader(
  encoding: TemporalEncoding,
  length: number,
  charset: Charset,
): (bytes: Uint8Array, at: number) => string | null | Flaw {
  const { subject, none = [] } = encoding;
  const pattern = patternOf(encoding);
  const isNone = (text: string) =>
    (none.includes('zeros') && isAll('0', text, pattern)) ||
    (none.includes('nines') && isAll('9', text, pattern));
  const read = (text: string) => (isNone(text.trim()) ? null : readTemporal(pattern, text));
  if (subject.kind === 'text') return onText(charset, length, read);
  const number = numberReader(subject, length, charset);
  return (bytes, at) => {
    const value = number(bytes, at);
    if (isFlaw(value)) return value;
    const digits = value.toString();
    // All nines can be more of them than the pattern has: S9(7) for yyMMdd.
    if (none.includes('nines') && digits === '9'.repeat(subject.digits)) return null;
    if (value < 0n || digits.length > pattern.length) {
      const flaw = `the number ${shown(digits)} does not follow the pattern ${pattern.text}`;
      return { flaw: 'bad-date', message: flaw };
    }
    return read(digits.padStart(pattern.length, '0'));
  };
}

function patternOf({ pattern, window, subject }: TemporalEncoding): TemporalPattern {
  const parsed = parseTemporalPattern(pattern, window);
  if (subject.kind === 'text') return parsed;
  const stranger = parsed.pieces.find((piece) => piece.kind === 'literal' && !/^\d+$/.test(piece.text));
  if (stranger !== undefined || subject.scale !== 0) {
    const message =
      stranger === undefined
        ? `"${pattern}" cannot be the pattern of a number with decimal places`
        : `"${pattern}" cannot be the pattern of a number: only digits stand in it`;
    throw new Fault('invalid', message, { code: 'bad-date-pattern', misconfigured: true });
  }
  return parsed;
}

/** This digit in every digit's place, with or without the characters that the pattern puts between. */
function isAll(digit: string, text: string, pattern: TemporalPattern): boolean {
  return text !== '' && (text === noneText(digit, pattern) || text === digit.repeat(text.length));
}

function noneText(digit: string, { pieces }: TemporalPattern): string {
  return pieces
    .map((piece) => (piece.kind === 'part' ? digit.repeat(piece.part.length) : piece.text))
    .join('');
}

/** Writes ISO text by the pattern; null is the first value that means none. */
export function temporalWriter(
  encoding: TemporalEncoding,
  length: number,
  charset: Charset,
): (value: string | null, bytes: Uint8Array, at: number) => Flaw | undefined {
  const { subject, none: [none] = [] } = encoding;
  const pattern = patternOf(encoding);
  const text = subject.kind === 'text' ? textWriter(subject, length) : undefined;
  const number = subject.kind === 'text' ? undefined : numberWriter(subject, length, charset);
  return (value, bytes, at) => {
    if (value === null && none === undefined) return { flaw: 'null-value', message: 'it cannot be null' };
    const written =
      value === null ? noneText(none === 'nines' ? '9' : '0', pattern) : writeTemporal(pattern, value);
    if (written === undefined) {
      return { flaw: 'bad-date', message: `the pattern ${pattern.text} cannot show it` };
    }
    return text?.(written, bytes, at) ?? number?.(BigInt(written), bytes, at);
  };
}
