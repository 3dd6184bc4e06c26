import { memorySource } from '../../../adapters/memory/memory.ts';
import { collectionOf } from '../../conformance/write-tables.ts';
import { writeConformance, writesOf } from '../../conformance/writes.ts';

writeConformance({
  name: 'memory',
  open: async (tables, writes) =>
    memorySource(
      tables.map((table) => {
        const { writes: _, ...collection } = collectionOf(table);
        return { ...collection, ...(writes ? { writes: writesOf(table) } : {}), rows: [] };
      }),
    ),
});
