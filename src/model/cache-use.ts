// Knows: how rows that a cache has had a hand in came about.
// Must not know: caches.

/**
 * `hit`: fresh enough to be answered without the source. `stale`: older than it should be, because the source does not answer or is being
 * asked meanwhile. `miss`: the source was asked. `collapsed`: another request's answer was waited for.
 */
export type CacheUse = 'hit' | 'stale' | 'miss' | 'collapsed';
