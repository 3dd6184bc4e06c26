import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseCopybook } from '../../../src/codec/copybook/parse.ts';
import { fixed, itemOf, shownTree } from './shown.ts';

describe('PICTURE', () => {
  const pictures: readonly (readonly [string, string, number, number, number, boolean])[] = [
    ['X', 'alphanumeric', 1, 0, 0, false],
    ['X(10)', 'alphanumeric', 10, 0, 0, false],
    ['xx(2)x', 'alphanumeric', 4, 0, 0, false],
    ['A(3)', 'alphabetic', 3, 0, 0, false],
    ['A9X', 'alphanumeric', 3, 0, 0, false],
    ['A(2)9(3)', 'alphanumeric', 5, 0, 0, false],
    ['9', 'numeric', 1, 1, 0, false],
    ['9(08)', 'numeric', 8, 8, 0, false],
    ['S9(9)V99', 'numeric', 11, 11, 2, true],
    ['s9(9)v9(2)', 'numeric', 11, 11, 2, true],
    ['SV9(7)', 'numeric', 7, 7, 7, true],
    ['9(5)V', 'numeric', 5, 5, 0, false],
    ['9(18)', 'numeric', 18, 18, 0, false],
    ['9(8).9(2)', 'edited', 11, 10, 2, false],
    ['.99', 'edited', 3, 2, 2, false],
  ];
  for (const [text, category, positions, digits, scale, signed] of pictures) {
    it(`${text} is ${category} with ${positions} positions, ${digits} digits, scale ${scale}`, () => {
      assert.deepEqual(itemOf(`05 A PIC ${text}.`).picture, {
        text,
        category,
        positions,
        digits,
        scale,
        signed,
      });
    });
  }

  it('may be spelled PIC, PICTURE, and with IS', () => {
    for (const clause of ['PIC X(3)', 'PIC IS X(3)', 'PICTURE X(3)', 'picture is X(3)']) {
      assert.equal(itemOf(`05 A ${clause}.`).picture?.positions, 3);
    }
  });

  it('keeps a decimal point inside and gives the last point to the entry', () => {
    assert.deepEqual(shownTree(fixed('05 A PIC 9(3).99.', '05 B PIC 9.')), [
      '1 -',
      '  5 A 9(3).99',
      '  5 B 9',
    ]);
  });
});

describe('USAGE', () => {
  const words: Readonly<Record<string, string>> = {
    DISPLAY: 'display',
    COMP: 'comp',
    COMPUTATIONAL: 'comp',
    'COMP-4': 'comp',
    'COMPUTATIONAL-4': 'comp',
    BINARY: 'comp',
    'COMP-3': 'comp-3',
    'COMPUTATIONAL-3': 'comp-3',
    'PACKED-DECIMAL': 'comp-3',
    'packed-decimal': 'comp-3',
  };
  for (const [word, usage] of Object.entries(words)) {
    it(`${word} is ${usage}, with and without USAGE and IS, before and behind the PICTURE`, () => {
      for (const clauses of [
        `PIC 9 ${word}`,
        `PIC 9 USAGE ${word}`,
        `USAGE IS ${word} PIC 9`,
        `${word} PIC 9`,
      ]) {
        assert.equal(itemOf(`05 A ${clauses}.`).usage, usage);
      }
    });
  }

  it('of a group holds for everything below it', () => {
    assert.deepEqual(
      shownTree(fixed('01 R.', '05 G COMP-3.', '10 A PIC 9.', '10 H.', '15 B PIC 9 COMP-3.', '05 C PIC 9.')),
      ['1 R', '  5 G comp-3', '    10 A 9 comp-3', '    10 H comp-3', '      15 B 9 comp-3', '  5 C 9'],
    );
  });
});

describe('OCCURS', () => {
  it('has a fixed number, with or without TIMES', () => {
    assert.deepEqual(itemOf('05 A PIC X OCCURS 3 TIMES.').occurs, { min: 3, max: 3 });
    assert.deepEqual(itemOf('05 A OCCURS 12 PIC X.').occurs, { min: 12, max: 12 });
  });

  it('depends on an integer before it, whose name is given as it was declared', () => {
    const text = fixed(
      '01 R.',
      '05 Cnt PIC 9(3) COMP-3.',
      '05 T OCCURS 0 TO 80 TIMES DEPENDING ON CNT PIC X.',
    );
    assert.deepEqual(shownTree(text), ['1 R', '  5 Cnt 9(3) comp-3', '  5 T X 0..80 by Cnt']);
  });

  it('without TO has at least one occurrence when it depends on a counter', () => {
    const text = fixed('01 R.', '05 N PIC 9.', '05 T PIC X OCCURS 9 DEPENDING N.');
    assert.deepEqual(shownTree(text), ['1 R', '  5 N 9', '  5 T X 1..9 by N']);
  });

  it('may name keys and indexes, which say nothing about bytes, and go on with other clauses', () => {
    const keys = 'ASCENDING KEY IS K, L DESCENDING M';
    const clauses = `OCCURS 5 TIMES\n${fixed(keys, 'INDEXED BY I-1 I-2 PIC 9 COMP')}`;
    const item = itemOf(`05 T ${clauses}.`);
    assert.deepEqual([item.occurs, item.usage, item.picture?.text], [{ min: 5, max: 5 }, 'comp', '9']);
  });
});

describe('REDEFINES', () => {
  it('names the item before it, not counting other redefinitions of it', () => {
    const text = fixed(
      '01 R.',
      '05 A PIC X(4).',
      '05 B REDEFINES A PIC 9(4).',
      '05 FILLER REDEFINES a.',
      '10 C PIC XX.',
      '05 D REDEFINES B PIC X.',
    );
    assert.deepEqual(shownTree(text), [
      '1 R',
      '  5 A X(4)',
      '  5 B 9(4) over A',
      '  5 - over A',
      '    10 C XX',
      '  5 D X over B',
    ]);
  });

  it('of a repeated name means the nearest', () => {
    const text = fixed('01 R.', '05 A PIC X.', '05 A PIC XX.', '05 B REDEFINES A PIC 9.');
    assert.equal(parseCopybook(text).records[0]?.children[2]?.redefines, 'A');
  });

  it('may stand on level 01', () => {
    assert.deepEqual(shownTree(fixed('01 A PIC X(4).', '01 B REDEFINES A.', '05 C PIC 9(4).')), [
      '1 A X(4)',
      '1 B over A',
      '  5 C 9(4)',
    ]);
  });
});

describe('VALUE', () => {
  const literals: readonly (readonly [string, object])[] = [
    ["'it''s'", { kind: 'text', text: "it's" }],
    ['"say ""a"""', { kind: 'text', text: 'say "a"' }],
    ["''", { kind: 'text', text: '' }],
    ["'05 B. PIC ; *> X'", { kind: 'text', text: '05 B. PIC ; *> X' }],
    ['12', { kind: 'number', text: '12' }],
    ['-1.50', { kind: 'number', text: '-1.50' }],
    ['.5', { kind: 'number', text: '.5' }],
    ['ZEROES', { kind: 'figurative', word: 'zero' }],
    ['spaces', { kind: 'figurative', word: 'space' }],
    ['LOW-VALUES', { kind: 'figurative', word: 'low-value' }],
    ['HIGH-VALUE', { kind: 'figurative', word: 'high-value' }],
    ['QUOTE', { kind: 'figurative', word: 'quote' }],
  ];
  for (const [written, literal] of literals) {
    it(`${written} is ${JSON.stringify(literal)}`, () => {
      assert.deepEqual(itemOf(`05 A PIC X VALUE ${written}.`).value, literal);
      assert.deepEqual(itemOf(`05 A VALUE IS ${written} PIC X.`).value, literal);
    });
  }
});

describe('level 88', () => {
  it('belongs to the item before it and holds values and ranges', () => {
    const text = fixed(
      '01 R.',
      '05 A PIC X.',
      "88 YES VALUE 'Y'.",
      "88 LETTER VALUES ARE 'A' THRU 'I', 'J' THROUGH 'R' SPACE.",
      '05 B PIC 99.',
      '   88 LOW VALUE 1 THRU 9 20.',
    );
    const [a, b] = parseCopybook(text).records[0]?.children ?? [];
    const place = (line: number, column: number) => ({ line, column });
    assert.deepEqual(a?.conditions, [
      { name: 'YES', values: [{ from: { kind: 'text', text: 'Y' } }], place: place(3, 8) },
      {
        name: 'LETTER',
        values: [
          { from: { kind: 'text', text: 'A' }, to: { kind: 'text', text: 'I' } },
          { from: { kind: 'text', text: 'J' }, to: { kind: 'text', text: 'R' } },
          { from: { kind: 'figurative', word: 'space' } },
        ],
        place: place(4, 8),
      },
    ]);
    assert.deepEqual(b?.conditions, [
      {
        name: 'LOW',
        values: [
          { from: { kind: 'number', text: '1' }, to: { kind: 'number', text: '9' } },
          { from: { kind: 'number', text: '20' } },
        ],
        place: place(6, 11),
      },
    ]);
  });
});
