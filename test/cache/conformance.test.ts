// All suites of adapters through the cache: what it answers is what the source answers, and writes are seen at once.

import { utimesSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after } from 'node:test';
import type { Scalar } from '#spi';
import { memorySource } from '../../adapters/memory/memory.ts';
import { asDeclared, COPYBOOKS, recordsOf } from '../adapters/file/dataset-records.ts';
import { folder, hostAt, never, openFiles } from '../adapters/file/opening.ts';
import { folder as databases, openSource } from '../adapters/sqlite/file.ts';
import { conformance } from '../conformance/conformance.ts';
import { collectionOf, createTable } from '../conformance/write-tables.ts';
import { writeConformance, writesOf } from '../conformance/writes.ts';
import { caching } from './caching.ts';

const LARGE = { maxBytes: 67_108_864, maxAnswerBytes: 16_777_216 };
const DAY = { maxAgeMs: 86_400_000, staleWhileRevalidateMs: 86_400_000, staleIfErrorMs: 86_400_000 };

for (const [name, limits] of [
  ['everything is kept', LARGE],
  ['little is kept', { maxBytes: 60_000, maxAnswerBytes: 30_000 }],
] as const) {
  conformance({
    name: `memory through the cache, where ${name}`,
    queries: 200,
    open: async (data) => caching(memorySource(data), DAY, limits).source,
  });
}

writeConformance({
  name: 'memory that does not tell its versions, through the cache',
  requests: 100,
  async open(tables, writes) {
    const { version: _, ...source } = memorySource(
      tables.map((table) => {
        const { writes: __, ...collection } = collectionOf(table);
        return { ...collection, ...(writes ? { writes: writesOf(table) } : {}), rows: [] };
      }),
    );
    return caching(source, DAY).source;
  },
});

const place = folder();
after(() => place[Symbol.dispose]());

conformance({
  name: 'files through the cache: JSON that was written straight from records stays what it was',
  queries: 60,
  async open(data) {
    for (const collection of data) {
      const { name } = collection;
      const copybook = COPYBOOKS[name] ?? '';
      place.write(`${name}.cpy`, copybook);
      place.write(`${name}.dat`, Buffer.concat(recordsOf(collection, copybook)));
      utimesSync(join(place.path, `${name}.dat`), 1_700_000_000, 1_700_000_000);
    }
    const collections = data.map(({ name, key }) => [
      name,
      {
        path: `${name}.dat`,
        copybook: `${name}.cpy`,
        charset: 'cp037',
        key,
        ...(name === 'accounts' ? { fields: { RATING: { blank: 'null' } } } : {}),
      },
    ]);
    const source = await openFiles(hostAt(place.path), { collections: Object.fromEntries(collections) });
    await source.check(never);
    return caching(asDeclared(source, data), DAY, LARGE).source;
  },
});

function declared(type: Scalar): string {
  switch (type.kind) {
    case 'string':
      return `VARCHAR(${type.length})`;
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'int32':
      return 'INT';
    case 'int64':
      return 'INTEGER';
    case 'float64':
      return 'REAL';
    case 'bytes':
      return 'BLOB';
    default:
      return type.kind.toUpperCase();
  }
}

writeConformance({
  name: 'sqlite through the cache',
  database: true,
  requests: 60,
  async open(tables, writes) {
    const file = join(databases(), 'data.db');
    const db = new DatabaseSync(file);
    const words = { type: declared, identity: '', generated: (expression: string) => `as (${expression})` };
    for (const table of tables) db.exec(createTable(table, words));
    db.close();
    const collections = tables.map((table) => [
      table.name,
      { table: table.name, ...(writes ? { writes: writesOf(table) } : {}) },
    ]);
    const given = { file, readOnly: !writes, collections: Object.fromEntries(collections) };
    return caching(await openSource(given), DAY).source;
  },
});
