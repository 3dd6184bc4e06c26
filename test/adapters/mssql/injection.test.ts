// The hostile corpus on SQL Server. Left out of what is stored: texts with a character 0, which the server orders below those that end there,
// and with units from U+D800 on, whose order there is not that of code points.

import { type HostileTable, injection, type Stored } from '../sql/injection.ts';
import { openSource, quoted, schema } from './server.ts';

const bracketed = (name: string): string => `[${name.replaceAll(']', ']]')}]`;
const wide = (text: string): boolean => !/[\0\ud800-\uffff]/.test(text);
const western = (text: string): boolean => /^[\x01-\x7e\u00a0-\u00ff\u2018\u2019]*$/.test(text);

function written(value: Stored): string {
  if (value === null) return 'null';
  if (value instanceof Uint8Array) return `0x${value.toHex()}`;
  if (typeof value === 'boolean') return value ? '1' : '0';
  return typeof value === 'string' ? quoted(value) : String(value);
}

function declared({ name, columns }: HostileTable): string {
  const [key, ...others] = columns.map((column) => `${bracketed(column.name)} ${column.declared}`);
  const rest = others.map((column) => `${column} null`);
  return `create table $S.${bracketed(name)} (${[`${key} not null primary key`, ...rest].join(', ')})`;
}

injection({
  name: 'SQL Server',
  types: [
    { declared: 'nvarchar(200)', keeps: wide },
    { declared: 'nvarchar(200) collate Latin1_General_BIN2', keeps: wide },
    { declared: 'varchar(200)', keeps: western },
    { declared: 'char(90)', keeps: western },
    { declared: 'nvarchar(max)', keeps: wide },
    { declared: 'int', values: [0, 1, -1, 7, 2_147_483_647] },
    { declared: 'bigint', values: [0n, 7n, 2n ** 53n + 1n, 2n ** 63n - 1n] },
    { declared: 'decimal(14,2)', values: ['0', '-0.01', '12.34', '999999999999.99'] },
    { declared: 'decimal(38,0)', values: ['0', '7', '9'.repeat(38)] },
    { declared: 'money', values: ['0', '-0.0001', '922337203685477.5807'] },
    { declared: 'real', values: [0, 1, 0.1, -1.5] },
    { declared: 'float', values: [0, 0.1, 1e308] },
    { declared: 'bit', values: [false, true] },
    { declared: 'date', values: ['0001-01-01', '1582-10-10', '2024-02-29', '9999-12-31'] },
    { declared: 'time(7)', values: ['00:00:00', '12:30:00.0000001', '23:59:59.9999999'] },
    { declared: 'datetime2(7)', values: ['0001-01-01T00:00:00', '2024-02-29T12:30:00.0000001'] },
    { declared: 'datetime', values: ['1753-01-01T00:00:00', '2024-02-29T12:30:00.003'] },
    {
      declared: 'datetimeoffset(7)',
      values: ['2024-02-29T12:30:00.0000001+00:00', '2037-12-31T23:59:59+00:00'],
    },
    { declared: 'uniqueidentifier', values: ['6F9619FF-8B86-D011-B42D-00C04FC964FF'] },
    {
      declared: 'varbinary(20)',
      values: [new Uint8Array(0), new Uint8Array([0]), new TextEncoder().encode("'; --")],
    },
  ],
  integer: 'int',
  longText: 'nvarchar(max)',
  names: (name) => name.length <= 128 && !/\0|\s$|[\ud800-\udfff]/.test(name),
  async open(tables, collectionsOf) {
    const statements = tables.flatMap((table) => [
      declared(table),
      ...table.rows.map(
        (row) => `insert into $S.${bracketed(table.name)} values (${row.map(written).join(', ')})`,
      ),
    ]);
    const own = await schema(
      tables.map(({ name }) => name.replaceAll(']', ']]')),
      ...statements,
    );
    const collections = Object.entries(collectionsOf(tables)).map(([name, table]) => [
      name,
      { ...table, table: `${own}.${table.table}` },
    ]);
    return openSource({ schemas: [own], readOnly: false, collections: Object.fromEntries(collections) });
  },
});
