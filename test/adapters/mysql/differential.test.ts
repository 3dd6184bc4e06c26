// Random questions to the server and to the reference semantics, over values that databases like to get wrong.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault, type Scalar, type Value } from '#spi';
import { random } from '../../random.ts';
import { byId, compareWithReference, readAll, subjectsOf } from '../sql/differential.ts';
import { connected, database, openSource, skip } from './server.ts';

const PLAIN = [
  '',
  ' ',
  'a',
  'A',
  'a ',
  'a  ',
  'ab',
  'AB',
  'a%',
  'a_b',
  'a|b',
  'a\\b',
  "O'Brien",
  '`; drop',
  '123',
  '0123',
  '1e3',
  'a\t',
];
const TEXTS = [
  ...PLAIN,
  'nul\0inside',
  '\uffff',
  '\u{1f600}',
  '\u{1f600}z',
  'Ä',
  'ä',
  'A\u0308',
  'ß',
  'ss',
  '\ue000',
  'x'.repeat(300),
];
const LATIN = [...PLAIN, 'Ä', 'ä', 'ß', 'ss', '€'];
const AMOUNTS = [
  '0.00',
  '-0.01',
  '0.10',
  '0.30',
  '12.34',
  '12.35',
  '-12.34',
  '9999999.99',
  '123456789012.25',
];
const DAYS = ['1000-01-01', '1582-10-15', '1999-12-31', '2024-02-28', '2024-02-29', '9999-12-31'];
const MOMENTS = [
  '2024-02-29 10:00:00',
  '2024-02-29 10:00:00.5',
  '2024-02-29 10:00:00.45',
  '2024-02-29 09:59:59.999999',
  '2024-02-28 23:59:00',
];

const COLUMNS: readonly (readonly [string, readonly (string | number | Buffer)[]])[] = [
  [
    'big bigint',
    ['0', '1', '-1', '9223372036854775807', '-9223372036854775808', '9007199254740993', '9007199254740992'],
  ],
  ['huge bigint unsigned', ['0', '1', '18446744073709551615', '18446744073709551614', '9223372036854775808']],
  ['small smallint', ['0', '1', '-1', '32767']],
  ['amount decimal(14,2)', AMOUNTS],
  [
    'wide decimal(65,30)',
    ['0.000000000000000000000000000001', '0.1', '-12345678901234567890123456789012345.5', '1'],
  ],
  ['ratio double', [0, 0.1, 0.30000000000000004, -1e300, 5e-324]],
  ['single float', [0, 0.1, 0.3, 16777216, -1.5, 3.4e38, 1.1]],
  ['flag tinyint(1)', [0, 1]],
  ['folded varchar(300)', TEXTS],
  ['exact varchar(300) collate utf8mb4_bin', TEXTS],
  ['latin varchar(40) character set latin1', LATIN],
  ['code char(4)', PLAIN.filter((text) => text.length <= 4)],
  ['memo text', TEXTS],
  ["word enum('b','A','a b','10')", ['b', 'A', 'a b', '10']],
  ["tags set('x','y','z')", ['', 'x', 'x,y', 'x,y,z', 'z']],
  ['day date', DAYS],
  ['moment datetime(6)', MOMENTS],
  ['stamp timestamp(6)', MOMENTS],
  ['clock time(6)', ['00:00:00', '12:30:00', '12:30:00.001', '23:59:59.999999']],
  ['made year', [1901, 2024, 2155]],
  [
    'raw varbinary(10)',
    [Buffer.alloc(0), Buffer.from([0]), Buffer.from([0, 1]), Buffer.from([32]), Buffer.from([255])],
  ],
];

const nameOf = (column: string): string => column.split(' ')[0] ?? '';

async function fill(): Promise<string> {
  const dice = random(7);
  const columns = COLUMNS.map(([column]) => `${column} null`);
  const own = await database(
    `create table t (id int primary key, ${columns.join(', ')}, index by_folded (folded), index by_latin (latin), index by_single (single), index by_day (day), index by_pair (folded, small))`,
  );
  const connection = await connected();
  await connection.query(`use ${own}; set time_zone = '+00:00'`);
  const rows = Array.from({ length: 300 }, (_, i) => [
    i + 1,
    ...COLUMNS.map(([, values]) => (dice.chance(0.1) ? null : dice.pick(values))),
  ]);
  await connection.query('insert into t values ?', [rows]);
  await connection.end();
  return own;
}

const others = (type: Scalar): readonly Value[] => {
  switch (type.kind) {
    case 'string':
      return ['\u{1f600}', 'Ä'];
    case 'decimal':
      return ['-3'];
    case 'float64':
      return [0.10000000149011612, 0.15, 1e39, 1e-50, -1e-50, 0.30000001192092896, 1.1000000000000001];
    case 'instant':
      return ['2024-02-29T10:00:00.4999999Z'];
    default:
      return [];
  }
};

describe('MariaDB or MySQL against the reference semantics', { skip }, () => {
  it('800 random filters and orders have its answer', async () => {
    const own = await fill();
    const source = await openSource({ database: own, collections: { rows: { table: 't' } } });
    const [collection] = source.model.collections;
    assert.ok(collection);
    const fields = collection.fields.map(({ name }) => name);
    const all = await readAll(source, { collection: 'rows', where: [], order: [byId] }, fields);
    assert.equal(all.length, 300);
    for (const row of all)
      for (const [name, cell] of Object.entries(row))
        assert.ok(!(cell instanceof Fault), `${name}: ${String(cell)}`);
    const subjects = subjectsOf(collection, all, others);
    assert.deepEqual(
      subjects.slice(1).map(({ field }) => field),
      COLUMNS.map(([column]) => nameOf(column)),
    );
    const covered = await compareWithReference(random(11), 800, source, all, subjects);
    // Texts without a longest length have no order, and numbers finer than a column's type are not compared with it.
    assert.ok(covered > 800 * 0.8, `most conditions are pushed down: ${covered}`);
  });
});
