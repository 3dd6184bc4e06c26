import type { DatabaseSync } from 'node:sqlite';
import { type HostileTable, injection, type Stored } from '../sql/injection.ts';
import { database, openSource } from './file.ts';

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

function create(db: DatabaseSync, { name, columns, rows }: HostileTable): void {
  const [key, ...others] = columns.map((column) => `${quoted(column.name)} ${column.declared}`);
  db.exec(`create table ${quoted(name)} (${[`${key} primary key`, ...others].join(', ')})`);
  const insert = db.prepare(`insert into ${quoted(name)} values (${columns.map(() => '?').join(', ')})`);
  for (const row of rows)
    insert.run(...row.map((value: Stored) => (typeof value === 'boolean' ? Number(value) : value)));
}

const any = (): boolean => true;

injection({
  name: 'SQLite',
  types: [
    { declared: 'TEXT', keeps: any },
    { declared: 'TEXT COLLATE NOCASE', keeps: any },
    { declared: 'VARCHAR(200) COLLATE RTRIM', keeps: any },
    { declared: 'CHAR(90)', keeps: any },
    { declared: 'INTEGER', values: [0n, 1n, -1n, 7n, 2n ** 63n - 1n, -(2n ** 63n)] },
    { declared: 'INT', values: [0, 1, -1, 7, 2_147_483_647] },
    { declared: 'DECIMAL(14,2)', values: ['0', '-0.01', '12.34', '999999999999.99'] },
    { declared: 'REAL', values: [0, -1.5, 0.1, 1e308, Number.POSITIVE_INFINITY] },
    { declared: 'BOOLEAN', values: [0, 1] },
    { declared: 'DATE', values: ['0001-01-01', '1582-10-10', '2024-02-29', '9999-12-31'] },
    { declared: 'TIME', values: ['00:00:00', '12:30', '12:30:00.5', '23:59:59.999999999'] },
    {
      declared: 'TIMESTAMP',
      values: ['2024-02-29 00:00', '0001-01-01T00:00:00', '9999-12-31 23:59:59.999999'],
    },
    { declared: 'TIMESTAMPTZ', values: ['2024-02-29T00:00:00Z', '2024-02-29 02:00:00+02:00'] },
    { declared: 'BLOB', values: [new Uint8Array(0), new Uint8Array([0]), new TextEncoder().encode("'; --")] },
  ],
  integer: 'INTEGER',
  longText: 'TEXT',
  open: (tables, collectionsOf) =>
    openSource({
      file: database((db) => {
        for (const table of tables) create(db, table);
      }),
      readOnly: false,
      collections: collectionsOf(tables),
    }),
});
