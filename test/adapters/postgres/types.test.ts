// Every type of PostgreSQL: what it is to us, and each of its values as it is shown. What our types do not hold is a fault
// that names the cell.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Cell, Fault, typeText } from '#spi';
import { knownType } from '../../../adapters/postgres/types.ts';
import { openSource, readAll, schema, skip } from './server.ts';

const BAD = 'a fault';

const VALUES: readonly (readonly [
  declaration: string,
  type: string,
  shown: readonly (readonly [sql: string, Cell])[],
])[] = [
  ['smallint', 'int32', [['-32768', -32768]]],
  ['integer', 'int32', [['2147483647', 2147483647]]],
  ['bigint', 'int64', [['9223372036854775807', 9223372036854775807n]]],
  [
    'numeric(9,2)',
    'decimal(9,2)',
    [
      ['1', '1.00'],
      ['-0.00', '0.00'],
      ["'NaN'", BAD],
    ],
  ],
  ['numeric(5)', 'decimal(5,0)', [['12345', '12345']]],
  ['numeric(2,5)', 'decimal(5,5)', [['0.00099', '0.00099']]],
  [
    'numeric',
    'decimal',
    [
      ['1.10', '1.10'],
      ['1e40', `1${'0'.repeat(40)}`],
      ["'NaN'", BAD],
      ["'Infinity'", BAD],
    ],
  ],
  ['money', 'decimal', [["'-1234.5'", '-1234.50']]],
  [
    'real',
    'float64',
    [
      ['0.1', 0.1],
      ["'NaN'", Number.NaN],
      ["'-Infinity'", Number.NEGATIVE_INFINITY],
    ],
  ],
  [
    'double precision',
    'float64',
    [
      ['0.30000000000000004', 0.30000000000000004],
      ['5e-324', 5e-324],
    ],
  ],
  [
    'boolean',
    'boolean',
    [
      ['true', true],
      ['false', false],
    ],
  ],
  [
    'char(5)',
    'string(5)',
    [
      ["'a'", 'a'],
      ["' a b '", ' a b'],
      ["''", ''],
    ],
  ],
  [
    'varchar(5)',
    'string(5)',
    [
      ["'a  '", 'a  '],
      ["'007'", '007'],
    ],
  ],
  [
    'text',
    'string',
    [
      ["'Ä\u{1f600}'", 'Ä\u{1f600}'],
      ["''", ''],
    ],
  ],
  ['"char"', 'string', [["'x'", 'x']]],
  ['name', 'string', [["'x'", 'x']]],
  ['uuid', 'string', [["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11']]],
  [
    'bytea',
    'bytes',
    [
      ["'\\x00ff'", new Uint8Array([0, 255])],
      ["''", new Uint8Array()],
    ],
  ],
  [
    'date',
    'date',
    [
      ["'2024-02-29'", '2024-02-29'],
      ["'infinity'", BAD],
      ["'0044-03-15 BC'", BAD],
      ["'12024-01-01'", BAD],
    ],
  ],
  [
    'time',
    'time',
    [
      ["'12:30'", '12:30:00'],
      ["'12:30:00.50'", '12:30:00.5'],
      ["'24:00'", BAD],
    ],
  ],
  ['timetz', 'string', [["'12:30+02'", '12:30:00+02']]],
  [
    'timestamp',
    'timestamp',
    [
      ["'2024-02-29 12:00:00.123456'", '2024-02-29T12:00:00.123456'],
      ["'-infinity'", BAD],
    ],
  ],
  [
    'timestamptz',
    'instant',
    [
      ["'2024-02-29 12:00+02'", '2024-02-29T10:00:00Z'],
      ["'0044-03-15 12:00+00 BC'", BAD],
    ],
  ],
  ['interval', 'string', [["'1 year 2 mons 3 days 04:05:06.7'", 'P1Y2M3DT4H5M6.7S']]],
  [
    'json',
    'json',
    [
      [
        `'{"a": [1, 12345678901234567890, 0.1, 1.10, 1e2]}'`,
        { a: [1, '12345678901234567890', 0.1, 1.1, 100] },
      ],
    ],
  ],
  [
    'jsonb',
    'json',
    [
      [`'"x"'`, 'x'],
      ["'null'", null],
    ],
  ],
  ['xml', 'string', [["'<a>1</a>'", '<a>1</a>']]],
  ['mood', 'enum', [["'happy day'", 'happy day']]],
  ['integer[]', 'json', [["'{1,null,3}'", [1, null, 3]]]],
  ['numeric[]', 'json', [["'{1.5,12345678901234567890.5}'", [1.5, '12345678901234567890.5']]]],
  ['positive', 'decimal(7,2)', [['5', '5.00']]],
  ['inet', 'string', [["'10.0.0.1'", '10.0.0.1']]],
  ['macaddr', 'string', [["'08:00:2b:01:02:03'", '08:00:2b:01:02:03']]],
  ['point', 'string', [["'(1,2)'", '(1,2)']]],
  ['bit(3)', 'string', [["'101'", '101']]],
  ['int4range', 'string', [["'[1,5)'", '[1,5)']]],
  ['tsvector', 'string', [["'a b'", "'a' 'b'"]]],
  ['oid', 'string', [['4294967295', '4294967295']]],
];

describe('types of PostgreSQL', { skip }, () => {
  it('each is shown without loss', async () => {
    const creates = VALUES.map(
      ([declaration, , shown], i) =>
        `create table t${i} (id integer primary key, v ${declaration});
         insert into t${i} values ${shown.map(([sql], at) => `(${at}, ${sql})`).join(', ')}, (${shown.length}, null);`,
    );
    const own = await schema(
      `create type mood as enum ('sad', 'happy day'); create domain amount as numeric(7,2);
       create domain positive as amount check (value > 0); ${creates.join('\n')}`,
    );
    for (const [i, [declaration, type, shown]] of VALUES.entries()) {
      const source = await openSource({ schemas: [own], collections: { rows: { table: `${own}.t${i}` } } });
      const field = source.model.collections[0]?.fields[1];
      assert.ok(field, declaration);
      assert.equal(field.type.kind === 'enum' ? 'enum' : typeText(field.type), type, declaration);
      const rows = await readAll(source);
      assert.deepEqual(
        rows.map((row) => (row['v'] instanceof Fault ? BAD : row['v'])),
        [...shown.map(([, cell]) => cell), null],
        declaration,
      );
      for (const row of rows) {
        if (row['v'] instanceof Fault)
          assert.deepEqual([row['v'].kind, row['v'].code], ['corrupt', 'bad-column-value']);
      }
    }
  });

  it('short names in the configuration mean the same as the long ones of the catalog', () => {
    for (const [short, long] of [
      ['varchar(5)', 'character varying(5)'],
      ['CHAR(3)', 'character(3)'],
      ['decimal(9, 2)', 'numeric(9,2)'],
      ['timestamptz', 'timestamp(3) with time zone'],
      ['time', 'time(0) without time zone'],
      ['int8', 'bigint'],
      ['float8', 'double precision'],
    ] as const) {
      assert.deepEqual(knownType(short), knownType(long));
    }
  });
});
