import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCopybook } from '../../../src/codec/copybook/parse.ts';
import type { EditPosition, Picture } from '../../../src/codec/copybook/tree.ts';
import { fixed } from './shown.ts';

interface Notation {
  readonly decimalComma?: boolean;
  readonly currency?: Readonly<Record<string, string>>;
}

function pictureOf(text: string, notation: Notation = {}): Picture {
  const picture = parseCopybook(fixed(`01 A PIC ${text}.`), notation).records[0]?.picture;
  if (picture === undefined) throw new Error('there is no picture');
  return picture;
}

/** One letter a position: what a person would write, the implied point as V. */
function shown(positions: readonly EditPosition[] = []): string {
  const one = (position: EditPosition): string => {
    switch (position.kind) {
      case 'digit':
        return '9';
      case 'character':
        return 'X';
      case 'currency':
        return '$';
      case 'implied-point':
        return 'V';
      case 'float':
        return position.symbol === 'currency' ? 'f$' : `f${position.symbol}`;
      case 'point':
        return `p${position.symbol}`;
      case 'insert':
        return position.symbol === ' ' ? 'B' : position.symbol;
      default:
        return position.symbol;
    }
  };
  return positions.map(one).join(' ');
}

describe('an edited number', () => {
  const pictures: readonly (readonly [string, number, number, number, boolean, string])[] = [
    ['ZZ9', 3, 3, 0, false, 'Z Z 9'],
    ['Z(3),ZZ9.99', 10, 8, 2, false, 'Z Z Z , Z Z 9 p. 9 9'],
    ['ZZZ.ZZ', 6, 5, 2, false, 'Z Z Z p. Z Z'],
    ['Z(8)-', 9, 8, 0, true, 'Z Z Z Z Z Z Z Z -'],
    ['Z(2)VZZ-', 5, 4, 2, true, 'Z Z V Z Z -'],
    ['**9', 3, 3, 0, false, '* * 9'],
    ['+9(4).99', 8, 6, 2, true, '+ 9 9 9 9 p. 9 9'],
    ['-9(3)', 4, 3, 0, true, '- 9 9 9'],
    ['9(3)+', 4, 3, 0, true, '9 9 9 +'],
    ['-(4)9.99', 8, 6, 2, true, 'f- f- f- f- 9 p. 9 9'],
    ['++,+++', 6, 4, 0, true, 'f+ f+ , f+ f+ f+'],
    ['$9(3)', 4, 3, 0, false, '$ 9 9 9'],
    ['$$$,$$9.99CR', 12, 7, 2, true, 'f$ f$ f$ , f$ f$ 9 p. 9 9 CR'],
    ['$$.$$', 5, 3, 2, false, 'f$ f$ p. f$ f$'],
    ['+$ZZ9', 5, 3, 0, true, '+ $ Z Z 9'],
    ['999DB', 5, 3, 0, true, '9 9 9 DB'],
    ['99/99/9999', 10, 8, 0, false, '9 9 / 9 9 / 9 9 9 9'],
    ['99B99', 5, 4, 0, false, '9 9 B 9 9'],
    ['9(2)00', 4, 2, 0, false, '9 9 0 0'],
    ['9,999', 5, 4, 0, false, '9 , 9 9 9'],
    [',99', 3, 2, 0, false, ', 9 9'],
    ['.ZZ', 3, 2, 2, false, 'p. Z Z'],
    ['ZZPP', 2, 2, -2, false, 'Z Z'],
    ['PP9-', 2, 1, 3, true, '9 -'],
  ];
  for (const [text, positions, digits, scale, signed, edit] of pictures) {
    it(`${text} is ${edit}`, () => {
      const picture = pictureOf(text);
      assert.equal(picture.category, 'numeric-edited');
      assert.deepEqual([picture.positions, picture.digits, picture.scale], [positions, digits, scale]);
      assert.equal(picture.signed, signed);
      assert.equal(shown(picture.edit?.positions), edit);
      assert.equal(picture.edit?.currency, '$');
    });
  }

  it('has commas as decimal points under DECIMAL-POINT IS COMMA', () => {
    const picture = pictureOf('ZZ.ZZ9,99', { decimalComma: true });
    assert.equal(shown(picture.edit?.positions), 'Z Z . Z Z 9 p, 9 9');
    assert.equal(picture.scale, 2);
  });

  it('takes as much room as its currency sign', () => {
    const currency = { F: 'FRF', k: 'USD' };
    assert.equal(pictureOf('F9(3)', { currency }).positions, 6);
    const floating = pictureOf('kkk9', { currency });
    assert.deepEqual([floating.positions, floating.digits, floating.edit?.currency], [6, 3, 'USD']);
  });
});

describe('other categories', () => {
  const pictures: readonly (readonly [string, Omit<Picture, 'text' | 'edit'>])[] = [
    ['9(8).9(2)', { ...numberOf(11, 10, 2), category: 'explicit-point', point: '.' }],
    ['.99', { ...numberOf(3, 2, 2), category: 'explicit-point', point: '.' }],
    ['S9(4).99', { ...numberOf(7, 6, 2), signed: true, category: 'explicit-point', point: '.' }],
    ['99PPP', { ...numberOf(2, 2, -3), category: 'numeric' }],
    ['S9(5)P(2)V', { ...numberOf(5, 5, -2), signed: true, category: 'numeric' }],
    ['VPPP99', { ...numberOf(2, 2, 5), category: 'numeric' }],
    ['SPP9(5)', { ...numberOf(5, 5, 7), signed: true, category: 'numeric' }],
    ['S9(38)', { ...numberOf(38, 38, 0), signed: true, category: 'numeric' }],
    ['+9(3).99E+99', { ...numberOf(11, 5, 2), signed: true, category: 'external-float', point: '.' }],
    ['-V9(3)E-99', { ...numberOf(8, 3, 3), signed: true, category: 'external-float', point: '.' }],
    ['N(5)', { ...numberOf(5, 0, 0), category: 'national' }],
    ['G(5)', { ...numberOf(5, 0, 0), category: 'dbcs' }],
    ['U(5)', { ...numberOf(5, 0, 0), category: 'utf-8' }],
  ];
  for (const [text, expected] of pictures) {
    it(`${text} is ${expected.category}`, () => assert.deepEqual(pictureOf(text), { text, ...expected }));
  }

  it('text with B, 0 and / is alphanumeric-edited', () => {
    const { category, positions, digits, edit } = pictureOf('X(2)/A9B0');
    assert.deepEqual([category, positions, digits], ['alphanumeric-edited', 7, 0]);
    assert.equal(shown(edit?.positions), 'X X / X X B 0');
    assert.equal(shown(pictureOf('N(2)/N').edit?.positions), 'X X / X');
  });

  it('a number with a comma has an explicit point under DECIMAL-POINT IS COMMA only', () => {
    assert.equal(pictureOf('9(3),99').category, 'numeric-edited');
    const { category, scale, point } = pictureOf('9(3),99', { decimalComma: true });
    assert.deepEqual([category, scale, point], ['explicit-point', 2, ',']);
  });
});

function numberOf(positions: number, digits: number, scale: number) {
  return { positions, digits, scale, signed: false };
}
