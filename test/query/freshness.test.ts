import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Cached, CacheUse } from '../../src/model/cache-use.ts';
import { ages } from '../../src/query/freshness.ts';
import { cacheStatus } from '../../src/rest/age.ts';

const cached = (use: CacheUse, ttlMs = 0): Cached => ({ use, ttlMs });

describe('how old an answer is', () => {
  it('of each source the oldest data counts, in the order of names; what nobody knows the age of is not told', () => {
    const seen = ages();
    seen.note('b', '2026-01-02T00:00:00Z');
    seen.note('a', '2026-01-03T00:00:00Z');
    seen.note('b', '2026-01-01T00:00:00Z');
    seen.note('b', undefined);
    seen.note('c', undefined);
    assert.deepEqual(seen.list(), [
      { source: 'a', asOf: '2026-01-03T00:00:00Z' },
      { source: 'b', asOf: '2026-01-01T00:00:00Z' },
    ]);
  });

  const rows: readonly (readonly [parts: readonly (CacheUse | undefined)[], use: CacheUse | undefined])[] = [
    [['hit', 'hit'], 'hit'],
    [['hit', 'collapsed'], 'collapsed'],
    [['hit', 'miss', 'collapsed'], 'miss'],
    [['miss', 'stale', 'hit'], 'stale'],
    [['hit', undefined], 'miss'],
    [[undefined, 'hit'], 'miss'],
    [['stale', undefined], 'stale'],
    [[undefined, undefined], undefined],
  ];
  for (const [parts, use] of rows) {
    it(`${parts.map((part) => part ?? 'uncached').join(' and ')} together are ${use ?? 'nothing of the cache'}`, () => {
      const seen = ages();
      for (const [i, part] of parts.entries())
        seen.note('s', '2026-01-01T00:00:00Z', part === undefined ? undefined : cached(part, 10 - i));
      const [{ cache } = {}] = seen.list();
      assert.equal(cache?.use, use);
    });
  }

  it('Cache-Status is written as RFC 9211 has it', () => {
    assert.deepEqual(
      [
        cached('hit', 12_999),
        cached('miss', 1_000),
        cached('collapsed', 1_000),
        cached('stale', -1),
        { ...cached('stale', -61_000), because: 'unavailable' as const },
      ].map(cacheStatus),
      [
        'overpunch; hit; ttl=12',
        'overpunch; fwd=miss',
        'overpunch; fwd=miss; collapsed',
        'overpunch; hit; ttl=-1; detail=revalidating',
        'overpunch; fwd=stale; fwd-status=503; ttl=-61; detail=unavailable',
      ],
    );
  });
});
