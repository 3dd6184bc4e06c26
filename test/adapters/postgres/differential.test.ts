// Random questions to PostgreSQL and to the reference semantics, over values that databases like to get wrong.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '#spi';
import { random } from '../../random.ts';
import { byId, compareWithReference, readAll, subjectsOf } from '../sql/differential.ts';
import { connected, openSource, schema, skip } from './server.ts';

const TEXTS = [
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
  'a\\b',
  '\\',
  '%',
  "O'Brien",
  '"quoted"',
  '`; drop table t; --',
  '$1',
  '\uffff',
  '\u{1f600}',
  '\u{1f600}z',
  'Ä',
  'ä',
  'A\u0308',
  'ß',
  'ss',
  '\ue000',
  '123',
  '0123',
  'a\nb',
  '\t',
  'x'.repeat(300),
];
const SHORT = TEXTS.filter((text) => [...text].length <= 8);
const DAYS = ['0001-01-01', '1582-10-15', '1999-12-31', '2024-02-28', '2024-02-29', '9999-12-31'];
const MOMENTS = [
  '2024-02-29 10:00:00',
  '2024-02-29 10:00:00.5',
  '2024-02-29 09:59:59.999999',
  '0001-01-01 00:00:00',
  '9999-12-31 23:59:59.999999',
];

const COLUMNS: readonly (readonly [declaration: string, values: readonly string[]])[] = [
  ['small smallint', ['0', '1', '-1', '32767', '-32768']],
  ['n integer', ['0', '1', '-1', '2147483647']],
  ['big bigint', ['0', '1', '-1', '9223372036854775807', '-9223372036854775808']],
  ['amount numeric(14,2)', ['0.00', '-0.01', '0.10', '12.34', '12.35', '-12.34', '999999999999.99']],
  ['anynum numeric', ['0', '0.0', '1', '1.0', '1.00', '-1e-20', '12345678901234567890.123456789', '12.345']],
  ['cash money', ['0', '-0.01', '12.34', '1234567.89']],
  ['ratio real', ['0', '0.1', '16777216', '-1e30', 'Infinity', '3.4028235e38', '1e-45']],
  ['double double precision', ['0', '-0', '0.1', '0.30000000000000004', '-1e300', 'Infinity', '-Infinity']],
  ['flag boolean', ['true', 'false']],
  ['plain text', TEXTS],
  ['bytewise text collate "C"', TEXTS],
  ['german varchar(300) collate "de-x-icu"', TEXTS],
  ['folded text collate folding', TEXTS],
  ['code char(8)', SHORT],
  ['codec char(8) collate "C"', SHORT],
  [
    'uuid uuid',
    [
      '00000000-0000-0000-0000-000000000000',
      'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
      'ffffffff-ffff-ffff-ffff-ffffffffffff',
      'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A12',
    ],
  ],
  ['raw bytea', ['', '\\x00', '\\x0001', '\\xff', '\\x5c']],
  ['day date', DAYS],
  ['clock time', ['00:00:00', '12:30:00', '12:30:00.001', '12:30:00.000001', '23:59:59.999999']],
  ['moment timestamp', MOMENTS],
  ['instant timestamptz', MOMENTS.map((text) => `${text}+00`)],
  ['mood mood', ['sad', 'OK', 'happy day', "it's"]],
  ['address inet', ['10.0.0.1', '10.0.0.0/8', '9.0.0.1', '::1']],
  ['span interval', ['1 day', '24 hours', '1 mon', '30 days', '-1 year 2 mons']],
  ['zoned timetz', ['12:00:00+00', '13:00:00+01', '12:00:00-05:30']],
  ['bits bit varying(8)', ['', '0', '01', '1', '10']],
];

describe('PostgreSQL against the reference semantics', { skip }, () => {
  it('800 random filters and orders have its answer', async () => {
    const own = await schema(`
      create type mood as enum ('sad', 'OK', 'happy day', 'it''s');
      create collation folding (provider = icu, locale = 'und-u-ks-level1', deterministic = false);
      create table t (id integer primary key, ${COLUMNS.map(([column]) => column).join(', ')});
      create index on t(plain); create index on t(german); create index on t(folded); create index on t(mood);
      create index on t(ratio); create index on t(code); create index on t(moment);`);
    const dice = random(7);
    const client = await connected();
    const insert = `insert into ${own}.t values (${['id', ...COLUMNS].map((_, i) => `$${i + 1}`).join(', ')})`;
    for (let id = 1; id <= 300; id++) {
      await client.query(insert, [
        id,
        ...COLUMNS.map(([, values]) => (dice.chance(0.1) ? null : dice.pick(values))),
      ]);
    }
    await client.end();
    const source = await openSource({ schemas: [own], collections: { rows: { table: `${own}.t` } } });
    const [collection] = source.model.collections;
    assert.ok(collection);
    const fields = collection.fields.map(({ name }) => name);
    assert.equal(fields.length, COLUMNS.length + 1);
    const all = await readAll(source, { collection: 'rows', where: [], order: [byId] }, fields);
    assert.equal(all.length, 300);
    assert.equal(
      all.some((row) => Object.values(row).some((cell) => cell instanceof Fault)),
      false,
    );
    const covered = await compareWithReference(random(11), 800, source, all, subjectsOf(collection, all));
    assert.ok(covered > 800 * 0.85, `most conditions are pushed down: ${covered}`);
  });
});
