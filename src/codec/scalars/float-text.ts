// Knows: external floating point numbers, `+9(3).99E+99`, both ways.
// Must not know: bytes and charsets; it works on text.
//
// Rules: Enterprise COBOL Language Reference, "PICTURE clause", "External floating-point items": a sign of the significand, its digits with a
// point or an implied one, E, a sign of the exponent, two digits. A minus in the picture leaves a blank for a plus.

import { Fault } from '../../fault.ts';
import { shown } from '../../query/literal.ts';
import type { Flaw } from './flaw.ts';

/** A picture, read. */
export interface FloatPicture {
  readonly text: string;
  readonly sign: '+' | '-';
  readonly whole: number;
  readonly fraction: number;
  /** The point's character; empty for an implied one or none. */
  readonly point: string;
  readonly exponentSign: '+' | '-';
}

const PICTURE = /^([+-])(9*)([.,V]?)(9*)E([+-])99$/;

/** Throws a misconfigured `invalid` Fault for another picture. */
export function parseFloatPicture(text: string): FloatPicture {
  const plain = text
    .toUpperCase()
    .replace(/(.)\((\d{1,3})\)/g, (_, symbol: string, times: string) => symbol.repeat(Number(times)));
  const [, sign = '', whole = '', point = '', fraction = '', exponentSign = ''] = PICTURE.exec(plain) ?? [];
  if (whole.length + fraction.length === 0) {
    throw new Fault('invalid', `"${text}" is no picture of an external floating point number`, {
      code: 'bad-float-picture',
      misconfigured: true,
      hint: 'Such a picture looks like +9(3).99E+99',
    });
  }
  return {
    text,
    sign: sign === '+' ? '+' : '-',
    whole: whole.length,
    fraction: fraction.length,
    point: point === 'V' ? '' : point,
    exponentSign: exponentSign === '+' ? '+' : '-',
  };
}

/** The number, or that the text does not follow the picture. */
export function readFloatText(picture: FloatPicture, text: string): number | Flaw {
  const { whole, fraction, point } = picture;
  const signs = { '+': '[+-]', '-': '[ -]' } as const;
  const digits = `(\\d{${whole}})${point === '' ? '' : `[${point}]`}(\\d{${fraction}})`;
  const pattern = new RegExp(`^(${signs[picture.sign]})${digits}E(${signs[picture.exponentSign]})(\\d\\d)$`);
  const [, sign, before = '', behind = '', exponentSign, exponent] = pattern.exec(text) ?? [];
  if (exponent === undefined) {
    return { flaw: 'bad-float-text', message: `${shown(text)} does not follow the picture ${picture.text}` };
  }
  const magnitude = Number(`${before}.${behind}e${exponentSign === '-' ? '-' : ''}${exponent}`);
  return sign === '-' ? 0 - magnitude : magnitude;
}

/**
 * Text by the picture, its first digit no zero unless the number is; rounded to the digits that the picture has. Undefined where the
 * exponent takes more than two digits.
 */
export function writeFloatText(picture: FloatPicture, value: number): string | undefined {
  const { whole, fraction, point } = picture;
  const all = whole + fraction;
  const [significand = '', power = ''] = Math.abs(value)
    .toExponential(Math.min(all, 101) - 1)
    .split('e');
  const digits = significand.replace('.', '');
  const exponent = value === 0 ? 0 : Number(power) - whole + 1;
  if (Math.abs(exponent) > 99) return undefined;
  const sign = (symbol: '+' | '-', negative: boolean) => (negative ? '-' : symbol === '+' ? '+' : ' ');
  const shownExponent = String(Math.abs(exponent)).padStart(2, '0');
  return `${sign(picture.sign, value < 0)}${digits.slice(0, whole)}${point}${digits.slice(whole)}E${sign(picture.exponentSign, exponent < 0)}${shownExponent}`;
}
