// Which values a column of Oracle takes, and as what they are bound; what comes back of a new row; which columns are numbered.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Value } from '#spi';
import { oracleDialect } from '../../../adapters/oracle/dialect.ts';
import { columnOf } from '../../../adapters/sql/table.ts';
import { addRow } from '../../fakes/oracledb/dictionary.ts';
import { oraError } from '../../fakes/oracledb/oracledb.ts';
import { fault, filled, never } from './server.ts';

/** Declared type, what is kept with how it is bound, what is refused. */
const TYPES: readonly (readonly [string, readonly (readonly [Value, string, Value?])[], readonly Value[]])[] =
  [
    [
      'NUMBER(5)',
      [
        [7, 'number'],
        [-99_999, 'number'],
      ],
      [123_456],
    ],
    [
      'NUMBER(18)',
      [
        [7n, 'number', 7],
        [999_999_999_999_999_999n, 'decimal', '999999999999999999'],
      ],
      [10n ** 18n],
    ],
    [
      'NUMBER(9,2)',
      [
        ['12.50', 'decimal'],
        ['-3.00', 'number', -3],
      ],
      ['1.005', '12345678.00'],
    ],
    ['NUMBER(6,-2)', [['1200', 'number', 1_200]], ['1250', '1.5']],
    ['NUMBER(3,5)', [['0.00123', 'decimal']], ['0.01234', '0.000001']],
    [
      'NUMBER',
      [
        ['0.1', 'decimal'],
        ['12345678901234567890123456789012345678', 'decimal'],
      ],
      [`1${'1'.repeat(38)}`],
    ],
    ['FLOAT(10)', [['1.25', 'decimal']], ['1.2345']],
    [
      'BINARY_DOUBLE',
      [
        [0.1, 'double'],
        [-1e300, 'double'],
      ],
      [Number.NaN],
    ],
    [
      'BINARY_FLOAT',
      [
        [0.1, 'double'],
        [1.5, 'double'],
      ],
      [0.10000000149011612, 1e300],
    ],
    [
      'VARCHAR2(4 CHAR)',
      [
        ['äöü€', 'varchar'],
        ["';--", 'varchar'],
        [' a ', 'varchar'],
      ],
      ['', 'abcde', '\ud800'],
    ],
    ['NVARCHAR2(4)', [['äöü€', 'nvarchar']], ['', 'abcde']],
    [
      'CHAR(4 CHAR)',
      [
        ['ab', 'char'],
        ['', 'char', ' '],
      ],
      ['abcde'],
    ],
    [
      'CLOB',
      [
        ['a text', 'clob'],
        ['', 'empty_clob', null],
      ],
      [],
    ],
    [
      'BLOB',
      [
        [Uint8Array.of(1), 'blob'],
        [new Uint8Array(), 'empty_blob', null],
      ],
      [],
    ],
    ['RAW(2)', [[Uint8Array.of(0, 255), 'raw']], [new Uint8Array(), Uint8Array.of(1, 2, 3)]],
    ['DATE', [['2024-02-29T10:00:00', 'date']], ['2024-02-29T10:00:00.5', '+010000-01-01T00:00:00']],
    ['TIMESTAMP(3)', [['2024-02-29T10:00:00.125', 'timestamp']], ['2024-02-29T10:00:00.1234']],
    [
      'TIMESTAMP(6) WITH TIME ZONE',
      [['2024-02-29T10:00:00Z', 'timestamptz', '2024-02-29T10:00:00.0+00:00']],
      ['2024-02-29T10:00:00.1234567Z'],
    ],
  ];

const { writing, typeOf, compiler: _ } = oracleDialect({ charset: 'AL32UTF8', version: 12 });

function writerOf(type: string, of = writing) {
  const column = columnOf({ name: 'x', type, nullable: true, trusted: true }, 'x', {}, typeOf);
  return of?.writer(column);
}

describe('writing into Oracle', () => {
  it('a value is bound so that it is kept as it is, or is refused', () => {
    for (const [type, kept, refused] of TYPES) {
      const writer = writerOf(type);
      assert.ok(writer, type);
      for (const [value, sqlType, bound = value] of kept) {
        const written = writer(value);
        assert.ok(written && 'sqlType' in written, `${type}: ${String(value)}`);
        assert.deepEqual([written.sqlType, written.value], [sqlType, bound], type);
      }
      for (const value of refused) assert.equal(writer(value), undefined, `${type}: ${String(value)}`);
    }
  });

  it('what is read otherwise than it is written is not written', () => {
    for (const type of ['XMLTYPE', 'JSON', 'ROWID', 'INTERVAL DAY(2) TO SECOND(6)', 'LONG']) {
      assert.equal(writerOf(type), undefined, type);
    }
  });

  it('a database of an older character set takes what the set surely holds', () => {
    for (const [charset, kept, refused] of [
      ['WE8ISO8859P1', 'Ärger', '€'],
      ['WE8MSWIN1252', '€ Ärger', 'ж'],
      ['CL8MSWIN1251', 'ж', 'Ä'],
      ['JA16SJIS', 'plain', 'Ä'],
    ] as const) {
      const writer = writerOf('VARCHAR2(20 CHAR)', oracleDialect({ charset, version: 12 }).writing);
      assert.ok(writer?.(kept), charset);
      assert.equal(writer?.(refused), undefined, charset);
    }
  });

  it('the key of a new row comes back through binds, numbers as their digits', async () => {
    const table = {
      name: 'T',
      columns: [
        { name: 'ID', type: 'NUMBER(19)', nullable: false, identity: true },
        { name: 'DAY', type: 'DATE', nullable: false },
        { name: 'NAME', type: 'VARCHAR2(20 CHAR)' },
      ],
      key: ['ID', 'DAY'],
      rows: [],
    };
    const { fake, open } = await filled([table], { real: false });
    assert.ok(fake);
    const source = await open({
      readOnly: false,
      collections: { rows: { table: 'BANK.T', writes: ['insert'] } },
    });
    const values = { day: '2024-02-29T00:00:00', name: 'x' };
    const outcomes = await source.write?.([{ collection: 'rows', verb: 'insert', values }], {
      signal: never,
    });
    assert.deepEqual(outcomes, [{ key: ['1', '2024-02-29T00:00:00'], created: true }]);
    const { sql, binds } = fake.statements.at(-1) ?? {};
    assert.equal(
      sql,
      `insert into "BANK"."T" ("DAY", "NAME") values (to_date(:1, 'YYYY-MM-DD"T"HH24:MI:SS'), :2) returning to_char("ID", 'TM9'), to_char("DAY", 'SYYYY-MM-DD"T"HH24:MI:SS') into :3, :4`,
    );
    assert.deepEqual(
      binds?.slice(2).map(({ dir, type, maxSize }) => [dir, type?.name, maxSize]),
      Array.from({ length: 2 }, () => [fake.module.BIND_OUT, 'DB_TYPE_VARCHAR', 4_000]),
    );
  });

  it('a key that a trigger may fill can be left out; the database says where it is missing', async () => {
    const table = {
      name: 'T',
      columns: [
        { name: 'ID', type: 'NUMBER(9)', nullable: false },
        { name: 'NAME', type: 'VARCHAR2(20 CHAR)' },
      ],
      key: ['ID'],
      rows: [],
    };
    const { fake, open } = await filled([table], { real: false });
    assert.ok(fake);
    addRow(fake.database, 'all_triggers', {
      table_owner: 'BANK',
      table_name: 'T',
      trigger_type: 'BEFORE EACH ROW',
      triggering_event: 'INSERT OR UPDATE',
      status: 'ENABLED',
    });
    const source = await open({
      readOnly: false,
      collections: { rows: { table: 'BANK.T', writes: ['insert'] } },
    });
    assert.equal(source.model.collections[0]?.fields[0]?.optional, true);
    fake.script = (sql) => (sql.startsWith('insert') ? { error: oraError(1400) } : undefined);
    const change = { collection: 'rows', verb: 'insert', values: { name: 'x' } } as const;
    await assert.rejects(
      async () => source.write?.([change], { signal: never }),
      fault('rejected', 'not-null'),
    );
    assert.deepEqual(fake.events.slice(-2), ['rollback', 'released']);
  });
});
