// How the stand-in keeps a NUMBER in SQLite: as a text that sorts as the number does, with all of its digits.

const MIDDLE = 500;

/** `-12.50` → a text; texts compare as their numbers. */
export function numberKey(decimal: string): string {
  const match = /^([+-]?)0*(\d*)(?:\.(\d*?))?0*$/.exec(decimal.includes('.') ? decimal : `${decimal}.`);
  if (match === null || !/\d/.test(decimal)) throw new TypeError(`no number: ${decimal}`);
  const [, sign, whole = '', fraction = ''] = match;
  const digits = `${whole}${fraction}`;
  const leading = /^0*/.exec(digits)?.[0].length ?? 0;
  const significant = digits.slice(leading).replace(/0+$/, '');
  if (significant === '') return 'O';
  const exponent = whole.length - leading;
  if (sign !== '-') return `P${String(exponent + MIDDLE).padStart(3, '0')}${significant}`;
  const complement = [...significant].map((digit) => 9 - Number(digit)).join('');
  return `N${String(MIDDLE - exponent).padStart(3, '0')}${complement}~`;
}

/** The text that the driver makes of it: no zero before the point, none at the end. */
export function numberText(key: string): string {
  if (key === 'O') return '0';
  const negative = key.startsWith('N');
  const exponent = negative ? MIDDLE - Number(key.slice(1, 4)) : Number(key.slice(1, 4)) - MIDDLE;
  const digits = negative ? [...key.slice(4, -1)].map((digit) => 9 - Number(digit)).join('') : key.slice(4);
  const whole = exponent > 0 ? digits.slice(0, exponent).padEnd(exponent, '0') : '';
  const fraction = exponent > 0 ? digits.slice(exponent) : '0'.repeat(-exponent) + digits;
  return `${negative ? '-' : ''}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
