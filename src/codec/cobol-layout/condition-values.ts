// Knows: what the literals of a condition (level 88) mean for the field that they describe.
// Must not know: how fields are compared.

import { parseDecimal } from '../../model/decimal.ts';
import type { Charset } from '../charset.ts';
import type { Condition, Item, Literal } from '../copybook/tree.ts';
import type { ConditionValue, SubjectEncoding } from '../encoding.ts';
import { itemFault, literalText } from './item-text.ts';

/** What a condition's values are values of. `length` in bytes; `charset`: of the field's characters. */
export interface Subject {
  readonly item: Item;
  readonly encoding: SubjectEncoding;
  readonly length: number;
  readonly charset: Charset;
}

/** Can the conditions be an enum: single values only, none of them in two conditions? */
export function isDiscrete(conditions: readonly (readonly ConditionValue[])[]): boolean {
  const seen = new Set<string>();
  for (const values of conditions) {
    const own = new Set(values.map((value) => JSON.stringify(value)));
    if (values.some((value) => value.kind !== 'fill' && value.to !== undefined)) return false;
    for (const value of own) {
      if (seen.has(value)) return false;
      seen.add(value);
    }
  }
  return true;
}

export function conditionValues(subject: Subject, values: Condition['values']): readonly ConditionValue[] {
  return values.map(({ from, to }) => (to === undefined ? single(subject, from) : range(subject, from, to)));
}

/** A literal without ALL: of a figurative constant ALL says nothing, others are repeated through the field. */
function spread(literal: Literal, { encoding, length, charset }: Subject): Exclude<Literal, { kind: 'all' }> {
  if (literal.kind !== 'all') return literal;
  const { of } = literal;
  if (of.kind === 'figurative') return of;
  if (of.kind === 'hex') return { kind: 'hex', hex: of.hex.repeat(length).slice(0, 2 * length) };
  const characters = 'digits' in encoding ? encoding.digits : length / (charset.width ?? 1);
  return { ...of, text: of.text.repeat(characters).slice(0, characters) };
}

function single(subject: Subject, literal: Literal): ConditionValue {
  const { encoding, charset } = subject;
  const value = spread(literal, subject);
  if (value.kind === 'hex') return { kind: 'bytes', from: value.hex.toUpperCase() };
  if (value.kind === 'figurative') {
    const isNumber = encoding.kind !== 'text' && encoding.kind !== 'bytes';
    if (value.word === 'zero' && isNumber) return { kind: 'value', from: '0' };
    const [byte = 0, another] = figurativeBytes(value.word, charset);
    // One character of a two-byte charset is no single byte again and again.
    if (another === undefined || byte === another) return { kind: 'fill', byte };
    return { kind: 'bytes', from: hexOf(value, subject) };
  }
  return { kind: 'value', from: valueText(subject, value) };
}

/** Both ends as values, or as bytes where one of them is no value. */
function range(subject: Subject, from: Literal, to: Literal): ConditionValue {
  const ends = [spread(from, subject), spread(to, subject)] as const;
  const isText = subject.encoding.kind === 'text' || subject.encoding.kind === 'bytes';
  const plain = ends.every(
    (end) => end.kind !== 'hex' && (end.kind !== 'figurative' || (end.word === 'zero' && !isText)),
  );
  const [low, high] = ends;
  return plain
    ? { kind: 'value', from: valueText(subject, low), to: valueText(subject, high) }
    : { kind: 'bytes', from: hexOf(low, subject), to: hexOf(high, subject) };
}

type Plain = Exclude<Literal, { kind: 'all' }>;
type Word = Extract<Literal, { kind: 'figurative' }>['word'];

/** One character of a figurative constant. */
export function figurativeBytes(word: Word, charset: Charset): Uint8Array {
  switch (word) {
    case 'zero':
      return charset.encode('0');
    case 'space':
      return charset.blank;
    case 'low-value':
    case 'null':
      return Uint8Array.of(0x00);
    case 'high-value':
      return Uint8Array.of(0xff);
    case 'quote':
      return charset.encode('"');
  }
}

function hexOf(literal: Plain, subject: Subject): string {
  const { length, charset } = subject;
  if (literal.kind === 'hex') return literal.hex.toUpperCase();
  if (literal.kind !== 'figurative') return charset.encode(valueText(subject, literal)).toHex().toUpperCase();
  const one = figurativeBytes(literal.word, charset).toHex().toUpperCase();
  return one.repeat(length).slice(0, 2 * length);
}

/** A literal as the field's value: text, or canonical decimal text for a number. */
function valueText({ item, encoding }: Subject, literal: Plain): string {
  if (literal.kind === 'hex') return literal.hex;
  if (literal.kind === 'figurative') return '0';
  if (encoding.kind === 'text') return literal.text;
  const number = encoding.kind === 'bytes' ? undefined : parseDecimal(expanded(literal.text));
  if (number !== undefined) return number;
  const shown = literal.kind === 'text' ? JSON.stringify(literal.text) : literalText(literal);
  throw itemFault(item, `is a number, and a condition compares it with ${shown}`);
}

/** A floating-point literal without its exponent: `1.5E3` → `1500.`. */
function expanded(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent] =
    /^([+-]?)(\d{0,40})\.?(\d{0,40})E([+-]?\d{1,2})$/i.exec(text) ?? [];
  if (exponent === undefined) return text;
  const shift = Number(exponent);
  const digits =
    shift < 0 ? whole.padStart(whole.length - shift, '0') + fraction : whole + fraction.padEnd(shift, '0');
  const point = shift < 0 ? whole.length : whole.length + shift;
  const after = digits.slice(point);
  return `${sign}${digits.slice(0, point) || '0'}${after === '' ? '' : `.${after}`}`;
}
