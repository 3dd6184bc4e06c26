import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  compareDecimal,
  digitsOf,
  fromScaled,
  parseDecimal,
  rescale,
  toScaled,
} from '../../src/model/decimal.ts';
import { random } from '../random.ts';

describe('decimal', () => {
  it('a literal becomes canonical and keeps its scale', () => {
    const cases: readonly (readonly [string, string | undefined])[] = [
      ['007.50', '7.50'],
      ['-0.00', '0.00'],
      ['+12', '12'],
      ['.5', '0.5'],
      ['5.', '5'],
      ['-00012345678901234567890.123456789', '-12345678901234567890.123456789'],
      ['1e3', undefined],
      ['', undefined],
      ['.', undefined],
      ['1.2.3', undefined],
      ['１', undefined],
    ];
    for (const [text, canonical] of cases) assert.equal(parseDecimal(text), canonical, text);
  });

  it('rescaling adds zeros and refuses to lose a digit', () => {
    assert.equal(rescale('1.5', 2), '1.50');
    assert.equal(rescale('1.500', 1), '1.5');
    assert.equal(rescale('1.55', 1), undefined);
    assert.equal(rescale('-3', 0), '-3');
  });

  it('scaled integers go there and back', () => {
    assert.equal(fromScaled(12345n, 2), '123.45');
    assert.equal(fromScaled(-5n, 3), '-0.005');
    assert.equal(fromScaled(0n, 2), '0.00');
    assert.equal(toScaled('-0.005', 3), -5n);
    assert.equal(toScaled('0.0051', 3), undefined);
  });

  it('comparison is by value and agrees with exact integers', () => {
    assert.equal(compareDecimal('1.0', '1.00'), 0);
    const dice = random(7);
    for (let i = 0; i < 2_000; i++) {
      const a = BigInt(dice.int(2_000_000)) - 1_000_000n;
      const b = dice.chance(0.1) ? a : BigInt(dice.int(2_000_000)) - 1_000_000n;
      const order = Math.sign(compareDecimal(fromScaled(a, 3), fromScaled(b, 3)));
      assert.equal(order, a < b ? -1 : a > b ? 1 : 0, `${a} ${b}`);
    }
  });

  it('digits are counted without insignificant zeros', () => {
    assert.deepEqual(digitsOf('0012.500'), [2, 1]);
    assert.deepEqual(digitsOf('0.05'), [0, 2]);
  });
});
