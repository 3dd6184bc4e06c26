// Knows: how rows that a cache has had a hand in came about.
// Must not know: caches.

import type { FaultKind } from '../fault.ts';

/**
 * `hit`: fresh enough to be answered without the source. `stale`: older than it should be, because the source does not answer or is being
 * asked meanwhile. `miss`: the source was asked. `collapsed`: another request's answer was waited for.
 */
export type CacheUse = 'hit' | 'stale' | 'miss' | 'collapsed';

/** What the cache says of an answer. */
export interface Cached {
  readonly use: CacheUse;
  /** How long it stays fresh, in milliseconds; negative: since when it is not. */
  readonly ttlMs: number;
  /** Of a `stale` answer, why the source did not give a better one; absent: it is being asked meanwhile. */
  readonly because?: FaultKind;
}
