// The hostile corpus put to Oracle's adapter: to the statements that it writes and the values that it binds. What runs them is SQLite.

import type { TestTable, TestValue } from '../../fakes/oracledb/schema.ts';
import { type HostileTable, injection, type Stored } from '../sql/injection.ts';
import { filled } from './server.ts';

/** An empty text is null there. */
const filledText = (text: string): boolean => text !== '' && text.isWellFormed();

function testValue(value: Stored, declared: string): TestValue {
  if (value === '' && declared.startsWith('CHAR')) return ' ';
  return typeof value === 'bigint' ? String(value) : value;
}

function testTable({ name, columns, rows }: HostileTable): TestTable {
  return {
    name,
    columns: columns.map((column, i) => ({ name: column.name, type: column.declared, nullable: i > 0 })),
    key: columns.slice(0, 1).map((column) => column.name),
    rows: rows.map((row) => row.map((value, i) => testValue(value, columns[i]?.declared ?? ''))),
  };
}

injection({
  name: 'Oracle',
  types: [
    { declared: 'VARCHAR2(200 CHAR)', keeps: filledText },
    { declared: 'NVARCHAR2(200)', keeps: filledText },
    { declared: 'CHAR(60 CHAR)', keeps: (text) => text.isWellFormed() && text.length <= 60 },
    { declared: 'NUMBER(9)', values: [0, 1, -1, 7, 999_999_999] },
    { declared: 'NUMBER(18)', values: [0n, 7n, 2n ** 53n + 1n, -(10n ** 17n)] },
    { declared: 'NUMBER(14,2)', values: ['0', '-0.01', '12.34', '999999999999.99'] },
    { declared: 'NUMBER', values: ['0', '7', '9'.repeat(38), '0.000000000000000001'] },
    { declared: 'BINARY_DOUBLE', values: [0, 0.1, 5e-324, 1e308] },
    { declared: 'DATE', values: ['0001-01-01T00:00:00', '2024-02-29T10:00:00', '9999-12-31T23:59:59'] },
    { declared: 'TIMESTAMP(9)', values: ['2024-02-29T12:30:00.000000001', '2024-02-29T12:30:00'] },
    { declared: 'RAW(20)', values: [new Uint8Array([0]), new TextEncoder().encode("'; --")] },
  ],
  integer: 'NUMBER(9)',
  longText: 'CLOB',
  // No name of Oracle has a double quote or a NUL in it.
  names: (name) => !/["\0]/.test(name) && name.length <= 100 && name !== '',
  async open(tables, collectionsOf) {
    const { open, schema } = await filled(tables.map(testTable), { real: false });
    const collections = Object.entries(collectionsOf(tables)).map(([name, options]) => [
      name,
      { ...options, table: `${schema}.${options.table}` },
    ]);
    return open({ readOnly: false, collections: Object.fromEntries(collections) });
  },
});
