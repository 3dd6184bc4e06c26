import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareText, compareValues, convert } from '../../src/model/comparison.ts';
import type { Scalar } from '../../src/model/type.ts';
import { scalarText } from '../../src/model/value.ts';

const decimal: Scalar = { kind: 'decimal', precision: 11, scale: 2 };

describe('comparison', () => {
  it('text orders by Unicode code points, also beyond U+FFFF', () => {
    const sorted = ['', ' ', 'A', 'Z', 'a', 'ä', '\ufffd', '\u{1f600}'];
    for (const [i, a] of sorted.entries()) {
      for (const [j, b] of sorted.entries())
        assert.equal(Math.sign(compareText(a, b)), Math.sign(i - j), `${a} ${b}`);
    }
  });

  it('instants order by time whatever their fractions', () => {
    const type: Scalar = { kind: 'instant' };
    assert.ok(compareValues(type, '2024-01-01T00:00:05Z', '2024-01-01T00:00:05.5Z') < 0);
    assert.ok(compareValues(decimal, '-10.00', '-9.99') < 0);
  });

  it('values cross between types of a family, and only where the other type can hold them', () => {
    assert.equal(convert({ kind: 'int32' }, { kind: 'int64' }, 7), 7n);
    assert.equal(convert({ kind: 'int64' }, { kind: 'int32' }, 2n ** 40n), undefined);
    assert.equal(convert({ kind: 'decimal', precision: 9, scale: 2 }, { kind: 'int32' }, '7.00'), 7);
    assert.equal(convert({ kind: 'decimal', precision: 9, scale: 2 }, { kind: 'int32' }, '7.50'), undefined);
    assert.equal(convert({ kind: 'string' }, { kind: 'int32' }, '7'), undefined);
    assert.equal(scalarText(decimal, '100.00'), '100', 'equal values have equal text');
  });
});
