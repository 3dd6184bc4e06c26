// Knows: what the source covers and what is left to the gateway; THE rule for limits.
// Must not know: any source, and how the rest is done (run/stream).

import type { Filter } from '../query/filter.ts';
import type { Access, Query } from '../spi.ts';

export interface Division {
  /** Conjuncts that the gateway checks itself. */
  readonly residual: Filter;
  /** The gateway sorts. */
  readonly sort: boolean;
  /** Rows that the source is told to stop at. */
  readonly limit?: number;
}

/**
 * A limit is handed over only when the rows that come are exactly the rows wanted, in the order wanted: every
 * conjunct exact, the order given, and the source says that it obeys limits. One conjunct that is checked here
 * could drop rows of the first `wanted`, and the answer would be short.
 */
export function divide(query: Query, access: Access, wanted: number | undefined): Division {
  const residual = query.where.filter((_, i) => access.where[i] !== 'exact');
  const sort = !access.ordered;
  const pushed = wanted !== undefined && residual.length === 0 && !sort && access.limits;
  return { residual, sort, ...(pushed ? { limit: wanted } : {}) };
}
