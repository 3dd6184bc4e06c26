import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCopybook } from '../../../src/codec/copybook/parse.ts';
import { fixed, itemOf, shownTree } from './shown.ts';

describe('VALUE of national and double-byte items', () => {
  it('is a literal with N, NX or G', () => {
    assert.deepEqual(itemOf("05 A PIC N(2) VALUE N'AB'.").value, { kind: 'national', text: 'AB' });
    assert.deepEqual(itemOf("05 A PIC N(2) VALUE NX'00C40042'.").value, { kind: 'national', text: 'ÄB' });
    assert.deepEqual(itemOf("05 A PIC G(2) VALUE G'\u000e全角\u000f'.").value, {
      kind: 'dbcs',
      text: '全角',
    });
  });
});

describe('SIGN', () => {
  const signs: readonly (readonly [string, boolean, boolean])[] = [
    ['SIGN IS LEADING SEPARATE CHARACTER', true, true],
    ['SIGN TRAILING SEPARATE', false, true],
    ['LEADING', true, false],
    ['SIGN IS TRAILING', false, false],
  ];
  for (const [clause, leading, separate] of signs) {
    it(`${clause} is ${leading ? 'leading' : 'trailing'}${separate ? ', separate' : ''}`, () => {
      assert.deepEqual(itemOf(`05 A PIC S9(3) ${clause}.`).sign, { leading, separate });
      assert.deepEqual(itemOf(`05 A ${clause} PIC S9(3).`).sign, { leading, separate });
    });
  }

  it('of a group holds for the signed numbers of USAGE DISPLAY below it, the nearest before others', () => {
    const text = fixed(
      '01 R SIGN LEADING.',
      '05 A PIC S9.',
      '05 G SIGN IS TRAILING SEPARATE.',
      '10 B PIC S9.',
      '10 C PIC 9.',
      '10 D PIC S9 COMP-3.',
      '10 E PIC X.',
      '10 F PIC S9 LEADING SEPARATE.',
    );
    const [a, g] = parseCopybook(text).records[0]?.children ?? [];
    assert.deepEqual(a?.sign, { leading: true, separate: false });
    const separate = { leading: false, separate: true };
    assert.deepEqual(
      g?.children.map(({ sign }) => sign),
      [separate, undefined, undefined, undefined, { leading: true, separate: true }],
    );
  });

  it('makes a number signed whose PICTURE has no S, as copybooks in the field have it', () => {
    const { picture, sign } = itemOf('05 A PIC 99V99 SIGN IS LEADING SEPARATE.');
    assert.deepEqual([picture?.signed, sign], [true, { leading: true, separate: true }]);
  });
});

describe('other clauses', () => {
  it('SYNCHRONIZED holds for an item, and for everything below a group', () => {
    assert.equal(itemOf('05 A PIC S9(4) COMP SYNC RIGHT.').synchronized, true);
    const text = fixed('01 R SYNCHRONIZED.', '05 G.', '10 A PIC 9 COMP.');
    assert.equal(parseCopybook(text).records[0]?.children[0]?.children[0]?.synchronized, true);
  });

  it('JUSTIFIED RIGHT and BLANK WHEN ZERO may leave out words', () => {
    for (const clause of ['JUST', 'JUSTIFIED', 'JUSTIFIED RIGHT']) {
      assert.equal(itemOf(`05 A PIC X(3) ${clause}.`).justified, true);
    }
    for (const clause of ['BLANK ZERO', 'BLANK WHEN ZEROES', 'BLANK WHEN ZEROS']) {
      assert.equal(itemOf(`05 A ${clause} PIC 9(3).`).blankWhenZero, true);
    }
  });

  it('EXTERNAL, GLOBAL, VOLATILE and BASED say nothing about bytes', () => {
    const text = fixed("01 R IS GLOBAL EXTERNAL AS 'R1' VOLATILE BASED.", '05 A PIC X.');
    assert.deepEqual(shownTree(text), ['1 R', '  5 A X']);
  });

  it('words that only some compilers reserve are names', () => {
    const names = ['TYPE', 'DATE', 'FORMAT', 'PROPERTY', 'VOLATILE', 'LIKE', 'DYNAMIC'];
    const text = fixed('01 R.', ...names.map((name) => `05 ${name} PIC X.`));
    assert.deepEqual(
      parseCopybook(text).records[0]?.children.map(({ name }) => name),
      names,
    );
  });
});

describe('level 66', () => {
  it('renames items of its record', () => {
    const text = fixed(
      '01 R.',
      '05 G.',
      '10 First PIC X.',
      '10 B PIC X.',
      '05 C PIC X.',
      '66 D RENAMES FIRST OF G THRU C.',
      '66 E RENAMES B.',
      '01 S PIC X.',
    );
    const [r, s] = parseCopybook(text).records;
    const place = (line: number, column: number) => ({ line, column });
    assert.deepEqual(r?.renames, [
      {
        name: 'D',
        from: { name: 'First', of: ['G'], place: place(6, 21) },
        through: { name: 'C', of: [], place: place(6, 37) },
        place: place(6, 8),
      },
      { name: 'E', from: { name: 'B', of: [], place: place(7, 21) }, place: place(7, 8) },
    ]);
    assert.equal(s?.renames, undefined);
  });
});

describe('constants', () => {
  it('of level 78 and CONSTANT stand for numbers in OCCURS and PICTURE, and for literals in VALUE', () => {
    const text = fixed(
      '78 FEW VALUE 4.',
      '78 MANY VALUE FEW + 10 - 2.',
      '01 LEN CONSTANT AS 8.',
      "78 BLANKS VALUE IS '--'.",
      '01 R.',
      '05 A PIC X(len) OCCURS MANY TIMES VALUE BLANKS.',
      '88 B VALUE BLANKS THRU "99".',
    );
    const item = parseCopybook(text).records[0]?.children[0];
    assert.deepEqual(
      [item?.picture?.positions, item?.occurs, item?.value],
      [8, { min: 12, max: 12 }, { kind: 'text', text: '--' }],
    );
    assert.deepEqual(item?.conditions[0]?.values[0]?.from, { kind: 'text', text: '--' });
  });
});

describe('TYPEDEF', () => {
  it('stands for what it describes, and is no record', () => {
    const text = fixed(
      '01 MONEY IS TYPEDEF PIC S9(7)V99 COMP-3.',
      '01 PERSON TYPEDEF STRONG.',
      '05 NAME PIC X(20).',
      '05 PAY TYPE MONEY.',
      '01 R.',
      '03 BOSS TYPE TO PERSON.',
      '03 STAFF TYPE PERSON OCCURS 3.',
    );
    assert.deepEqual(shownTree(text), [
      '1 R',
      '  3 BOSS',
      '    5 NAME X(20)',
      '    5 PAY S9(7)V99 comp-3',
      '  3 STAFF 3..3',
      '    5 NAME X(20)',
      '    5 PAY S9(7)V99 comp-3',
    ]);
  });
});

describe('level 88', () => {
  it('has a value for FALSE, hexadecimal values, and may stand on a group', () => {
    const text = fixed(
      '01 R.',
      "88 EMPTY VALUE SPACES WHEN SET TO FALSE IS '-'.",
      '05 A PIC 9.',
      '88 ODD VALUE 1 3 5 7 9 FALSE 0.',
      '05 B PIC X.',
      "88 HEX VALUES X'00' X'FE' THRU X'FF'.",
    );
    const [record] = parseCopybook(text).records;
    const [empty] = record?.conditions ?? [];
    assert.deepEqual(empty?.values, [{ from: { kind: 'figurative', word: 'space' } }]);
    assert.deepEqual(empty?.whenFalse, { kind: 'text', text: '-' });
    assert.deepEqual(record?.children[0]?.conditions[0]?.whenFalse, { kind: 'number', text: '0' });
    assert.deepEqual(record?.children[1]?.conditions[0]?.values, [
      { from: { kind: 'hex', hex: '00' } },
      { from: { kind: 'hex', hex: 'FE' }, to: { kind: 'hex', hex: 'FF' } },
    ]);
  });

  it('may list its values over lines, with commas that no blank follows', () => {
    const text = fixed('05 A PIC 99.', '88 B VALUES 01,02,03', '10 THRU 19', '20, 30.', '05 C PIC X.');
    assert.equal(parseCopybook(text).records[0]?.children[0]?.conditions[0]?.values.length, 6);
  });
});
