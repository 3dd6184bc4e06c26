// All suites of adapters through the cache: what it answers is what the source answers, and writes are seen at once.

import { memorySource } from '../../adapters/memory/memory.ts';
import { conformance } from '../conformance/conformance.ts';
import { collectionOf } from '../conformance/write-tables.ts';
import { writeConformance, writesOf } from '../conformance/writes.ts';
import { caching } from './caching.ts';

const DAY = { maxAgeMs: 86_400_000, staleWhileRevalidateMs: 86_400_000, staleIfErrorMs: 86_400_000 };

for (const [name, limits] of [
  ['everything is kept', { maxBytes: 67_108_864, maxAnswerBytes: 16_777_216 }],
  ['little is kept', { maxBytes: 60_000, maxAnswerBytes: 30_000 }],
] as const) {
  conformance({
    name: `memory through the cache, where ${name}`,
    queries: 200,
    open: async (data) => caching(memorySource(data), DAY, limits).source,
  });
}

writeConformance({
  name: 'memory through the cache',
  requests: 100,
  open: async (tables, writes) =>
    caching(
      memorySource(
        tables.map((table) => {
          const { writes: _, ...collection } = collectionOf(table);
          return { ...collection, ...(writes ? { writes: writesOf(table) } : {}), rows: [] };
        }),
      ),
      DAY,
    ).source,
});
