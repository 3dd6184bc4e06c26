// Knows: how old the data of an answer is, gathered while it is read.
// Must not know: who reads and who tells it.

import type { CacheUse } from '../model/cache-use.ts';

/** How old the data of one source is. */
export interface Freshness {
  readonly source: string;
  /** Instant at which the data was current (ISO text in UTC). */
  readonly asOf: string;
  /** Where the data came from: absent: from the source. */
  readonly cache?: CacheUse;
}

/** Notes of one answer; of each source the oldest counts. */
export interface Ages {
  note(source: string, asOf: string | undefined): void;
  /** In the order of the sources' names. */
  list(): readonly Freshness[];
}

export function ages(): Ages {
  const oldest = new Map<string, string>();
  return {
    note(source, asOf) {
      const known = oldest.get(source);
      if (asOf !== undefined && (known === undefined || asOf < known)) oldest.set(source, asOf);
    },
    list: () => [...oldest].toSorted().map(([source, asOf]) => ({ source, asOf })),
  };
}
