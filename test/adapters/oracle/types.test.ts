// Which of our types each declared type of Oracle means.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Scalar, typeText } from '#spi';
import { decoderOf } from '../../../adapters/oracle/cells.ts';
import { oracleDialect } from '../../../adapters/oracle/dialect.ts';
import { isShown, knownType } from '../../../adapters/oracle/types.ts';
import { columnOf } from '../../../adapters/sql/table.ts';

const TYPES: Readonly<Record<string, Scalar['kind'] | Scalar>> = {
  NUMBER: { kind: 'decimal' },
  'NUMBER(*,0)': { kind: 'decimal', precision: 38, scale: 0 },
  'NUMBER(9)': 'int32',
  'NUMBER(9,0)': 'int32',
  'NUMBER(10)': 'int64',
  'NUMBER(18,0)': 'int64',
  'NUMBER(19)': { kind: 'decimal', precision: 19, scale: 0 },
  'NUMBER(11,2)': { kind: 'decimal', precision: 11, scale: 2 },
  'NUMBER(3,5)': { kind: 'decimal', precision: 5, scale: 5 },
  'NUMBER(6,-2)': 'int32',
  'NUMBER(9,-2)': 'int64',
  INTEGER: { kind: 'decimal', precision: 38, scale: 0 },
  'DECIMAL(5)': 'int32',
  DECIMAL: { kind: 'decimal', precision: 38, scale: 0 },
  'FLOAT(126)': { kind: 'decimal' },
  BINARY_FLOAT: 'float64',
  BINARY_DOUBLE: 'float64',
  BOOLEAN: 'boolean',
  'VARCHAR2(40 BYTE)': { kind: 'string', length: 40 },
  'NVARCHAR2(40)': { kind: 'string', length: 40 },
  CHAR: { kind: 'string', length: 1 },
  'NCHAR(4)': { kind: 'string', length: 4 },
  LONG: 'string',
  CLOB: 'string',
  NCLOB: 'string',
  BLOB: 'bytes',
  'RAW(16)': 'bytes',
  'LONG RAW': 'bytes',
  DATE: 'timestamp',
  'TIMESTAMP(6)': 'timestamp',
  'TIMESTAMP(6) WITH TIME ZONE': 'instant',
  'TIMESTAMP(6) WITH LOCAL TIME ZONE': 'instant',
  'TIMESTAMP WITH TZ': 'instant',
  'INTERVAL DAY(2) TO SECOND(6)': 'string',
  'INTERVAL YEAR(2) TO MONTH': 'string',
  ROWID: 'string',
  'UROWID(4000)': 'string',
  XMLTYPE: 'string',
  JSON: 'json',
};

describe('types of Oracle', () => {
  it('mean the narrowest of our types that holds all of their values', () => {
    for (const [declared, meant] of Object.entries(TYPES)) {
      const { type } = knownType(declared);
      assert.equal(
        typeText(type),
        typeText(typeof meant === 'string' ? Object({ kind: meant }) : meant),
        declared,
      );
    }
    assert.deepEqual(['BFILE', 'VECTOR(3, *)', 'DATE'].map(isShown), [false, false, true]);
  });

  it('values decode exactly, or not at all', () => {
    const { typeOf } = oracleDialect({ charset: 'AL32UTF8', version: 12 });
    const decoded = (declared: string, stored: unknown) =>
      decoderOf(columnOf({ name: 'x', type: declared, nullable: true, trusted: true }, 'x', {}, typeOf))(
        stored,
      );
    for (const [declared, stored, value] of [
      ['NUMBER', '.5', '0.5'],
      ['NUMBER', '-12345678901234567890123456789.5', '-12345678901234567890123456789.5'],
      ['NUMBER', '-1e126', undefined],
      ['NUMBER(9,2)', '7', '7.00'],
      ['NUMBER(9,2)', '7.001', undefined],
      ['NUMBER(9)', '-7', -7],
      ['NUMBER(18)', '999999999999999999', 999_999_999_999_999_999n],
      ['BINARY_FLOAT', Math.fround(0.1), 0.1],
      ['CHAR(4 BYTE)', 'ab  ', 'ab'],
      ['CHAR(4 BYTE)', '    ', ''],
      ['VARCHAR2(4 BYTE)', 'ab  ', 'ab  '],
      ['DATE', ' 2024-02-29T10:00:00', '2024-02-29T10:00:00'],
      ['DATE', '-0044-03-15T00:00:00', undefined],
      ['TIMESTAMP(9)', ' 2024-02-29T10:00:00.120000000', '2024-02-29T10:00:00.12'],
      ['TIMESTAMP(6) WITH TIME ZONE', ' 2024-02-29T10:00:00.000000000Z', '2024-02-29T10:00:00Z'],
      ['JSON', '{"n":0.1}', { n: 0.1 }],
      ['JSON', '{', undefined],
      ['NUMBER', null, null],
    ] as const) {
      assert.deepEqual(decoded(declared, stored), value, `${declared} ${String(stored)}`);
    }
  });
});
