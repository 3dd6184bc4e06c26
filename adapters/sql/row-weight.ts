// Knows: how much memory the rows of a group may take together before they are handed over.
// Must not know: any product, what the values mean.

import type { StoredRow } from './driver.ts';

/** Few rows of large values are a group of their own: a slow reader then keeps no more than these in memory. */
export const BYTES_PER_GROUP = 1_048_576;

/** About as many bytes as the row takes; small values count as nothing. */
export function weightOf(row: StoredRow): number {
  let weight = 0;
  for (const cell of row) {
    if (typeof cell === 'string' || cell instanceof Uint8Array) weight += cell.length;
  }
  return weight;
}
