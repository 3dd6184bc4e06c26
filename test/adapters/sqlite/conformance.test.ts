// The gateway's suite on SQLite files: one with declared types of legacy kind, one that declares decimals as money.

import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Field, type Row, settled } from '#spi';
import { conformance } from '../../conformance/conformance.ts';
import type { DataCollection } from '../../conformance/dataset.ts';
import { folder, openSource } from './file.ts';

function declared(field: Field): string {
  const { type } = field;
  switch (type.kind) {
    case 'string':
      return `VARCHAR(${type.kind === 'string' ? type.length : 0})`;
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`;
    case 'int32':
      return 'INT';
    case 'int64':
      return 'BIGINT';
    default:
      throw new Error(`no column for ${type.kind}`);
  }
}

function create(path: string, data: readonly DataCollection[], trailer: string): void {
  const db = new DatabaseSync(path);
  for (const { name, fields, key, rows } of data) {
    const columns = fields.map(
      (field) => `"${field.name}" ${declared(field)}${field.nullable ? '' : ' NOT NULL'}`,
    );
    const keys = key.length === 0 ? [] : [`PRIMARY KEY (${key.join(', ')})`];
    db.exec(`create table "${name}" (${[...columns, ...keys].join(', ')})${key.length === 0 ? '' : trailer}`);
    const insert = db.prepare(`insert into "${name}" values (${fields.map(() => '?').join(', ')})`);
    for (const row of rows) insert.run(...fields.map((field) => stored(row, field)));
  }
  db.close();
}

function stored(row: Row, { name }: Field): null | string | number | bigint {
  const value = settled(row[name] ?? null);
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') {
    return value;
  }
  throw new Error(`no parameter for ${typeof value}`);
}

for (const { name, trailer, trusted } of [
  { name: 'sqlite', trailer: '', trusted: false },
  { name: 'sqlite without rowid, columns trusted', trailer: ' WITHOUT ROWID', trusted: true },
]) {
  conformance({
    name,
    queries: 500,
    async open(data) {
      const file = join(folder(), 'data.db');
      create(file, data, trailer);
      const collections = data.map(({ name: table, fields }) => [
        table,
        { table, columns: Object.fromEntries(fields.map((field) => [field.name, { trusted }])) },
      ]);
      return openSource({ file, collections: Object.fromEntries(collections) });
    },
  });
}
