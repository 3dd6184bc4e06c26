// Knows: floating point numbers (COMP-1, COMP-2), IBM's hexadecimal and IEEE 754, both ways.
// Must not know: records, policies.
//
// Rules: z/Architecture Principles of Operation (SA22-7832), "Hexadecimal-Floating-Point Data Format": a sign, seven bits of a power of 16
// above 64, a fraction of 6 or 14 hexadecimal digits; zeros in front of it are allowed. IEEE 754-2019, binary32 and binary64.

import type { FloatEncoding } from '../encoding.ts';
import type { Flaw } from './flaw.ts';

const TWO_20 = 0x10_0000;
const TWO_24 = 0x100_0000;
const TWO_32 = 0x1_0000_0000;
const BIAS = 64;
const GREATEST_EXPONENT = 127;

/** Powers of 16 by the stored exponent, for a fraction that is taken as a whole number of 6 digits. */
const POWERS = Float64Array.from({ length: 128 }, (_, exponent) => 16 ** (exponent - BIAS - 6));

const field = new DataView(new ArrayBuffer(8));

/**
 * The number, NaN for what IEEE 754 calls so and for infinity; never minus zero. A short one is the shortest decimal number that the same
 * four bytes are made of (1.1, not 1.10000002384185791), a long IBM one the nearest that a JavaScript number can be.
 */
export function floatNumber(
  bytes: Uint8Array,
  at: number,
  length: number,
  ibm: boolean,
  little: boolean,
): number {
  for (let i = 0; i < length; i++) field.setUint8(little ? length - 1 - i : i, bytes[at + i] ?? 0);
  if (ibm) return ibmNumber(length);
  const value = length === 4 ? field.getFloat32(0) : field.getFloat64(0);
  if (!Number.isFinite(value)) return Number.NaN;
  // Adding zero makes plain zero of minus zero.
  return length === 4 ? signed(value < 0, shortest(Math.abs(value), 0)) : value + 0;
}

function ibmNumber(length: number): number {
  const head = field.getUint32(0);
  let exponent = (head >>> 24) & 0x7f;
  let fraction = head & 0xff_ffff;
  const power = POWERS[exponent] ?? 0;
  // Both terms are exact: the sum is the only rounding, to the nearest. The power only moves the point.
  const value = (length === 4 ? fraction : fraction + field.getUint32(4) / TWO_32) * power;
  if (length === 8 || fraction === 0) return signed(head >= 0x8000_0000, value);
  // Zeros in front of a fraction leave room for digits that it could have: the number is that of the form without them.
  for (; fraction < TWO_20 && exponent > 0; exponent--) fraction *= 16;
  return signed(head >= 0x8000_0000, shortest(value, POWERS[exponent] ?? 0));
}

function signed(negative: boolean, magnitude: number): number {
  return negative ? 0 - magnitude : magnitude;
}

/** The shortest decimal number that rounds to a short float. `power`: what IBM's fraction is multiplied by; 0 for IEEE. */
function shortest(value: number, power: number): number {
  if (value < TWO_24 && Number.isInteger(value)) return value;
  if (value > 1e-3 && value < 1e7) {
    for (let ten = 10; ten <= 1e12; ten *= 10) {
      // A quotient of whole numbers below 2^53 is the JavaScript number nearest to the decimal.
      const candidate = Math.round(value * ten) / ten;
      if (isSame(candidate, value, power)) return candidate;
    }
  }
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (isSame(candidate, value, power)) return candidate;
  }
  return Number(value.toPrecision(9));
}

function isSame(candidate: number, value: number, power: number): boolean {
  if (power === 0) return Math.fround(candidate) === value;
  const fraction = candidate / power;
  // Just below a power of 16 the fractions are 16 times finer.
  return fraction >= TWO_20
    ? roundEven(fraction) * power === value
    : (roundEven(fraction * 16) / 16) * power === value;
}

function roundEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** The number, or that IEEE 754 says that the bytes are none. */
export function readFloat(encoding: FloatEncoding, bytes: Uint8Array, at: number): number | Flaw {
  const number = floatNumber(
    bytes,
    at,
    encoding.bytes,
    encoding.format === 'ibm',
    encoding.order === 'little',
  );
  if (!Number.isNaN(number)) return number;
  // The whole part of the field that follows the exponent is zero for infinity only.
  const isInfinite = !Number.isNaN(encoding.bytes === 4 ? field.getFloat32(0) : field.getFloat64(0));
  return { flaw: 'bad-float', message: `it is ${isInfinite ? 'infinity' : 'not a number'} in IEEE 754` };
}

/**
 * Writes a finite number. It is rounded to the nearest that the format has, as a COBOL program would (a short float has 24 bits, and
 * JavaScript's 53 of a long one always fit); but one that is too great, or so small that zero would be written, is a flaw.
 */
export function writeFloat(
  encoding: FloatEncoding,
  value: number,
  bytes: Uint8Array,
  at: number,
): Flaw | undefined {
  const { format, bytes: length, order } = encoding;
  const stored = format === 'ibm' ? storeIbm(value, length) : storeIeee(value, length);
  if (stored !== undefined) return { flaw: 'overflow', message: `the number ${value} is ${stored}` };
  for (let i = 0; i < length; i++) bytes[at + i] = field.getUint8(order === 'little' ? length - 1 - i : i);
  return undefined;
}

type Misfit = 'too great for the field' | 'too small for the field, which would hold zero';
const TOO_GREAT: Misfit = 'too great for the field';
const TOO_SMALL: Misfit = 'too small for the field, which would hold zero';

function storeIeee(value: number, length: number): Misfit | undefined {
  const stored = length === 4 ? Math.fround(value) : value;
  if (!Number.isFinite(stored)) return TOO_GREAT;
  if (stored === 0 && value !== 0) return TOO_SMALL;
  // Zero is written without a sign.
  if (length === 4) field.setFloat32(0, stored + 0);
  else field.setFloat64(0, stored + 0);
  return undefined;
}

function storeIbm(value: number, length: number): Misfit | undefined {
  let exponent = BIAS;
  let fraction = Math.abs(value);
  for (; fraction >= 1; exponent++) fraction /= 16;
  for (; fraction !== 0 && fraction < 1 / 16 && exponent > 0; exponent--) fraction *= 16;
  // The fraction as two whole numbers, of 24 and of 32 bits.
  let high = Math.floor(fraction * TWO_24);
  let low = roundEven((fraction * TWO_24 - high) * TWO_32);
  if (length === 4) {
    high = roundEven(fraction * TWO_24);
    low = 0;
  }
  if (low === TWO_32) {
    low = 0;
    high++;
  }
  if (high === TWO_24) {
    high = TWO_20;
    exponent++;
  }
  if (exponent > GREATEST_EXPONENT) return TOO_GREAT;
  if (high === 0 && low === 0) {
    if (value !== 0) return TOO_SMALL;
    exponent = 0;
  }
  field.setUint32(0, ((value < 0 ? 0x80 : 0) + exponent) * TWO_24 + high);
  field.setUint32(4, low);
  return undefined;
}
