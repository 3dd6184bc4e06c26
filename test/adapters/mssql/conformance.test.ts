// The gateway's suite on SQL Server: with texts folded by their collation, compared by code points, wide, and padded.

import { type Field, type Row, settled } from '#spi';
import { conformance } from '../../conformance/conformance.ts';
import type { DataCollection } from '../../conformance/dataset.ts';
import { openSource, quoted, schema } from './server.ts';

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

function written(row: Row, { name, type }: Field): string {
  const value = settled(row[name] ?? null);
  if (value === null) return 'null';
  return type.kind === 'string' ? quoted(String(value)) : String(value);
}

async function create(data: readonly DataCollection[], text: string): Promise<string> {
  const statements = data.flatMap(({ name, fields, key, rows }) => {
    const columns = fields.map(
      (field) => `[${field.name}] ${declared(field, text)}${field.nullable ? ' null' : ' not null'}`,
    );
    const keys = key.length === 0 ? [] : [`primary key (${key.map((part) => `[${part}]`).join(', ')})`];
    const values = rows.map((row) => `(${fields.map((field) => written(row, field)).join(', ')})`);
    return [
      `create table $S.[${name}] (${[...columns, ...keys].join(', ')})`,
      `insert into $S.[${name}] values ${values.join(', ')}`,
    ];
  });
  return schema(
    data.map(({ name }) => name),
    ...statements,
  );
}

for (const { name, text } of [
  { name: 'mssql', text: 'varchar(#)' },
  { name: 'mssql, texts by their code points', text: 'varchar(#) collate Latin1_General_BIN2' },
  { name: 'mssql, wide texts', text: 'nvarchar(#)' },
  { name: 'mssql, wide texts, padded', text: 'nchar(#) collate Latin1_General_CI_AI' },
]) {
  conformance({
    name,
    ownOrder: 'values',
    queries: 100,
    async open(data) {
      const own = await create(data, text);
      return openSource({
        schemas: [own],
        collections: Object.fromEntries(data.map(({ name: table }) => [table, { table: `${own}.${table}` }])),
      });
    },
  });
}
