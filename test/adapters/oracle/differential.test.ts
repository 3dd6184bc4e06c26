// Random questions to the stand-in, or to a real server, and to the reference semantics, over values that databases like to get wrong.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault, type Scalar, type Value } from '#spi';
import type { TestColumn, TestTable, TestValue } from '../../fakes/oracledb/schema.ts';
import { random } from '../../random.ts';
import { byId, compareWithReference, readAll, subjectsOf } from '../sql/differential.ts';
import { filled, ORACLE_URL } from './server.ts';

const TEXTS = [
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
  '"; drop',
  '123',
  'a\t',
  'a\u0001',
  '\uffff',
  '\u{1f600}',
  '\u{1f600}z',
  'Ä',
  'ä',
  'A\u0308',
  'ß',
  '\ue000',
  'x'.repeat(300),
];
const SHORT = TEXTS.filter((text) => text.length <= 8);
const PLAIN = SHORT.filter((text) => /^[ -~]*$/.test(text));
const MOMENTS = [
  '0001-01-01T00:00:00',
  '1582-10-15T00:00:00',
  '2024-02-29T10:00:00',
  '2024-02-29T10:00:01',
  '9999-12-31T23:59:59',
];
const FINE = [...MOMENTS, '2024-02-29T10:00:00.5', '2024-02-29T10:00:00.123456789', '2024-02-29T10:00:00.12'];
const NUMBERS = ['0', '-0.01', '0.1', '0.30', '12.34', '-12.34', '123456789012345678.25', '1', '-7', '100'];

const COLUMNS: readonly (readonly [name: string, type: string, values: readonly TestValue[]])[] = [
  ['small', 'NUMBER(5)', ['0', '1', '-1', '32767']],
  ['big', 'NUMBER(18)', ['0', '9007199254740993', '9007199254740992', '-999999999999999999']],
  ['huge', 'NUMBER(38)', ['0', '1', '99999999999999999999999999999999999999', '18446744073709551615']],
  ['amount', 'NUMBER(14,2)', ['0', '-0.01', '0.1', '0.3', '12.34', '12.35', '-12.34', '123456789012.25']],
  ['coarse', 'NUMBER(6,-2)', ['0', '100', '-1200', '99999900']],
  [
    'free',
    'NUMBER',
    [...NUMBERS, '0.000000000000000000000000000001', '100000000000000000000000000000000000000000'],
  ],
  ['floating', 'FLOAT(126)', NUMBERS],
  ['ratio', 'BINARY_DOUBLE', [0, 0.1, 0.30000000000000004, -1e300, 5e-324]],
  ['single', 'BINARY_FLOAT', [0, 0.1, 0.3, 16777216, -1.5, 1.1].map(Math.fround)],
  ['word', 'VARCHAR2(300 CHAR)', TEXTS],
  ['national', 'NVARCHAR2(300)', TEXTS],
  ['code', 'CHAR(8 CHAR)', SHORT],
  ['ncode', 'NCHAR(8)', SHORT],
  ['memo', 'CLOB', TEXTS],
  ['raw', 'RAW(10)', [Uint8Array.of(0), Uint8Array.of(0, 1), Uint8Array.of(32), Uint8Array.of(255)]],
  ['day', 'DATE', MOMENTS],
  ['moment', 'TIMESTAMP(9)', FINE],
  ['zoned', 'TIMESTAMP(9) WITH TIME ZONE', FINE],
  ['local', 'TIMESTAMP(9) WITH LOCAL TIME ZONE', FINE.slice(1)],
];

function table(columns: typeof COLUMNS): TestTable {
  const dice = random(7);
  const declared: readonly TestColumn[] = columns.map(([name, type]) => ({ name, type }));
  return {
    name: 'T',
    columns: [{ name: 'id', type: 'NUMBER(9)', nullable: false }, ...declared],
    key: ['id'],
    indexes: [['word'], ['small', 'word']],
    rows: Array.from({ length: 150 }, (_, i) => [
      String(i + 1),
      ...columns.map(([, , values]) => (dice.chance(0.1) ? null : dice.pick(values))),
    ]),
  };
}

const others = (type: Scalar): readonly Value[] => {
  switch (type.kind) {
    case 'string':
      return ['', '\u{1f600}', 'Ä', 'a ', '\0', 'x'.repeat(5_000)];
    case 'decimal':
      return ['-3', '0.5', `1${'0'.repeat(130)}`];
    case 'int32':
      return [-3];
    case 'float64':
      return [0.10000000149011612, 0.15, 1e39, 1e-50, -1e-50, 0.30000001192092896, Number.POSITIVE_INFINITY];
    case 'timestamp':
      return ['2024-02-29T10:00:00.0000000001', '2024-02-29T10:00:00.4', '2024-03-01T00:00:00'];
    case 'instant':
      return ['2024-02-29T10:00:00.4999999Z'];
    case 'bytes':
      return [new Uint8Array(), Uint8Array.of(1)];
    default:
      return [];
  }
};

async function compare(
  columns: typeof COLUMNS,
  options: object,
  charset = 'AL32UTF8',
  times = 250,
): Promise<number> {
  const { open, schema } = await filled([table(columns)], {
    real: charset === 'AL32UTF8',
    charset,
  });
  const source = await open({ collections: { rows: { table: `${schema}.T` } }, ...options });
  const [collection] = source.model.collections;
  assert.ok(collection);
  const fields = collection.fields.map(({ name }) => name);
  const all = await readAll(source, { collection: 'rows', where: [], order: [byId] }, fields);
  assert.equal(all.length, 150);
  for (const row of all)
    for (const [name, cell] of Object.entries(row))
      assert.ok(!(cell instanceof Fault), `${name}: ${String(cell)}`);
  return compareWithReference(random(11), times, source, all, subjectsOf(collection, all, others));
}

describe('Oracle against the reference semantics', () => {
  it('250 random filters and orders have its answer', async () => {
    // LOBs are not compared, and neither is what is finer than a type.
    const covered = await compare(COLUMNS, {});
    assert.ok(covered > 250 * 0.75, `most conditions are pushed down: ${covered}`);
  });

  it('the same with the SQL of version 11, and with padded texts that are said to hold no control characters', async () => {
    const columns = COLUMNS.map(
      ([name, type, values]) => [name, type, name === 'code' ? PLAIN : values] as const,
    );
    const trusting = { rows: { table: 'BANK.T', columns: { code: { trusted: true } } } };
    const covered = await compare(columns, {
      version: 11,
      ...(ORACLE_URL === undefined ? { collections: trusting } : {}),
    });
    assert.ok(covered > 250 * 0.75, `most conditions are pushed down: ${covered}`);
  });

  it('texts of an old charset that are said to be plain ASCII', async () => {
    const columns = COLUMNS.filter(([name]) => /^(?:word|national|code|ncode|small)$/.test(name)).map(
      ([name, type]) => [name, type, name === 'small' ? ['0', '1'] : PLAIN] as const,
    );
    const trusted = Object.fromEntries(columns.map(([name]) => [name, { trusted: true }]));
    const collections = { rows: { table: 'BANK.T', columns: trusted } };
    const covered = await compare(columns, { collections }, 'JA16SJIS', 100);
    assert.ok(covered > 100 * 0.75, `most conditions are pushed down: ${covered}`);
  });

  for (const charset of ['UTF8', 'WE8ISO8859P1', 'WE8MSWIN1252']) {
    it(`texts of a database of the charset ${charset}`, async () => {
      const held = (values: readonly TestValue[]): readonly TestValue[] =>
        charset === 'UTF8' ? values : values.filter((value) => /^[\0-\xff]*$/.test(String(value)));
      const columns = COLUMNS.filter(([name]) => /^(?:word|national|code|ncode|small)$/.test(name)).map(
        ([name, type, values]) => [name, type, name.startsWith('n') ? values : held(values)] as const,
      );
      await compare(columns, {}, charset, 100);
    });
  }
});
