import { type HostileTable, injection, type Stored } from '../sql/injection.ts';
import { connected, openSource, schema, skip } from './server.ts';

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const withoutNul = (text: string): boolean => !text.includes('\0');
const short = (text: string): boolean => withoutNul(text) && [...text].length <= 90;

function declared({ name, columns }: HostileTable): string {
  const [key, ...others] = columns.map((column) => `${quoted(column.name)} ${column.declared}`);
  return `create table ${quoted(name)} (${[`${key} primary key`, ...others].join(', ')});`;
}

/** As a parameter of the driver. */
const plain = (value: Stored) => (value instanceof Uint8Array ? Buffer.from(value) : value);

injection({
  name: 'PostgreSQL',
  skip,
  types: [
    { declared: 'text', keeps: withoutNul },
    { declared: 'text collate "C"', keeps: withoutNul },
    { declared: 'varchar(200) collate "de-x-icu"', keeps: withoutNul },
    { declared: 'text collate folding', keeps: withoutNul },
    { declared: 'char(90)', keeps: short },
    { declared: 'name', values: ['select', "o'clock", '"', '$1'] },
    {
      declared: 'uuid',
      values: ['00000000-0000-0000-0000-000000000000', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
    },
    { declared: 'inet', values: ['10.0.0.1', '::1'] },
    { declared: 'mood', values: ["it's", '"', '];--', '%_', '\\', '$1', 'a,b'] },
    { declared: 'smallint', values: [0, 1, -1, 7, 32_767] },
    { declared: 'integer', values: [0, 1, -1, 7, 2_147_483_647] },
    { declared: 'bigint', values: [0n, 7n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)] },
    { declared: 'numeric(14,2)', values: ['0', '-0.01', '12.34', '999999999999.99'] },
    {
      declared: 'numeric',
      values: ['0', '12.345', '7', '1'.repeat(5_000), '9'.repeat(66), `0.${'0'.repeat(400)}1`],
    },
    { declared: 'money', values: ['0', '-0.01', '12.34'] },
    { declared: 'real', values: [0, 1, 0.1, -1.5, 1e-45, Number.POSITIVE_INFINITY] },
    { declared: 'double precision', values: [0, 0.1, 5e-324, 1e308, Number.NaN, Number.NEGATIVE_INFINITY] },
    { declared: 'boolean', values: [true, false] },
    { declared: 'date', values: ['0001-01-01', '1582-10-10', '2024-02-29', '9999-12-31'] },
    { declared: 'time', values: ['00:00:00', '12:30:00.000001', '23:59:59.999999'] },
    {
      declared: 'timestamp',
      values: ['0001-01-01 00:00:00', '2024-02-29 12:30:00.000001', '9999-12-31 23:59:59.999999'],
    },
    {
      declared: 'timestamptz',
      values: ['0001-01-01 00:00:00Z', '2024-02-29 12:30:00.000001+02', '9999-12-31 23:59:59.999999Z'],
    },
    { declared: 'bytea', values: ['', '\\x00', '\\x5c', '\\x27', '\\x273b202d2d'] },
    { declared: 'jsonb', values: ['{"a": "\'; --"}', '[]'] },
  ],
  integer: 'integer',
  longText: 'text',
  // Names end after 63 bytes.
  names: (name) => Buffer.byteLength(name) <= 63,
  async open(tables, collectionsOf) {
    const own = await schema(
      `create type mood as enum ('it''s', '"', '];--', '%_', E'\\\\', '$1', 'a,b');
       create collation folding (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
       ${tables.map(declared).join('\n')}`,
    );
    const client = await connected();
    for (const { name, columns, rows } of tables) {
      const places = columns.map((_, i) => `$${i + 1}`);
      for (const row of rows) {
        await client.query(
          `insert into ${own}.${quoted(name)} values (${places.join(', ')})`,
          row.map(plain),
        );
      }
    }
    await client.end();
    const collections = Object.entries(collectionsOf(tables));
    return openSource({
      schemas: [own],
      readOnly: false,
      collections: Object.fromEntries(
        collections.map(([name, options]) => [name, { ...options, table: `${own}.${options.table}` }]),
      ),
    });
  },
});
