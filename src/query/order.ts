// Knows: what an order is and how it compares rows. Nulls come first ascending and last descending.
// Must not know: who sorts.

import { compareValues } from '../model/comparison.ts';
import type { Scalar } from '../model/type.ts';
import type { Value } from '../model/value.ts';

export interface OrderKey {
  /** Dotted path of a scalar field. */
  readonly field: string;
  readonly type: Scalar;
  readonly descending: boolean;
}

export type Order = readonly OrderKey[];

/** Compares a row with another; `get` gives the values of the one, as far as they are needed, `values` are the other's. */
export function compareRows(
  order: Order,
  get: (key: OrderKey, i: number) => Value,
  values: readonly Value[],
): number {
  for (const [i, key] of order.entries()) {
    const result = compareNullable(key, get(key, i), values[i] ?? null);
    if (result !== 0) return result;
  }
  return 0;
}

/** Order of two values under one key, direction included. */
function compareNullable(key: OrderKey, a: Value, b: Value): number {
  const ascending =
    a === null || b === null ? Number(b === null) - Number(a === null) : compareValues(key.type, a, b);
  return key.descending ? -ascending : ascending;
}
