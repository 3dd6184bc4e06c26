// Knows: what an order is and how it compares rows. Nulls come first ascending and last descending.
// Must not know: who sorts.

import type { Scalar } from '../model/type.ts';
import { compareValues, type Value } from '../model/value.ts';

export interface OrderKey {
  /** Dotted path of a scalar field. */
  readonly field: string;
  readonly type: Scalar;
  readonly descending: boolean;
}

export type Order = readonly OrderKey[];

/** Compares a row, given by a getter, with the values of another in the same order. */
export function compareRows(order: Order, get: (key: OrderKey) => Value, values: readonly Value[]): number {
  for (const [i, key] of order.entries()) {
    const result = compareNullable(key, get(key), values[i] ?? null);
    if (result !== 0) return result;
  }
  return 0;
}

/** Order of two values under one key, direction included. */
export function compareNullable(key: OrderKey, a: Value, b: Value): number {
  const ascending =
    a === null || b === null ? Number(b === null) - Number(a === null) : compareValues(key.type, a, b);
  return key.descending ? -ascending : ascending;
}
