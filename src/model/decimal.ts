// Knows: exact decimals as canonical text, `-?digits[.digits]`, no exponent, no plus sign, no negative zero.
// Must not know: binary floating point. A decimal never passes through a JavaScript number.

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d*))?$|^([+-]?)\.(\d+)$/;
const ZEROS = /^0+$/;

interface Parts {
  readonly negative: boolean;
  /** Without leading zeros; '0' for none. */
  readonly whole: string;
  readonly fraction: string;
}

function parts(text: string): Parts | undefined {
  const match = DECIMAL.exec(text);
  if (match === null) return undefined;
  const whole = (match[2] ?? '0').replace(/^0+(?=\d)/, '');
  const fraction = match[3] ?? match[5] ?? '';
  const zero = whole === '0' && (fraction === '' || ZEROS.test(fraction));
  return { negative: !zero && (match[1] ?? match[4]) === '-', whole, fraction };
}

/** Most canonical texts, recognized without being taken apart; the others are `-0.…`, which may be a negative zero. */
const PLAIN = /^(?:-?[1-9]\d*|0)(?:\.\d+)?$/;

/** Canonical text of a decimal literal, its scale kept (`007.50` → `7.50`), or undefined if it is none. */
export function parseDecimal(text: string): string | undefined {
  if (PLAIN.test(text)) return text;
  const p = parts(text);
  if (p === undefined) return undefined;
  return (p.negative ? '-' : '') + p.whole + (p.fraction === '' ? '' : `.${p.fraction}`);
}

/**
 * The same number with exactly `scale` digits after the point; undefined if that would lose a digit.
 * A negative scale is not a thing here.
 */
export function rescale(decimal: string, scale: number): string | undefined {
  const point = decimal.indexOf('.');
  if ((point < 0 ? 0 : decimal.length - point - 1) === scale && PLAIN.test(decimal)) return decimal;
  const p = parts(decimal);
  if (p === undefined) return undefined;
  if (p.fraction.length > scale && !ZEROS.test(p.fraction.slice(scale))) return undefined;
  const fraction = p.fraction.slice(0, scale).padEnd(scale, '0');
  return (p.negative ? '-' : '') + p.whole + (scale === 0 ? '' : `.${fraction}`);
}

/** Digits times ten to the minus `scale`: (12345n, 2) → `123.45`. */
export function fromScaled(unscaled: bigint, scale: number): string {
  const negative = unscaled < 0n;
  const digits = (negative ? -unscaled : unscaled).toString().padStart(scale + 1, '0');
  const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return negative ? `-${text}` : text;
}

/** The number times ten to the `scale`; undefined if that is no whole number or the text is no decimal. */
export function toScaled(decimal: string, scale: number): bigint | undefined {
  const exact = rescale(decimal, scale);
  return exact === undefined ? undefined : BigInt(exact.replace('.', ''));
}

/** By value: `1.0` equals `1.00`. Both must be canonical. */
export function compareDecimal(a: string, b: string): number {
  const p = parts(a);
  const q = parts(b);
  if (p === undefined || q === undefined) throw new RangeError('not a decimal');
  if (p.negative !== q.negative) return p.negative ? -1 : 1;
  const scale = Math.max(p.fraction.length, q.fraction.length);
  const left = p.whole + p.fraction.padEnd(scale, '0');
  const right = q.whole + q.fraction.padEnd(scale, '0');
  const size = left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
  return p.negative ? 0 - size : size;
}

/** Digits before and after the point without insignificant zeros: `0012.500` → [2, 1]. */
export function digitsOf(decimal: string): readonly [whole: number, fraction: number] {
  const p = parts(decimal);
  if (p === undefined) return [0, 0];
  return [p.whole === '0' ? 0 : p.whole.length, p.fraction.replace(/0+$/, '').length];
}
