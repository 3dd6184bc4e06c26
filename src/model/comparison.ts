// Knows: how values stand to each other: the order of two of one type, which types can be equal at all, and the equal value
// of a related type.
// Must not know: filters and orders, where values come from.

import { Fault } from '../fault.ts';
import { compareDecimal } from './decimal.ts';
import { type Scalar, type ScalarKind, typeText } from './type.ts';
import { parseScalar, scalarText, type Value } from './value.ts';

/** Unicode code point order; JavaScript's own `<` orders UTF-16 units, which differs beyond U+FFFF. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    // A surrogate belongs to a code point above every other unit.
    const xAbove = x >= 0xd800 && x <= 0xdfff;
    const yAbove = y >= 0xd800 && y <= 0xdfff;
    return xAbove === yAbove ? x - y : xAbove ? 1 : -1;
  }
  return a.length - b.length;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Order of two values of one scalar type, neither null. Enums order by their names, NaN above all numbers. */
export function compareValues(type: Scalar, a: Value, b: Value): number {
  if (typeof a === 'string' && typeof b === 'string') {
    if (type.kind === 'decimal') return compareDecimal(a, b);
    if (type.kind === 'instant') return compareText(a.slice(0, -1), b.slice(0, -1));
    return compareText(a, b);
  }
  if (typeof a === 'number' && typeof b === 'number') {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b);
  throw new Fault('internal', 'Two values cannot be compared', {
    cause: new TypeError(`${typeText(type)}: ${typeof a} and ${typeof b}`),
  });
}

type Family = 'number' | 'text' | Exclude<ScalarKind, 'int32' | 'int64' | 'decimal' | 'string' | 'enum'>;

/** Types of one family hold values that can be equal: a relation may join them. */
export function family(type: Scalar): Family {
  switch (type.kind) {
    case 'int32':
    case 'int64':
    case 'decimal':
      return 'number';
    case 'string':
    case 'enum':
      return 'text';
    default:
      return type.kind;
  }
}

/** The equal value of another type of the family, or undefined if that type cannot hold it: then nothing matches. */
export function convert(from: Scalar, to: Scalar, value: Value): Value | undefined {
  if (value === null) return null;
  if (from.kind === to.kind && from.kind !== 'decimal') return value;
  return family(from) === family(to) ? parseScalar(to, scalarText(from, value)) : undefined;
}
