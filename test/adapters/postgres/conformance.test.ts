// The gateway's suite on PostgreSQL: with texts in the database's own collation, in "C", and padded.

import { type Field, type Row, settled } from '#spi';
import { conformance } from '../../conformance/conformance.ts';
import type { DataCollection } from '../../conformance/dataset.ts';
import { connected, openSource, schema, skip } from './server.ts';

function declared({ type }: Field, text: string): string {
  switch (type.kind) {
    case 'string':
      return text.replace('#', String(type.length));
    case 'decimal':
      return `numeric(${type.precision},${type.scale})`;
    case 'int32':
      return 'integer';
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
      (field) => `"${field.name}" ${declared(field, text)}${field.nullable ? '' : ' not null'}`,
    );
    const keys = key.length === 0 ? [] : [`primary key (${key.map((part) => `"${part}"`).join(', ')})`];
    return `create table "${name}" (${[...columns, ...keys].join(', ')});`;
  });
  const name = await schema(tables.join('\n'));
  const client = await connected();
  for (const { name: table, fields, rows } of data) {
    for (const row of rows) {
      await client.query(
        `insert into ${name}."${table}" values (${fields.map((_, i) => `$${i + 1}`).join(', ')})`,
        fields.map((field) => stored(row, field)),
      );
    }
  }
  await client.end();
  return name;
}

for (const { name, text } of [
  { name: 'postgres', text: 'varchar(#)' },
  { name: 'postgres, texts in "C"', text: 'text collate "C"' },
  { name: 'postgres, texts of a language, padded', text: 'char(#) collate "en-x-icu"' },
]) {
  conformance({
    name,
    skip,
    queries: 150,
    async open(data) {
      if (skip !== false) throw new Error(skip);
      const own = await create(data, text);
      return openSource({
        schemas: [own],
        collections: Object.fromEntries(data.map(({ name: table }) => [table, { table: `${own}.${table}` }])),
      });
    },
  });
}
