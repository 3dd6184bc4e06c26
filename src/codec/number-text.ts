// Knows: numbers as people write them in fixed columns, both ways.
// Must not know: bytes and charsets; it works on text.

import { fromScaled } from '../model/decimal.ts';
import { shown } from '../query/literal.ts';
import type { NumberTextEncoding } from './encoding.ts';
import type { Flaw } from './flaw.ts';

const NUMBER = /^([+-]?)(\d*)(?:(\.)(\d*))?$/;

/** The number without its point, or why the text is none. Blanks around it are no part of it. */
export function readNumberText(encoding: NumberTextEncoding, field: string): bigint | Flaw {
  const text = field.trim();
  if (encoding.radix !== undefined) return readInRadix(encoding.radix, text);
  const [, sign = '', whole = '', point, fraction = ''] = NUMBER.exec(text) ?? [];
  if (whole === '' && fraction === '') return bad(text, 'is no number');
  if (sign === '-' && !encoding.signed) return bad(text, 'has a minus, but the field has no sign');
  if (point !== undefined && encoding.point === 'implied') {
    return bad(text, 'has a decimal point where only digits may stand');
  }
  const { scale } = encoding;
  if (fraction.length > scale && /[1-9]/.test(fraction.slice(scale))) {
    return bad(text, `has more than ${scale} digits behind the point`);
  }
  const implied = point === undefined && encoding.point !== 'explicit';
  const digits = implied ? whole : whole + fraction.slice(0, scale).padEnd(scale, '0');
  const value = BigInt(digits);
  return sign === '-' ? -value : value;
}

function readInRadix(radix: number, text: string): bigint | Flaw {
  const [, sign = '', digits = ''] = /^([+-]?)([0-9A-Za-z]+)$/.exec(text) ?? [];
  if (digits === '') return bad(text, 'is no number');
  let value = 0n;
  for (const character of digits) {
    const digit = Number.parseInt(character, radix);
    if (Number.isNaN(digit)) return bad(text, `is no number in base ${radix}`);
    value = value * BigInt(radix) + BigInt(digit);
  }
  return sign === '-' ? -value : value;
}

function bad(text: string, why: string): Flaw {
  return { flaw: 'bad-number-text', message: `${shown(text)} ${why}` };
}

/** Text of `width` characters, or undefined if the number does not fit. */
export function writeNumberText(
  encoding: NumberTextEncoding,
  value: bigint,
  width: number,
): string | undefined {
  const negative = value < 0n;
  const unsigned = negative ? -value : value;
  const explicit = encoding.point !== 'implied' && encoding.scale > 0;
  const number = explicit ? fromScaled(unsigned, encoding.scale) : unsigned.toString(encoding.radix);
  const sign = negative ? '-' : '';
  const text =
    encoding.pad === ' '
      ? (sign + number).padStart(width, ' ')
      : sign + number.padStart(width - sign.length, '0');
  return text.length > width ? undefined : text;
}
