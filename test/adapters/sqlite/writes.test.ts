// The suite of writes on SQLite files: with a rollback journal, and with a write-ahead log and strict types.

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Scalar } from '#spi';
import { createTable, type Words } from '../../conformance/write-tables.ts';
import { writeConformance, writesOf } from '../../conformance/writes.ts';
import { folder, openSource } from './file.ts';

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
    case 'boolean':
      return 'BOOLEAN';
    case 'date':
      return 'DATE';
    case 'timestamp':
      return 'TIMESTAMP';
    case 'bytes':
      return 'BLOB';
    default:
      throw new Error(`no column for ${type.kind}`);
  }
}

const WORDS: Words = { type: declared, identity: '', generated: (expression) => `as (${expression})` };

for (const { name, journal, requests } of [
  { name: 'sqlite', journal: 'delete', requests: 150 },
  { name: 'sqlite with a write-ahead log', journal: 'wal', requests: 60 },
]) {
  writeConformance({
    name,
    database: true,
    requests,
    async open(tables, writes) {
      const file = join(folder(), 'data.db');
      const db = new DatabaseSync(file);
      db.exec(`pragma journal_mode = ${journal}`);
      for (const table of tables) db.exec(createTable(table, WORDS));
      db.close();
      const collections = tables.map((table) => [
        table.name,
        { table: table.name, ...(writes ? { writes: writesOf(table) } : {}) },
      ]);
      return openSource({ file, readOnly: !writes, collections: Object.fromEntries(collections) });
    },
  });
}
