// Knows: what the literals of a condition (level 88) mean for the field that they describe.
// Must not know: how fields are compared.

import { parseDecimal } from '../model/decimal.ts';
import type { Charset } from './charset.ts';
import type { Condition, Item, Literal } from './copybook/tree.ts';
import type { ConditionValue, SubjectEncoding } from './encoding.ts';
import { itemFault } from './item-encoding.ts';

/** Can the conditions be an enum: single values only? */
export function isDiscrete(item: Item): boolean {
  return item.conditions.every(({ values }) => values.every(({ to }) => to === undefined));
}

export function conditionValues(
  item: Item,
  values: Condition['values'],
  subject: SubjectEncoding,
  length: number,
  charset: Charset,
): readonly ConditionValue[] {
  const text = (literal: Literal) => literalText(item, literal, subject, length, charset);
  return values.map(({ from, to }): ConditionValue => {
    if (to !== undefined) return { kind: 'value', from: text(from), to: text(to) };
    const byte = from.kind === 'figurative' ? fillByte(from.word, charset) : undefined;
    const isZero = from.kind === 'figurative' && from.word === 'zero' && subject.kind !== 'text';
    return byte === undefined || isZero ? { kind: 'value', from: text(from) } : { kind: 'fill', byte };
  });
}

type Figurative = Extract<Literal, { kind: 'figurative' }>['word'];

/** The byte that a figurative constant fills a field with. */
function fillByte(word: Figurative, charset: Charset): number | undefined {
  switch (word) {
    case 'zero':
      return charset.zero;
    case 'space':
      return charset.space;
    case 'low-value':
      return 0x00;
    case 'high-value':
      return 0xff;
    case 'quote':
      return charset.encode('"')[0];
  }
}

/** A literal as the field's value: text, or canonical decimal text for a number. */
function literalText(
  item: Item,
  literal: Literal,
  subject: SubjectEncoding,
  length: number,
  charset: Charset,
): string {
  if (subject.kind === 'text') {
    if (literal.kind !== 'figurative') return literal.text;
    const byte = fillByte(literal.word, charset) ?? charset.space;
    return charset.decode(new Uint8Array(length).fill(byte), 0, length);
  }
  const digits = literal.kind === 'figurative' ? (literal.word === 'zero' ? '0' : '') : literal.text;
  return parseDecimal(digits) ?? notANumber(item, literal);
}

function notANumber(item: Item, literal: Literal): never {
  const shown = literal.kind === 'figurative' ? literal.word : `"${literal.text}"`;
  throw itemFault(item, `is a number, and a condition compares it with ${shown}`);
}
