// The suite of writes on MariaDB or MySQL: as the server is, and as one that gives nothing back of a new row (MySQL).

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scalar } from '#spi';
import { readCatalog } from '../../../adapters/mysql/catalog.ts';
import { connectionOptions } from '../../../adapters/mysql/connect.ts';
import { adapter } from '../../../adapters/mysql/mysql.ts';
import { modelText } from '../../../adapters/sql/model.ts';
import { createTable, type Words } from '../../conformance/write-tables.ts';
import { writeConformance, writesOf } from '../../conformance/writes.ts';
import { folder } from '../sqlite/file.ts';
import { access, database, host, never, openSource, skip } from './server.ts';

function declared(type: Scalar): string {
  switch (type.kind) {
    case 'string':
      return `varchar(${type.length})`;
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'int32':
      return 'int';
    case 'int64':
      return 'bigint';
    case 'float64':
      return 'double';
    case 'boolean':
      return 'tinyint(1)';
    case 'date':
      return 'date';
    case 'timestamp':
      return 'datetime(6)';
    case 'bytes':
      return 'varbinary(40)';
    default:
      throw new Error(`no column for ${type.kind}`);
  }
}

const words = (trailer: string): Words => ({
  type: declared,
  identity: 'auto_increment',
  generated: (expression) => `as (${expression}) stored`,
  trailer,
});

const SUBJECTS = [
  { name: 'mysql, texts by their bytes', collation: 'utf8mb4_bin', plain: false, requests: 120 },
  { name: 'mysql, nothing comes back of a new row', collation: 'utf8mb4_bin', plain: true, requests: 60 },
];

for (const { name, collation, plain, requests } of SUBJECTS) {
  writeConformance({
    name,
    skip,
    database: true,
    requests,
    async open(tables, writes) {
      if (skip !== false) throw new Error(skip);
      const ddl = tables.map((table) => createTable(table, words(` collate ${collation}`)));
      const own = await database(ddl.join(';\n'));
      const collections = tables.map((table) => [
        table.name,
        { table: `${own}.${table.name}`, ...(writes ? { writes: writesOf(table) } : {}) },
      ]);
      const options = { database: own, readOnly: !writes, collections: Object.fromEntries(collections) };
      if (!plain) return openSource(options);
      const connection = await connectionOptions(adapter.options.parse({ ...access, ...options }), host);
      const { server: _, ...model } = await readCatalog(connection, [own], never);
      const path = join(folder(), 'model.json');
      await writeFile(path, modelText(model));
      return openSource({ ...options, model: path });
    },
  });
}
