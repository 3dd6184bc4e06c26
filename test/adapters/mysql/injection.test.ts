import { type HostileTable, injection, type Stored } from '../sql/injection.ts';
import { connected, database, openSource, skip } from './server.ts';

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;
const any = (): boolean => true;
const latin1 = (text: string): boolean => /^[\0-\x7e\u00a0-\u00ff\u2018\u2019]*$/.test(text);

function declared({ name, columns }: HostileTable): string {
  const [key, ...others] = columns.map((column) => `${quoted(column.name)} ${column.declared}`);
  return `create table ${quoted(name)} (${[`${key} primary key`, ...others].join(', ')});`;
}

const plain = (value: Stored) => (value instanceof Uint8Array ? Buffer.from(value) : value);

injection({
  name: 'MariaDB or MySQL',
  skip,
  types: [
    { declared: 'varchar(200)', keeps: any },
    { declared: 'varchar(200) collate utf8mb4_bin', keeps: any },
    { declared: 'varchar(200) character set latin1', keeps: latin1 },
    { declared: 'char(90)', keeps: any },
    { declared: 'mediumtext', keeps: any },
    {
      declared: "enum('it''s','\"','];--','%_','$1','a,b','back\\\\slash','(x)','two\\nlines','nul\\0')",
      values: ["it's", '"', '];--', '%_', '$1', 'a,b', 'back\\slash', '(x)', 'two\nlines', 'nul\0'],
    },
    { declared: "set('it''s','\"','];--','?')", values: ['', "it's", '",?', '];--'] },
    { declared: 'int', values: [0, 1, -1, 7, 2_147_483_647] },
    { declared: 'bigint', values: [0n, 7n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)] },
    { declared: 'bigint unsigned', values: [0n, 7n, 2n ** 64n - 1n] },
    { declared: 'decimal(14,2)', values: ['0', '-0.01', '12.34', '999999999999.99'] },
    { declared: 'decimal(65,0)', values: ['0', '7', '9'.repeat(38), '9'.repeat(65)] },
    { declared: 'float', values: [0, 1, 0.1, -1.5] },
    { declared: 'double', values: [0, 0.1, 5e-324, 1e308] },
    { declared: 'tinyint(1)', values: [0, 1] },
    { declared: 'date', values: ['0001-01-01', '1582-10-10', '2024-02-29', '9999-12-31'] },
    { declared: 'time(6)', values: ['00:00:00', '12:30:00.000001', '23:59:59.999999'] },
    {
      declared: 'datetime(6)',
      values: ['0001-01-01 00:00:00', '2024-02-29 12:30:00.000001', '9999-12-31 23:59:59.999999'],
    },
    { declared: 'timestamp(6) null', values: ['2024-02-29 12:30:00.000001', '2037-12-31 23:59:59.999999'] },
    {
      declared: 'varbinary(20)',
      values: [new Uint8Array(0), new Uint8Array([0]), new TextEncoder().encode("'; --")],
    },
    { declared: 'year', values: [0, 1901, 2001, 2024] },
  ],
  integer: 'int',
  longText: 'longtext',
  // A name may not end in a blank.
  names: (name) => name.length <= 64 && !/\s$/.test(name),
  async open(tables, collectionsOf) {
    const own = await database(tables.map(declared).join('\n'));
    const connection = await connected();
    await connection.query(`use ${own}; set time_zone = '+00:00'`);
    for (const { name, rows } of tables) {
      for (const row of rows) {
        await connection.query(
          `insert into ${quoted(name)} values (${row.map(() => '?').join(', ')})`,
          row.map(plain),
        );
      }
    }
    await connection.end();
    return openSource({ database: own, readOnly: false, collections: collectionsOf(tables) });
  },
});
