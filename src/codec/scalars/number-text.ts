// Knows: numbers as people write them in fixed columns, both ways.
// Must not know: bytes and charsets; it works on text.

import { fromScaled } from '../../model/decimal.ts';
import { shown } from '../../query/literal.ts';
import type { NumberTextEncoding } from '../encoding.ts';
import { signedBigInt } from './digits.ts';
import type { Flaw } from './flaw.ts';

const NUMBER = { '.': /^([+-]?)(\d*)(?:(\.)(\d*))?([+-]?)$/, ',': /^([+-]?)(\d*)(?:(,)(\d*))?([+-]?)$/ };

/**
 * The number without its point, or why the text is none. Blanks around it are no part of it. `punch`: the sign that stood over one of its
 * digits.
 */
export function readNumberText(
  encoding: NumberTextEncoding,
  field: string,
  punch?: '+' | '-',
): bigint | Flaw {
  const text = field.trim();
  if (encoding.radix !== undefined) return readInRadix(encoding, encoding.radix, text);
  const [, before = '', whole = '', point, fraction = '', behind = ''] =
    NUMBER[encoding.pointSymbol ?? '.'].exec(text) ?? [];
  if (whole === '' && fraction === '') return bad(text, 'is no number');
  if (behind !== '' && encoding.sign !== 'trailing-separate') return bad(text, 'is no number');
  const signs = before + behind + (punch ?? '');
  if (signs.length > 1) return bad(text, 'has two signs');
  if (signs === '-' && !encoding.signed) return bad(text, 'has a minus, but the field has no sign');
  if (point !== undefined && encoding.point === 'implied') {
    return bad(text, 'has a decimal point where only digits may stand');
  }
  const scale = Math.max(encoding.scale, 0);
  if (fraction.length > scale && /[1-9]/.test(fraction.slice(scale))) {
    return bad(text, `has more than ${scale} digits behind the point`);
  }
  const implied = point === undefined && encoding.point !== 'explicit';
  const digits = implied ? whole : whole + fraction.slice(0, scale).padEnd(scale, '0');
  return signedBigInt(digits, signs === '-');
}

function readInRadix({ signed }: NumberTextEncoding, radix: number, text: string): bigint | Flaw {
  const [, sign = '', digits = ''] = /^([+-]?)([0-9A-Za-z]+)$/.exec(text) ?? [];
  if (digits === '') return bad(text, 'is no number');
  if (sign === '-' && !signed) return bad(text, 'has a minus, but the field has no sign');
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

/** Text of `width` characters, or undefined if the number does not fit. Where the sign is punched over a digit, it is left to the caller. */
export function writeNumberText(
  encoding: NumberTextEncoding,
  value: bigint,
  width: number,
): string | undefined {
  const negative = value < 0n;
  const unsigned = negative ? -value : value;
  const explicit = encoding.point !== 'implied' && encoding.scale > 0;
  const decimal = explicit ? fromScaled(unsigned, encoding.scale) : unsigned.toString(encoding.radix);
  const number = encoding.pointSymbol === ',' ? decimal.replace('.', ',') : decimal;
  const [before, behind] = writtenSigns(encoding.sign, negative);
  const room = width - before.length - behind.length;
  // A zero before the point is only worth writing where there is room for it, or a sign has to stand over it.
  const isShort = number.length > room && encoding.sign !== 'leading' && /^0[.,]/.test(number);
  const short = isShort ? number.slice(1) : number;
  const text =
    encoding.pad === ' '
      ? (before + short + behind).padStart(width, ' ')
      : before + short.padStart(room, '0') + behind;
  return text.length > width ? undefined : text;
}

function writtenSigns(
  place: NumberTextEncoding['sign'],
  negative: boolean,
): readonly [before: string, behind: string] {
  switch (place) {
    case undefined:
      return [negative ? '-' : '', ''];
    case 'leading-separate':
      return [negative ? '-' : '+', ''];
    case 'trailing-separate':
      return ['', negative ? '-' : '+'];
    default:
      return ['', ''];
  }
}
