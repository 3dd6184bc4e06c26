// The gateway's suite on MariaDB or MySQL: with texts folded by their collation, compared by bytes, padded, and in latin1.

import { type Field, type Row, settled } from '#spi';
import { conformance } from '../../conformance/conformance.ts';
import type { DataCollection } from '../../conformance/dataset.ts';
import { connected, database, openSource, skip } from './server.ts';

function declared({ type }: Field, text: string): string {
  switch (type.kind) {
    case 'string':
      return text.replace('#', String(type.length));
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`;
    case 'int32':
      return 'int';
    case 'int64':
      return 'bigint';
    default:
      throw new Error(`no column for ${type.kind}`);
  }
}

function stored(row: Row, { name }: Field): string | null {
  const value = settled(row[name] ?? null);
  return value === null ? null : String(value);
}

async function create(data: readonly DataCollection[], text: string): Promise<string> {
  const tables = data.map(({ name, fields, key }) => {
    const columns = fields.map(
      (field) => `\`${field.name}\` ${declared(field, text)}${field.nullable ? '' : ' not null'}`,
    );
    const keys = key.length === 0 ? [] : [`primary key (${key.map((part) => `\`${part}\``).join(', ')})`];
    return `create table \`${name}\` (${[...columns, ...keys].join(', ')});`;
  });
  const name = await database(tables.join('\n'));
  const connection = await connected();
  for (const { name: table, fields, rows } of data) {
    await connection.query(`insert into ${name}.\`${table}\` values ?`, [
      rows.map((row) => fields.map((field) => stored(row, field))),
    ]);
  }
  await connection.end();
  return name;
}

for (const { name, text } of [
  { name: 'mysql', text: 'varchar(#)' },
  { name: 'mysql, texts by their bytes', text: 'varchar(#) collate utf8mb4_bin' },
  { name: 'mysql, texts of latin1, padded', text: 'char(#) character set latin1' },
]) {
  conformance({
    name,
    skip,
    ownOrder: 'values',
    queries: 150,
    async open(data) {
      if (skip !== false) throw new Error(skip);
      const own = await create(data, text);
      return openSource({
        database: own,
        collections: Object.fromEntries(data.map(({ name: table }) => [table, { table: `${own}.${table}` }])),
      });
    },
  });
}
