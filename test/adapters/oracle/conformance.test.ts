// The gateway's suite on the stand-in, and on a real server where there is one: with texts of VARCHAR2, which has no empty ones, of
// padded CHAR, which has, and in the SQL of version 11.

import { type Field, type Row, settled } from '#spi';
import { conformance } from '../../conformance/conformance.ts';
import type { DataCollection } from '../../conformance/dataset.ts';
import type { TestTable } from '../../fakes/oracledb/schema.ts';
import { filled } from './server.ts';

const PADDED = 'CHAR(# CHAR)';

function declared({ type }: Field, text: string): string {
  switch (type.kind) {
    case 'string':
      return text.replace('#', String(type.length));
    case 'decimal':
      return `NUMBER(${type.precision},${type.scale})`;
    case 'int32':
      return 'NUMBER(9)';
    case 'int64':
      return 'NUMBER(18)';
    default:
      throw new Error(`no column for ${type.kind}`);
  }
}

/** Blanks alone are what is left of an empty text where there is padding. */
function stored(row: Row, { name }: Field, text: string): string | null {
  const value = settled(row[name] ?? null);
  return value === '' && text === PADDED ? ' ' : value === null ? null : String(value);
}

function tableOf({ name, fields, key, rows }: DataCollection, text: string): TestTable {
  return {
    name,
    columns: fields.map((field) => ({
      name: field.name,
      type: declared(field, text),
      nullable: field.nullable === true,
    })),
    key,
    rows: rows.map((row) => fields.map((field) => stored(row, field, text))),
  };
}

/** An empty text is null there. */
function withoutEmpty(data: DataCollection): DataCollection {
  const emptied = data.fields
    .filter(({ name }) => data.rows.some((row) => row[name] === ''))
    .map(({ name }) => name);
  return {
    ...data,
    fields: data.fields.map((field) => (emptied.includes(field.name) ? { ...field, nullable: true } : field)),
    rows: data.rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value === '' ? null : value])),
    ),
  };
}

for (const { name, text, version } of [
  { name: 'oracle', text: 'VARCHAR2(# CHAR)', version: 12 },
  { name: 'oracle 11, national texts', text: 'NVARCHAR2(#)', version: 11 },
  { name: 'oracle, padded texts', text: PADDED, version: 12 },
]) {
  conformance({
    name,
    queries: 100,
    ...(text === PADDED ? {} : { heldAs: withoutEmpty }),
    async open(data) {
      const { open, schema } = await filled(data.map((collection) => tableOf(collection, text)));
      return open({
        version,
        collections: Object.fromEntries(data.map(({ name: own }) => [own, { table: `${schema}.${own}` }])),
      });
    },
  });
}
