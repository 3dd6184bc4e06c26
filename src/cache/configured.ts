// Knows: how what the configuration says of freshness becomes the cache of each source.
// Must not know: YAML, sources.

import type { CacheUse } from '../model/cache-use.ts';
import type { Source } from '../spi.ts';
import { cached, type Target } from './cached.ts';
import type { Memory } from './memory.ts';

/** `freshness` of the configuration, by API names. */
export interface FreshnessSettings {
  readonly collections: Readonly<Record<string, Target>>;
  readonly operations: Readonly<Record<string, Target>>;
}

export interface CacheParts {
  readonly memory: Memory;
  readonly behindMs: number;
  observe(observation: {
    readonly kind: 'cache';
    readonly target: string;
    readonly use: CacheUse;
    readonly bytes: number;
  }): void;
}

/** Puts the cache around a source; around one of which nothing is to be kept, nothing. */
export function cacheOf(
  { collections, operations }: FreshnessSettings,
  { memory, behindMs, observe }: CacheParts,
): (source: Source) => Source {
  const of = {
    collections: new Map(Object.entries(collections)),
    operations: new Map(Object.entries(operations)),
    memory,
    behindMs,
    observe: (target: string, use: CacheUse, bytes: number) => observe({ kind: 'cache', target, use, bytes }),
  };
  return (source) => cached(source, of);
}
