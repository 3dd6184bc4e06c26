import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Scalar, Value } from '#spi';
import { decoderOf } from '../../../adapters/sqlite/cells.ts';
import { affinityOf, typeOf } from '../../../adapters/sqlite/types.ts';

describe('SQLite types', () => {
  it('a declared type has the affinity of SQLite’s rules, in their order', () => {
    const of = (types: readonly string[]) => types.map(affinityOf);
    assert.deepEqual(of(['INTEGER', 'VARCHAR(3)', 'CLOB', '', 'BLOB', 'double', 'DECIMAL(5,2)', 'DATE']), [
      'integer',
      'text',
      'text',
      'blob',
      'blob',
      'real',
      'numeric',
      'numeric',
    ]);
    // The surprises of section 3.1.1: "FLOATING POINT" holds INT, "CHARINT" is an integer, "STRING" is numeric.
    assert.deepEqual(of(['FLOATING POINT', 'CHARINT', 'STRING']), ['integer', 'integer', 'numeric']);
  });

  it('declared types have meanings, in any case and with any blanks', () => {
    const cases: readonly (readonly [string, Scalar])[] = [
      ['integer', { kind: 'int64' }],
      ['Int', { kind: 'int32' }],
      ['DECIMAL(11, 2)', { kind: 'decimal', precision: 11, scale: 2 }],
      ['NUMERIC(10)', { kind: 'decimal', precision: 10, scale: 0 }],
      ['double  precision', { kind: 'float64' }],
      ['varchar(20)', { kind: 'string', length: 20 }],
      ['TEXT', { kind: 'string' }],
      ['DATE', { kind: 'date' }],
      ['datetime', { kind: 'timestamp' }],
      ['TIMESTAMP WITH TIME ZONE', { kind: 'instant' }],
      ['BOOLEAN', { kind: 'boolean' }],
      ['BLOB', { kind: 'bytes' }],
      ['constructor', { kind: 'string' }],
      ['', { kind: 'string' }],
    ];
    for (const [declared, type] of cases) assert.deepEqual(typeOf(declared).type, type, declared);
    assert.equal(typeOf('CHAR(4)').padded, true);
    assert.match(typeOf('NUMERIC').note ?? '', /without a scale/);
    assert.match(typeOf('GEOMETRY').note ?? '', /GEOMETRY/);
  });
});

describe('stored values of SQLite', () => {
  const decimal: Scalar = { kind: 'decimal', precision: 11, scale: 2 };
  const kinds = (
    kind:
      | 'int32'
      | 'int64'
      | 'float64'
      | 'boolean'
      | 'date'
      | 'time'
      | 'timestamp'
      | 'instant'
      | 'bytes'
      | 'string',
  ) => ({ kind }) as const;
  /** Undefined: does not fit. */
  const CASES: readonly (readonly [Scalar, unknown, Value | undefined])[] = [
    [kinds('int32'), 2147483647n, 2147483647],
    [kinds('int32'), 2147483648n, undefined],
    [kinds('int32'), 5.5, undefined],
    [kinds('int32'), '5', undefined],
    [kinds('int64'), 9223372036854775807n, 9223372036854775807n],
    [kinds('boolean'), 1n, true],
    [kinds('boolean'), 2n, undefined],
    [kinds('boolean'), 'true', undefined],
    [kinds('float64'), 0.1, 0.1],
    [kinds('float64'), 7n, 7],
    [kinds('float64'), 9007199254740993n, undefined],
    [decimal, 12n, '12.00'],
    [decimal, 12.34, '12.34'],
    [decimal, -0.01, '-0.01'],
    [decimal, -0, '0.00'],
    [decimal, 0.1 + 0.2, undefined],
    [decimal, 12.345, undefined],
    [decimal, 1234567890123456.5, undefined],
    [decimal, 1e300, undefined],
    [decimal, Number.POSITIVE_INFINITY, undefined],
    [decimal, '12.3', '12.30'],
    [decimal, '12.345', undefined],
    [decimal, '1,5', undefined],
    [decimal, new Uint8Array([1]), undefined],
    [kinds('date'), '2024-02-29', '2024-02-29'],
    [kinds('date'), '2023-02-29', undefined],
    [kinds('date'), '+002024-02-29', undefined],
    [kinds('date'), '20240229', undefined],
    [kinds('date'), 20240229n, undefined],
    [kinds('timestamp'), '2024-02-29 10:00', '2024-02-29T10:00:00'],
    [kinds('timestamp'), '2024-02-29T10:00:00.500', '2024-02-29T10:00:00.5'],
    [kinds('timestamp'), '2024-02-29 10:00:00Z', undefined],
    [kinds('timestamp'), '2024-02-29 24:00:00', undefined],
    [kinds('timestamp'), '2024-02-29 23:59:60', undefined],
    [kinds('timestamp'), '2024-02-29', undefined],
    [kinds('time'), '10:00', '10:00:00'],
    [kinds('time'), '25:00', undefined],
    [kinds('instant'), '2024-02-29 10:00:00+01:00', '2024-02-29T09:00:00Z'],
    [kinds('instant'), '2024-02-29 10:00:00', undefined],
    [kinds('bytes'), 'x', undefined],
    [kinds('string'), 'a\0b  ', 'a\0b  '],
    [kinds('string'), 5n, undefined],
    // What the driver makes of bytes that are no UTF-8.
    [kinds('string'), 'M\ufffdller', undefined],
  ];
  for (const [type, stored, value] of CASES) {
    const shown = typeof stored === 'bigint' ? `${stored}n` : JSON.stringify(stored);
    it(`${shown} as ${type.kind} ${value === undefined ? 'does not fit' : `is ${String(value)}`}`, () => {
      assert.deepEqual(decoderOf(type, false)(stored), value);
    });
  }

  it('null is null in every type, and only blanks at the end are padding', () => {
    assert.equal(decoderOf(decimal, false)(null), null);
    assert.equal(decoderOf(kinds('string'), true)(' a b\t  '), ' a b\t');
    const blanks = `x${' '.repeat(200_000)}y`;
    assert.equal(decoderOf(kinds('string'), true)(blanks), blanks);
  });
});
