// Knows: the headers that say how old an answer is and what the cache had to do with it: Age (RFC 9111), Cache-Status (RFC 9211), X-As-Of.
// Must not know: how answers are read, what is in them.

import type { ServerResponse } from 'node:http';
import { FAULTS } from '../fault.ts';
import type { Cached } from '../model/cache-use.ts';
import { type Freshness, together } from '../query/freshness.ts';

/** Headers and not part of the body: the same data has the same bytes and the same ETag, however old it is. */
export function tellAge(freshness: readonly Freshness[], res: ServerResponse): void {
  const oldest = freshness.map(({ asOf }) => asOf).toSorted()[0];
  if (oldest === undefined) return;
  res.setHeader('Age', Math.max(0, Math.floor((Date.now() - Date.parse(oldest)) / 1_000)));
  res.setHeader('X-As-Of', oldest);
  const cached = ofAll(freshness);
  if (cached !== undefined) res.setHeader('Cache-Status', cacheStatus(cached));
}

/** Undefined where no cache had a hand in it. One source that was asked without it is as good as a miss. */
function ofAll(freshness: readonly Freshness[]): Cached | undefined {
  const all = freshness.flatMap(({ cache }) => cache ?? []);
  const whole = all.reduce<Cached | undefined>(
    (sum, one) => (sum === undefined ? one : together(sum, one)),
    undefined,
  );
  if (whole === undefined || all.length === freshness.length) return whole;
  return together(whole, { use: 'miss', ttlMs: whole.ttlMs });
}

/** `overpunch; hit; ttl=12`. The gateway is the only cache that it tells of. */
export function cacheStatus({ use, ttlMs, because }: Cached): string {
  const ttl = `ttl=${Math.floor(ttlMs / 1_000)}`;
  switch (use) {
    case 'hit':
      return `overpunch; hit; ${ttl}`;
    case 'miss':
      return 'overpunch; fwd=miss';
    case 'collapsed':
      return 'overpunch; fwd=miss; collapsed';
    case 'stale':
      return because === undefined
        ? `overpunch; hit; ${ttl}; detail=revalidating`
        : `overpunch; fwd=stale; fwd-status=${FAULTS[because].status}; ${ttl}; detail=${because}`;
  }
}
