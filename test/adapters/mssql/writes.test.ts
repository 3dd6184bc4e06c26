// The suite of writes on SQL Server.

import type { Scalar } from '#spi';
import { createTable, type Words } from '../../conformance/write-tables.ts';
import { writeConformance, writesOf } from '../../conformance/writes.ts';
import { openSource, schema } from './server.ts';

function declared(type: Scalar): string {
  switch (type.kind) {
    case 'string':
      return `nvarchar(${type.length}) collate Latin1_General_BIN2`;
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'int32':
      return 'int';
    case 'int64':
      return 'bigint';
    case 'float64':
      return 'float';
    case 'boolean':
      return 'bit';
    case 'date':
      return 'date';
    case 'timestamp':
      return 'datetime2(7)';
    case 'bytes':
      return 'varbinary(40)';
    default:
      throw new Error(`no column for ${type.kind}`);
  }
}

const WORDS: Words = {
  type: declared,
  identity: 'identity',
  generated: (expression) => `as (${expression})`,
};

writeConformance({
  name: 'mssql',
  database: true,
  // The server has one number for both, 547.
  constraint: ['conflict', 'constraint'],
  async open(tables, writes) {
    const names = tables.map(({ name }) => name);
    // A computed column has the type of its expression, and no other.
    const ddl = tables.map((table) => createTable(table, WORDS, '$S.').replace(' int as (', ' as ('));
    const own = await schema(names.toReversed(), ...ddl);
    const collections = tables.map((table) => [
      table.name,
      { table: `${own}.${table.name}`, ...(writes ? { writes: writesOf(table) } : {}) },
    ]);
    return openSource({ schemas: [own], readOnly: !writes, collections: Object.fromEntries(collections) });
  },
});
