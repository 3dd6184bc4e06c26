// Knows: which values a declared type holds. Databases round and cut what is given to a parameter, some without a word.
// Must not know: any product.

import { digitsOf, type Scalar, type Value } from '#spi';

/** What is wrong with it, to stand behind its name; undefined where it fits. */
export function misfitOf(type: Scalar, value: Value): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (type.kind === 'decimal' && type.precision !== undefined && type.scale !== undefined) {
    const [whole, fraction] = digitsOf(value);
    if (fraction > type.scale) return `has more than ${type.scale} digits behind the point`;
    if (whole > type.precision - type.scale) {
      return `has more than ${type.precision - type.scale} digits before the point`;
    }
  }
  if (type.kind === 'string' && type.length !== undefined && value.length > type.length) {
    // What lies outside the basic plane is one character in two units.
    if ([...value].length > type.length) return `is longer than ${type.length} characters`;
  }
  return undefined;
}
