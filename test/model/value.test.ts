import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Fault } from '../../src/fault.ts';
import type { Scalar } from '../../src/model/type.ts';
import { cellAt, fromJson, parseScalar, toJson, valueAt } from '../../src/model/value.ts';

const decimal: Scalar = { kind: 'decimal', precision: 11, scale: 2 };

describe('value', () => {
  it('a member that is not there is not what every object inherits', () => {
    const type = { kind: 'string' } as const;
    const fields = ['constructor', 'toString', '__proto__'].map((name) => ({ name, type }));
    for (const { name } of fields) {
      assert.equal(cellAt({}, name), null);
      assert.equal(cellAt({ group: {} }, `group.${name}`), null);
      assert.deepEqual(toJson({ kind: 'object', name: 'T', fields }, { [name]: 'A' }), { [name]: 'A' });
    }
    assert.deepEqual(toJson({ kind: 'object', name: 'T', fields }, {}), {});
  });

  it('each scalar has one JSON form', () => {
    assert.equal(toJson({ kind: 'int32' }, 7), 7);
    assert.equal(toJson({ kind: 'int64' }, 9_007_199_254_740_993n), '9007199254740993');
    assert.equal(toJson(decimal, '1.50'), '1.50');
    assert.equal(toJson({ kind: 'bytes' }, new Uint8Array([0xc1, 0x00])), 'wQA=');
    assert.equal(toJson({ kind: 'float64' }, Number.NaN), 'NaN');
    assert.deepEqual(toJson({ kind: 'list', of: { kind: 'int64' } }, [1n, null]), ['1', null]);
    assert.deepEqual(
      toJson(
        {
          kind: 'object',
          name: 'T',
          fields: [
            { name: 'b', type: { kind: 'int32' } },
            { name: 'a', type: decimal },
          ],
        },
        { a: '1.00', b: 2 },
      ),
      { b: 2, a: '1.00' },
    );
  });

  it('a cell that could not be decoded throws its fault when it is used', () => {
    const fault = new Fault('corrupt', 'bad digit');
    assert.throws(() => toJson({ kind: 'int32' }, fault), fault);
    assert.throws(() => valueAt({ group: { field: fault } }, 'group.field'), fault);
    assert.equal(cellAt({ group: fault }, 'group.field'), fault);
    assert.equal(cellAt({ group: null }, 'group.field'), null);
  });

  it('text becomes a value only if the type can hold it', () => {
    assert.equal(parseScalar({ kind: 'int32' }, '2147483647'), 2_147_483_647);
    assert.equal(parseScalar({ kind: 'int32' }, '2147483648'), undefined);
    assert.equal(parseScalar({ kind: 'int64' }, '-9223372036854775808'), -9_223_372_036_854_775_808n);
    assert.equal(parseScalar({ kind: 'int64' }, '9223372036854775808'), undefined);
    assert.equal(parseScalar({ kind: 'int64' }, '1.0'), undefined);
    assert.equal(parseScalar(decimal, '1.5'), '1.50');
    assert.equal(parseScalar(decimal, '1.505'), '1.505', 'a filter may compare with a finer number');
    assert.equal(parseScalar({ kind: 'boolean' }, 'TRUE'), undefined);
    assert.equal(parseScalar({ kind: 'enum', name: 'E', values: ['A'] }, 'B'), undefined);
    assert.equal(parseScalar({ kind: 'float64' }, ''), undefined);
    assert.equal(parseScalar({ kind: 'float64' }, '-1e309'), undefined);
    assert.equal(parseScalar({ kind: 'float64' }, '-Infinity'), Number.NEGATIVE_INFINITY);
    assert.equal(parseScalar({ kind: 'string' }, '007'), '007');
  });

  it('days and times that do not exist are refused, the others made canonical', () => {
    assert.equal(parseScalar({ kind: 'date' }, '2023-02-29'), undefined);
    assert.equal(parseScalar({ kind: 'date' }, '2024-02-29'), '2024-02-29');
    assert.equal(parseScalar({ kind: 'date' }, '20240229'), undefined);
    assert.equal(parseScalar({ kind: 'time' }, '23:59:59.500'), '23:59:59.5');
    assert.equal(parseScalar({ kind: 'time' }, '23:59:60'), undefined);
    assert.equal(parseScalar({ kind: 'timestamp' }, '2024-02-29T24:00:00'), undefined);
    assert.equal(
      parseScalar({ kind: 'timestamp' }, '2024-02-29T12:00:00Z'),
      undefined,
      'a zone is not dropped in silence',
    );
    assert.equal(parseScalar({ kind: 'instant' }, '2024-02-29T12:00:00+02:00'), '2024-02-29T10:00:00Z');
    assert.equal(parseScalar({ kind: 'instant' }, '2024-02-29T12:00:00'), undefined);
  });

  it('a JSON number is taken only while it is certain to be what was written', () => {
    assert.equal(fromJson({ kind: 'int64' }, 9_007_199_254_740_992), undefined);
    assert.equal(fromJson({ kind: 'int64' }, '9007199254740993'), 9_007_199_254_740_993n);
    assert.equal(fromJson(decimal, 100.5), '100.50');
    assert.equal(fromJson(decimal, 1_234_567_890_123_456), undefined);
    assert.equal(fromJson({ kind: 'string' }, 7), undefined);
    assert.equal(fromJson({ kind: 'int32' }, '7'), 7);
    assert.equal(fromJson({ kind: 'boolean' }, 'true'), undefined);
  });
});
