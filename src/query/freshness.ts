// Knows: how old the data of an answer is, gathered while it is read.
// Must not know: who reads and who tells it.

import type { Cached, CacheUse } from '../model/cache-use.ts';

/** How old the data of one source is. */
export interface Freshness {
  readonly source: string;
  /** Instant at which the data was current (ISO text in UTC). */
  readonly asOf: string;
  /** Where the data came from: absent: from the source. */
  readonly cache?: Cached;
}

/** Notes of one answer; of each source the oldest counts. */
export interface Ages {
  /** `asOf` undefined: nobody knows. */
  note(source: string, asOf: string | undefined, cache?: Cached): void;
  /** In the order of the sources' names. */
  list(): readonly Freshness[];
}

/** Of an answer in several parts: what a client should rather know stands behind. */
const PRECEDENCE: readonly CacheUse[] = ['hit', 'collapsed', 'miss', 'stale'];

/** Both parts together: as little fresh as the staler of them, and only a hit where the source was asked for neither. */
export function together(one: Cached, other: Cached): Cached {
  const [worse, better] =
    PRECEDENCE.indexOf(one.use) < PRECEDENCE.indexOf(other.use) ? [other, one] : [one, other];
  const because = worse.because ?? better.because;
  return {
    use: worse.use,
    ttlMs: Math.min(one.ttlMs, other.ttlMs),
    ...(because === undefined ? {} : { because }),
  };
}

interface Noted {
  asOf: string | undefined;
  cache: Cached | undefined;
  /** Some of it came from the source without the cache having had a hand in it. */
  uncached: boolean;
}

export function ages(): Ages {
  const noted = new Map<string, Noted>();
  return {
    note(source, asOf, cache) {
      const known = noted.get(source) ?? { asOf, cache, uncached: false };
      noted.set(source, known);
      if (asOf !== undefined && (known.asOf === undefined || asOf < known.asOf)) known.asOf = asOf;
      if (cache === undefined) known.uncached = true;
      else known.cache = known.cache === undefined ? cache : together(known.cache, cache);
    },
    list: () =>
      [...noted]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .flatMap(([source, { asOf, cache, uncached }]): readonly Freshness[] => {
          if (asOf === undefined) return [];
          if (cache === undefined) return [{ source, asOf }];
          return [{ source, asOf, cache: uncached ? together(cache, { ...cache, use: 'miss' }) : cache }];
        }),
  };
}
